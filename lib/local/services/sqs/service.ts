import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import {
  readJsonBody,
  readOperation,
  stringMember,
  tryStringMember,
  unsupportedOperation,
  upperFirst,
} from '../protocol/aws-json.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { md5, systemAttributes } from './message-attributes.js';
import { type NewMessage, Queue, type QueueSettings } from './queue.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;

type Operation = (queue: Queue, body: JsonObject) => JsonObject | Promise<JsonObject>;

/** An operation's IAM action, where it isn't the operation's own name. */
const ACTIONS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/**
 * Amazon SQS: the template's queues, standard and FIFO, in memory.
 *
 * Visibility, delays, retention and long polling are on the cloud's clock; what is received too often goes to the dead-letter queue. The JSON protocol
 * only, which the AWS clients have spoken since 2023; queues are made by the template only.
 */
export class SqsService implements CloudService {
  readonly names = ['sqs'];
  readonly resourceTypes = ['AWS::SQS::Queue'];
  private readonly queues = new Map<string, Queue>();
  private readonly operations: Readonly<Record<string, Operation>> = {
    SendMessage: (queue, body) => this.send(queue, body),
    SendMessageBatch: (queue, body) => batch(body, (entry) => this.send(queue, entry)),
    ReceiveMessage: (queue, body) => this.receive(queue, body),
    DeleteMessage: (queue, body) => this.delete(queue, body),
    DeleteMessageBatch: (queue, body) => batch(body, (entry) => this.delete(queue, entry)),
    ChangeMessageVisibility: (queue, body) => this.changeVisibility(queue, body),
    ChangeMessageVisibilityBatch: (queue, body) => batch(body, (entry) => this.changeVisibility(queue, entry)),
    GetQueueAttributes: (queue, body) => ({ Attributes: this.attributesOf(queue, body) }),
    PurgeQueue: (queue) => {
      queue.purge();
      return {};
    },
  };

  constructor(private readonly cloud: Cloud) {}

  deploy(resource: Resource): void {
    const settings = readQueue(resource);
    const queue = new Queue(settings, this.cloud.clock, (message) => {
      const { deadLetterArn = '' } = settings.redrive ?? {};
      const deadLetters = this.tryQueue(deadLetterArn);
      if (deadLetters === undefined)
        this.cloud.warn(`${settings.name}: the dead-letter queue ${deadLetterArn} isn't in the app.`);
      deadLetters?.takeOver(message, settings.arn);
    });
    this.queues.set(settings.arn, queue);
  }

  /** A queue of the template. */
  tryQueue(arn: string): Queue | undefined {
    return this.queues.get(arn);
  }

  /** Sends on behalf of another service, under its own permissions. Throws a {@link ServiceError}. */
  deliver(arn: string, message: NewMessage, caller: Caller, sourceArn?: string): void {
    const queue = this.tryQueue(arn) ?? noQueue();
    const context = sourceArn === undefined ? {} : { context: { 'aws:SourceArn': sourceArn } };
    this.cloud.authorize({ caller, action: 'sqs:SendMessage', resource: arn, ...context });
    queue.send(message);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const answer = await this.dispatch(readOperation(request), readJsonBody(request), request.caller);
    return renderJson(answer);
  }

  supports(action: string): string | undefined {
    return Object.hasOwn(this.operations, upperFirst(action)) ? undefined : `the local cloud doesn't run sqs:${action}`;
  }

