import { randomUUID } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject, tryOwn, tryParseJson } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { type Caller, type Cloud, type CloudService, ServiceError, slotOf } from '../../cloud/service.js';
import { TargetDelivery } from '../events/delivery.js';
import { type EventMatcher, readEventPattern } from '../events/event-pattern.js';
import { mailboxOf } from '../mailbox/mailbox-service.js';
import { objectsMember, stringMember, tryStringMember, withText } from '../protocol/aws-json.js';
import { cutSlice } from '../protocol/paging.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { queryProtocol } from '../protocol/query-protocol.js';
import { OperationsApi, unsupportedOperation } from '../protocol/service-api.js';

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
const PRINCIPAL: Caller = { kind: 'service', name: 'sns.amazonaws.com' };
const MAX_MESSAGE_BYTES = 256 * 1024;

/** A subscription of the template. */
interface Subscription {
  readonly arn: string;
  readonly path: string;
  readonly topicArn: string;
  readonly protocol: 'email' | 'email-json' | 'lambda' | 'sqs';
  readonly endpoint: string;
  readonly raw: boolean;
  readonly deadLetterArn?: string;
  readonly filter?: { readonly scope: 'attributes' | 'body'; readonly matches: EventMatcher };
}

/** A message to a topic. */
interface Publication {
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** By protocol, for `MessageStructure` `json`. */
  readonly byProtocol: Readonly<Record<string, Json>>;
  readonly attributes: JsonObject;
  readonly groupId?: string;
  readonly sentAt: string;
}

/**
 * Amazon SNS: the template's topics, with subscriptions to mail addresses (which lead to the mailbox), functions and queues.
 *
 * Subscriptions by mail count as confirmed. Text messages, mobile push and HTTP endpoints are refused.
 */
export class SnsService implements CloudService {
  readonly names = ['sns'];
  readonly resourceTypes = ['AWS::SNS::Topic', 'AWS::SNS::Subscription'];
  private readonly topics = new Set<string>();
  /** Of a topic several, of a subscription one, by slot. */
  private readonly subscriptions = new Map<string, readonly Subscription[]>();
  private readonly delivery: TargetDelivery;
  readonly api: OperationsApi;

