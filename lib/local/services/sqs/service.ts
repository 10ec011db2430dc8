import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { type Caller, type Cloud, type CloudService, ServiceError } from '../../cloud/service.js';
import { awsJson, stringMember, tryNumberMember, tryStringMember, withText } from '../protocol/aws-json.js';
import { cutSlice } from '../protocol/paging.js';
import {
  lowerFirst,
  type Operation,
  type Operations,
  OperationsApi,
  type TaskAction,
} from '../protocol/service-api.js';
import { md5 } from './message-attributes.js';
import { doEach, queueAttributes, queueRefusal, readMessage, renderMessage } from './messages.js';
import { type NewMessage, Queue, type QueueSettings } from './queue.js';
import { readQueueSettings } from './queue-model.js';

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
  /** Queues that the template had once, by ARN, with what is in them. */
  private readonly removed = new Map<string, Queue>();
  readonly api: OperationsApi;

  constructor(private readonly cloud: Cloud) {
    const operations: Operations = {
      SendMessage: this.onQueue((queue, body) => this.send(queue, body)),
      SendMessageBatch: this.onQueue((queue, body) => doEach(body, (entry) => this.send(queue, entry)), 'SendMessage'),
      ReceiveMessage: this.onQueue((queue, body) => this.receive(queue, body)),
      DeleteMessage: this.onQueue(deleteMessage),
      DeleteMessageBatch: this.onQueue(
        (queue, body) => doEach(body, (entry) => deleteMessage(queue, entry)),
        'DeleteMessage',
      ),
      ChangeMessageVisibility: this.onQueue(changeVisibility),
      ChangeMessageVisibilityBatch: this.onQueue(
        (queue, body) => doEach(body, (entry) => changeVisibility(queue, entry)),
        'ChangeMessageVisibility',
      ),
      GetQueueAttributes: this.onQueue((queue, body) => ({ Attributes: queueAttributes(queue, body) })),
      PurgeQueue: this.onQueue(purge),
      GetQueueUrl: {
        access: (body) => ({ resource: this.named(stringMember(body, 'QueueName')).settings.arn }),
        run: (body) => ({ QueueUrl: this.named(stringMember(body, 'QueueName')).settings.url }),
      },
      ListQueues: { access: () => ({ resource: '*' }), run: (body) => this.list(body) },
    };
    const onQueue = Object.keys(operations).filter((name) => name !== 'ListQueues' && name !== 'GetQueueUrl');
    this.api = new OperationsApi(cloud, {
      service: 'sqs',
      protocol: awsJson('1.0'),
      operations,
      tasks: Object.fromEntries(onQueue.map((name) => [lowerFirst(name), this.taskOf(name)])),
    });
  }

  deploy(resource: Resource): void {
    const settings = readQueueSettings(resource);
    const known = this.queues.get(settings.arn) ?? this.removed.get(settings.arn);
    known?.configure(settings);
    this.queues.set(settings.arn, known ?? this.makeQueue(settings));
  }

  remove(resource: Resource): void {
    const arn = resource.attribute('Arn');
    const queue = this.queues.get(arn);
    if (queue !== undefined) this.removed.set(arn, queue);
    this.queues.delete(arn);
  }

  private makeQueue(settings: QueueSettings): Queue {
    const queue: Queue = new Queue(settings, this.cloud.clock, (message) => {
      const { deadLetterArn = '' } = queue.settings.redrive ?? {};
      const deadLetters = this.tryQueue(deadLetterArn);
      if (deadLetters === undefined)
        this.cloud.warn(`${settings.name}: the dead-letter queue ${deadLetterArn} isn't in the app.`);
      deadLetters?.takeOver(message, settings.arn);
    });
    return queue;
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

  /** An operation on the queue that the request's URL names, under an IAM action that may have another name. */
  private onQueue(
    run: (queue: Queue, body: JsonObject) => JsonObject | Promise<JsonObject>,
    action?: string,
  ): Operation<JsonObject, JsonObject> {
    const queueOf = (body: JsonObject) => this.byUrl(stringMember(body, 'QueueUrl'));
    return {
      access: (body) => ({ resource: queueOf(body).settings.arn, ...(action === undefined ? {} : { action }) }),
      run: (body) => run(queueOf(body), body),
    };
  }

  private taskOf(name: string): TaskAction {
    return (parameters, caller) => this.api.perform(name, withText(parameters, 'MessageBody'), caller);
  }

  private send(queue: Queue, body: JsonObject): JsonObject {
    const message = readMessage(queue.settings, body);
    const sent = queue.send(message);
    const sequence: JsonObject = queue.settings.fifo ? { SequenceNumber: String(sent.sequence).padStart(20, '0') } : {};
    return { MessageId: sent.id, MD5OfMessageBody: md5(message.body), ...sequence };
  }

  private async receive(queue: Queue, body: JsonObject): Promise<JsonObject> {
    const count = tryNumberMember(body, 'MaxNumberOfMessages') ?? 1;
    if (count < 1 || count > 10)
      throw queueRefusal(
        'InvalidParameterValue',
        `Value ${count} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
      );
    const timeout = tryNumberMember(body, 'VisibilityTimeout');
    const wait = tryNumberMember(body, 'WaitTimeSeconds');
    const until = this.cloud.clock.now() + (wait === undefined ? queue.settings.receiveWait : wait * 1000);
    for (;;) {
      const messages = queue.receive(count, timeout === undefined ? undefined : timeout * 1000);
      if (messages.length > 0 || this.cloud.clock.now() >= until) {
        return messages.length === 0
          ? {}
          : { Messages: messages.map((message) => renderMessage(message, body, this.cloud.accountId)) };
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

  private list(body: JsonObject): JsonObject {
    const prefix = tryStringMember(body, 'QueueNamePrefix') ?? '';
    const urls = [...this.queues.values()]
      .filter(({ settings }) => settings.name.startsWith(prefix))
      .map(({ settings }) => settings.url);
    const limit = tryNumberMember(body, 'MaxResults') ?? 1000;
    const { items, next } = cutSlice(urls, { limit, token: tryStringMember(body, 'NextToken') });
    return items.length === 0 ? {} : { QueueUrls: items, ...(next === undefined ? {} : { NextToken: next }) };
  }

  /** The name at the end of a URL decides, so that a URL with another host finds its queue too. */
  private byUrl(url: string): Queue {
    return this.named(url.slice(url.lastIndexOf('/') + 1));
  }

  private named(name: string): Queue {
    return [...this.queues.values()].find(({ settings }) => settings.name === name) ?? noQueue();
  }
}

/** The queues of a cloud. */
export function sqsOf(cloud: Cloud): SqsService {
  const service = cloud.tryService('sqs');
  if (service instanceof SqsService) return service;
  throw new ServiceError('ServiceUnavailable', 'This cloud has no SQS.', 503);
}

function deleteMessage(queue: Queue, body: JsonObject): JsonObject {
  queue.delete(stringMember(body, 'ReceiptHandle'));
  return {};
}

function changeVisibility(queue: Queue, body: JsonObject): JsonObject {
  const timeout = tryNumberMember(body, 'VisibilityTimeout') ?? 0;
  if (queue.changeVisibility(stringMember(body, 'ReceiptHandle'), timeout * 1000)) return {};
  throw queueRefusal('MessageNotInflight', 'The message referred to is not in flight.');
}

function purge(queue: Queue): JsonObject {
  queue.purge();
  return {};
}

function noQueue(): never {
  throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
}