  call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const body = parameters['MessageBody'];
    const text: JsonObject =
      body === undefined || typeof body === 'string' ? {} : { MessageBody: JSON.stringify(body) };
    return this.dispatch(upperFirst(action), { ...parameters, ...text }, caller);
  }

  private async dispatch(name: string, body: JsonObject, caller: Caller): Promise<JsonObject> {
    if (name === 'ListQueues') return this.list(body, caller);
    if (name === 'GetQueueUrl') return this.urlOf(stringMember(body, 'QueueName'), caller);
    const operation = Object.hasOwn(this.operations, name) ? this.operations[name] : undefined;
    if (operation === undefined) throw unsupportedOperation('sqs', name);
    const queue = this.byUrl(stringMember(body, 'QueueUrl'));
    this.cloud.authorize({ caller, action: `sqs:${ACTIONS[name] ?? name}`, resource: queue.settings.arn });
    return operation(queue, body);
  }

  private send(queue: Queue, body: JsonObject): JsonObject {
    const message = readMessage(queue.settings, body);
    const sent = queue.send(message);
    const sequence: JsonObject = queue.settings.fifo ? { SequenceNumber: String(sent.sequence).padStart(20, '0') } : {};
    return { MessageId: sent.id, MD5OfMessageBody: md5(message.body), ...sequence };
  }

  private async receive(queue: Queue, body: JsonObject): Promise<JsonObject> {
    const count = tryNumber(body, 'MaxNumberOfMessages') ?? 1;
    if (count < 1 || count > 10)
      throw invalid(
        'InvalidParameterValue',
        `Value ${count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
      );
    const timeout = tryNumber(body, 'VisibilityTimeout');
    const wait = tryNumber(body, 'WaitTimeSeconds');
    const until = this.cloud.clock.now() + (wait === undefined ? queue.settings.receiveWait : wait * 1000);
    for (;;) {
      const messages = queue.receive(count, timeout === undefined ? undefined : timeout * 1000);
      if (messages.length > 0 || this.cloud.clock.now() >= until) {
        return messages.length === 0 ? {} : { Messages: messages.map((message) => this.renderMessage(message, body)) };
      }
      await this.change(queue, until);
    }
  }

  /** Waits until the queue changes, a message becomes visible, or the time is over. */
  private change(queue: Queue, until: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = queue.onChange(() => finish());
      const next = queue.nextVisibleAt() ?? until;
      const cancel = this.cloud.clock.at(Math.min(Math.max(next, this.cloud.clock.now() + 1), until), () => finish());
      const finish = (): void => {
        stop();
        cancel();
        resolve();
      };
    });
  }

  private renderMessage(message: Parameters<typeof systemAttributes>[0], body: JsonObject): JsonObject {
    const all = systemAttributes(message, this.cloud.accountId);
    const wanted = [...strings(body['AttributeNames']), ...strings(body['MessageSystemAttributeNames'])];
    const attributes = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
    const names = strings(body['MessageAttributeNames']);
    const own = Object.entries(message.attributes ?? {}).filter(([name]) =>
      names.some(
        (one) =>
          one === 'All' || one === '.*' || one === name || (one.endsWith('.*') && name.startsWith(one.slice(0, -2))),
      ),
    );
    return {
      MessageId: message.id,
      ReceiptHandle: message.receiptHandle ?? '',
      Body: message.body,
      MD5OfBody: md5(message.body),
      ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
      ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) }),
    };
  }

  private delete(queue: Queue, body: JsonObject): JsonObject {
    queue.delete(stringMember(body, 'ReceiptHandle'));
    return {};
  }

  private changeVisibility(queue: Queue, body: JsonObject): JsonObject {
    const timeout = tryNumber(body, 'VisibilityTimeout') ?? 0;
    if (queue.changeVisibility(stringMember(body, 'ReceiptHandle'), timeout * 1000)) return {};
    throw invalid('MessageNotInflight', 'The message referred to is not in flight.');
  }

  private attributesOf(queue: Queue, body: JsonObject): JsonObject {
    const { settings } = queue;
    const { visible, inFlight, delayed } = queue.counts();
    const { redrive } = settings;
    const all: Record<string, string> = {
      QueueArn: settings.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      VisibilityTimeout: String(settings.visibilityTimeout / 1000),
      DelaySeconds: String(settings.delay / 1000),
      MessageRetentionPeriod: String(settings.retention / 1000),
      ReceiveMessageWaitTimeSeconds: String(settings.receiveWait / 1000),
      MaximumMessageSize: String(MAX_MESSAGE_BYTES),
      ...(settings.fifo
        ? { FifoQueue: 'true', ContentBasedDeduplication: String(settings.contentBasedDeduplication) }
        : {}),
      ...(redrive === undefined
        ? {}
        : {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: redrive.deadLetterArn,
              maxReceiveCount: redrive.maxReceiveCount,
            }),
          }),
    };
    const wanted = strings(body['AttributeNames']);
    return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name)));
  }

  private list(body: JsonObject, caller: Caller): JsonObject {
    const prefix = tryStringMember(body, 'QueueNamePrefix') ?? '';
    this.cloud.authorize({ caller, action: 'sqs:ListQueues', resource: '*' });
    const urls = [...this.queues.values()]
      .filter(({ settings }) => settings.name.startsWith(prefix))
      .map(({ settings }) => settings.url);
    return urls.length === 0 ? {} : { QueueUrls: urls };
  }

  private urlOf(name: string, caller: Caller): JsonObject {
    const queue = [...this.queues.values()].find(({ settings }) => settings.name === name) ?? noQueue();
    this.cloud.authorize({ caller, action: 'sqs:GetQueueUrl', resource: queue.settings.arn });
    return { QueueUrl: queue.settings.url };
  }

  /** The name at the end of a URL decides, so that a URL with another host finds its queue too. */
  private byUrl(url: string): Queue {
    const name = url.split('/').at(-1);
    return [...this.queues.values()].find(({ settings }) => settings.name === name) ?? noQueue();
  }
}

/** The queues of a cloud. */
export function sqsOf(cloud: Cloud): SqsService {
  const service = cloud.tryService('sqs');
  if (service instanceof SqsService) return service;
  throw new ServiceError('ServiceUnavailable', 'This cloud has no SQS.', 503);
}

function readQueue(resource: Resource): QueueSettings {
  const reader = PropertyReader.of(resource);
  const seconds = (name: string, fallback: number) => (reader.tryNumber(name) ?? fallback) * 1000;
  const policy = reader.tryObject('RedrivePolicy');
  const settings = {
    name: resource.attribute('QueueName'),
    arn: resource.attribute('Arn'),
    url: resource.ref,
    fifo: reader.tryBoolean('FifoQueue') === true,
    contentBasedDeduplication: reader.tryBoolean('ContentBasedDeduplication') === true,
    visibilityTimeout: seconds('VisibilityTimeout', 30),
    delay: seconds('DelaySeconds', 0),
    retention: seconds('MessageRetentionPeriod', 345_600),
    receiveWait: seconds('ReceiveMessageWaitTimeSeconds', 0),
    ...(policy === undefined
      ? {}
      : {
          redrive: {
            deadLetterArn: policy.string('deadLetterTargetArn'),
            maxReceiveCount: policy.tryNumber('maxReceiveCount') ?? 1,
          },
        }),
  };
  reader.accept('QueueName', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'Tags');
  reader.accept('MaximumMessageSize', 'RedriveAllowPolicy', 'DeduplicationScope', 'FifoThroughputLimit').finish();
  return settings;
}

function readMessage({ fifo, contentBasedDeduplication }: QueueSettings, body: JsonObject): NewMessage {
  const text = stringMember(body, 'MessageBody');
  if (text === '') throw invalid('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) {
    throw invalid(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  const delay = tryNumber(body, 'DelaySeconds');
  const groupId = tryStringMember(body, 'MessageGroupId');
  const id = tryStringMember(body, 'MessageDeduplicationId') ?? (contentBasedDeduplication ? md5(text) : undefined);
  if (fifo && groupId === undefined)
    throw invalid('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  if (fifo && id === undefined) {
    throw invalid(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return {
    body: text,
    ...(isJsonObject(body['MessageAttributes']) ? { attributes: body['MessageAttributes'] } : {}),
    ...(delay === undefined ? {} : { delay: delay * 1000 }),
    ...(groupId === undefined ? {} : { groupId }),
    ...(id === undefined ? {} : { deduplicationId: id }),
  };
}

/** Does each entry by itself; one that fails doesn't fail the others. */
function batch(body: JsonObject, one: (entry: JsonObject) => JsonObject): JsonObject {
  const entries = isJsonArray(body['Entries']) ? body['Entries'].filter(isJsonObject) : [];
  if (entries.length === 0)
    throw invalid('EmptyBatchRequest', 'There should be at least one entry in the batch request.');
  if (entries.length > 10)
    throw invalid(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  const Successful: JsonObject[] = [];
  const Failed: JsonObject[] = [];
  for (const entry of entries) {
    const Id = stringMember(entry, 'Id');
    try {
      Successful.push({ Id, ...one(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id, Code: error.name, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function strings(value: Json | undefined): readonly string[] {
  return isJsonArray(value) ? value.map(String) : [];
}

function tryNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  return typeof value === 'number' ? value : undefined;
}

function invalid(name: string, message: string): ServiceError {
  return new ServiceError(name, message);
}

function noQueue(): never {
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}