  constructor(private readonly cloud: Cloud) {
    this.delivery = new TargetDelivery(cloud);
    const toTopic = (body: JsonObject) => ({ resource: topicOf(body), action: 'Publish' });
    this.api = new OperationsApi(cloud, {
      service: 'sns',
      protocol: queryProtocol(NAMESPACE),
      operations: {
        Publish: { access: toTopic, run: (body) => this.publish(body) },
        PublishBatch: { access: toTopic, run: (body) => this.publishBatch(body) },
        ListTopics: { access: () => ({ resource: '*' }), run: (body) => this.list(body) },
      },
      tasks: {
        publish: (parameters, caller) => this.api.perform('Publish', withText(parameters, 'Message'), caller),
        publishBatch: (parameters, caller) => this.api.perform('PublishBatch', parameters, caller),
      },
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'AWS::SNS::Subscription')
      this.subscriptions.set(slotOf(resource), [readSubscription(resource, resource.ref)]);
    else this.deployTopic(resource);
  }

  remove(resource: Resource): void {
    this.subscriptions.delete(slotOf(resource));
    this.topics.delete(resource.ref);
  }

  private list(body: JsonObject): JsonObject {
    const { items, next } = cutSlice([...this.topics], { limit: 100, token: tryStringMember(body, 'NextToken') });
    return { Topics: items.map((TopicArn) => ({ TopicArn })), ...(next === undefined ? {} : { NextToken: next }) };
  }

  private publishBatch(body: JsonObject): JsonObject {
    const TopicArn = topicOf(body);
    const entries = objectsMember(body, 'PublishBatchRequestEntries');
    checkBatch(entries);
    const Successful = entries.map((entry) => ({
      Id: stringMember(entry, 'Id'),
      ...this.publish({ ...entry, TopicArn }),
    }));
    return { Successful, Failed: [] };
  }

  private publish(parameters: JsonObject): JsonObject {
    const topicArn = topicOf(parameters);
    if (!this.topics.has(topicArn)) throw new ServiceError('NotFoundException', 'Topic does not exist', 404);
    const publication = readPublication(parameters, topicArn, new Date(this.cloud.clock.now()).toISOString());
    for (const subscription of [...this.subscriptions.values()].flat()) {
      if (subscription.topicArn === topicArn && passes(subscription, publication))
        this.deliver(subscription, publication);
    }
    return { MessageId: publication.id };
  }

  private deliver(subscription: Subscription, publication: Publication): void {
    if (subscription.protocol === 'email' || subscription.protocol === 'email-json') {
      this.mail(subscription, publication);
      return;
    }
    const { endpoint: arn, topicArn, path, deadLetterArn } = subscription;
    const payload = this.renderPayload(subscription, publication);
    this.delivery.send(
      {
        arn,
        maxRetries: 3,
        maxAge: 3_600_000,
        ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
        ...(publication.groupId === undefined ? {} : { messageGroupId: publication.groupId }),
      },
      { payload: () => payload, caller: PRINCIPAL, sourceArn: topicArn, sourceName: path },
    );
  }

  private mail({ endpoint, protocol }: Subscription, publication: Publication): void {
    const text =
      protocol === 'email' ? messageFor(publication, 'email') : JSON.stringify(this.notification(publication));
    mailboxOf(this.cloud).deliver({
      from: 'AWS Notifications <no-reply@sns.amazonaws.com>',
      to: [endpoint],
      subject: publication.subject ?? 'AWS Notification Message',
      text,
      sentAt: publication.sentAt,
    });
  }

  private renderPayload(subscription: Subscription, publication: Publication): string {
    if (subscription.protocol === 'sqs') {
      const text = messageFor(publication, 'sqs');
      return subscription.raw
        ? JSON.stringify(text)
        : JSON.stringify(this.notification({ ...publication, message: text }));
    }
    const { Type, SigningCertURL, UnsubscribeURL, ...rest } = this.notification({
      ...publication,
      message: messageFor(publication, 'lambda'),
    });
    const Sns = { Type, ...rest, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL };
    const { arn } = subscription;
    return JSON.stringify({
      Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: arn, Sns }],
    });
  }

  private notification({ id, topicArn, subject, message, attributes, sentAt }: Publication) {
    const rendered = Object.entries(attributes).map(([name, value]) => {
      const { DataType, StringValue, BinaryValue } = isJsonObject(value) ? value : {};
      return [name, { Type: DataType ?? 'String', Value: StringValue ?? BinaryValue ?? '' }];
    });
    return {
      Type: 'Notification',
      MessageId: id,
      TopicArn: topicArn,
      Subject: subject ?? null,
      Message: message,
      Timestamp: sentAt,
      SignatureVersion: '1',
      Signature: '',
      SigningCertURL: '',
      UnsubscribeURL: '',
      MessageAttributes: Object.fromEntries(rendered),
    };
  }

  private deployTopic(resource: Resource): void {
    const reader = PropertyReader.of(resource);
    this.topics.add(resource.ref);
    const topicArn = resource.ref;
    const inline = reader
      .objects('Subscription')
      .map((one, index) => readEndpoint(one, { arn: `${topicArn}:inline-${index}`, topicArn, path: one.where }));
    this.subscriptions.set(slotOf(resource), inline);
    reader.accept('TopicName', 'DisplayName', 'KmsMasterKeyId', 'Tags', 'FifoTopic', 'ContentBasedDeduplication');
    reader.accept('TracingConfig', 'SignatureVersion', 'FifoThroughputScope', 'DeliveryStatusLogging').finish();
  }
}

function topicOf(body: JsonObject): string {
  const arn = tryStringMember(body, 'TopicArn') ?? tryStringMember(body, 'TargetArn');
  if (arn === undefined) throw unsupportedOperation('sns', 'Publish without a topic');
  return arn;
}

/** What holds of a whole batch: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
function checkBatch(entries: readonly JsonObject[]): void {
  if (entries.length === 0)
    throw new ServiceError('EmptyBatchRequestException', "The batch request doesn't contain any entries.");
  if (entries.length > 10)
    throw new ServiceError('TooManyEntriesInBatchRequestException', 'The batch request contains more than 10 entries.');
  if (new Set(entries.map((entry) => stringMember(entry, 'Id'))).size < entries.length)
    throw new ServiceError(
      'BatchEntryIdsNotDistinctException',
      'Two or more batch entries in the request have the same Id.',
    );
  const bytes = entries.reduce((sum, { Message: text }) => sum + Buffer.byteLength(String(text ?? '')), 0);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new ServiceError(
      'BatchRequestTooLongException',
      'The length of all the batch messages put together is more than the limit.',
    );
}

function readSubscription(resource: Resource, arn: string): Subscription {
  const reader = PropertyReader.of(resource);
  const policy = reader.tryValue('FilterPolicy');
  const scope = reader.tryString('FilterPolicyScope') === 'MessageBody' ? 'body' : 'attributes';
  const matches = policy === undefined ? undefined : readEventPattern(policy as Json, `${resource.path}.FilterPolicy`);
  const deadLetterArn = reader.tryObject('RedrivePolicy')?.tryString('deadLetterTargetArn');
  const base = { arn, path: resource.path, topicArn: reader.string('TopicArn') };
  const subscription = {
    ...readEndpoint(reader, base),
    ...(matches === undefined ? {} : { filter: { scope, matches } as const }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  };
  reader.accept('Region').finish();
  return subscription;
}

function readEndpoint(reader: PropertyReader, base: Pick<Subscription, 'arn' | 'path' | 'topicArn'>): Subscription {
  const protocol = reader.string('Protocol');
  if (protocol !== 'email' && protocol !== 'email-json' && protocol !== 'lambda' && protocol !== 'sqs') {
    throw reader.refusal('Protocol', '`email`, `email-json`, `lambda` or `sqs`', protocol);
  }
  return {
    ...base,
    protocol,
    endpoint: reader.string('Endpoint'),
    raw: reader.tryBoolean('RawMessageDelivery') === true,
  };
}

function readPublication(parameters: JsonObject, topicArn: string, sentAt: string): Publication {
  const message = tryStringMember(parameters, 'Message') ?? '';
  if (message === '') throw new ServiceError('InvalidParameterException', 'Invalid parameter: Empty message');
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES)
    throw new ServiceError('InvalidParameterException', 'Invalid parameter: Message too long');
  const structured = parameters['MessageStructure'] === 'json' ? tryParseJson(message) : undefined;
  if (
    parameters['MessageStructure'] === 'json' &&
    !(isJsonObject(structured) && typeof structured['default'] === 'string')
  ) {
    throw new ServiceError(
      'InvalidParameterException',
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    );
  }
  const subject = tryStringMember(parameters, 'Subject');
  const groupId = tryStringMember(parameters, 'MessageGroupId');
  return {
    id: randomUUID(),
    topicArn,
    message,
    sentAt,
    byProtocol: isJsonObject(structured) ? structured : {},
    attributes: isJsonObject(parameters['MessageAttributes']) ? parameters['MessageAttributes'] : {},
    ...(subject === undefined ? {} : { subject }),
    ...(groupId === undefined ? {} : { groupId }),
  };
}

function messageFor({ byProtocol, message }: Publication, protocol: string): string {
  return String(tryOwn(byProtocol, protocol) ?? byProtocol['default'] ?? message);
}

function passes({ filter }: Subscription, { attributes, message }: Publication): boolean {
  if (filter === undefined) return true;
  if (filter.scope === 'body') return filter.matches(tryParseJson(message) ?? null);
  return filter.matches(
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attributeValue(value)])),
  );
}

function attributeValue(attribute: Json): Json {
  const { DataType = 'String', StringValue = '' } = isJsonObject(attribute) ? attribute : {};
  const text = String(StringValue);
  if (DataType === 'Number') return Number(text);
  return DataType === 'String.Array' ? (tryParseJson(text) ?? text) : text;
}
