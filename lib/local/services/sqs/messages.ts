import { isJsonObject, type JsonObject } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';
import { objectsMember, stringMember, stringsMember, tryNumberMember, tryStringMember } from '../protocol/aws-json.js';
import { md5, systemAttributes } from './message-attributes.js';
import type { Message, NewMessage, Queue, QueueSettings } from './queue.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A message as `SendMessage`, or an entry of a batch, gives it. Throws a {@link ServiceError} for what the queue can't take. */
export function readMessage({ fifo, contentBasedDeduplication }: QueueSettings, body: JsonObject): NewMessage {
  const text = stringMember(body, 'MessageBody');
  if (text === '') throw queueRefusal('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) {
    throw queueRefusal(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  const delay = tryNumberMember(body, 'DelaySeconds');
  const groupId = tryStringMember(body, 'MessageGroupId');
  const id = tryStringMember(body, 'MessageDeduplicationId') ?? (contentBasedDeduplication ? md5(text) : undefined);
  if (fifo && groupId === undefined)
    throw queueRefusal('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  if (fifo && id === undefined) {
    throw queueRefusal(
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

/** A message as `ReceiveMessage` gives it, with the attributes that the request asks for. */
export function renderMessage(message: Message, body: JsonObject, accountId: string): JsonObject {
  const all = systemAttributes(message, accountId);
  const wanted = [...stringsMember(body, 'AttributeNames'), ...stringsMember(body, 'MessageSystemAttributeNames')];
  const attributes = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  const names = stringsMember(body, 'MessageAttributeNames');
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

/** What `GetQueueAttributes` says of a queue. */
export function queueAttributes(queue: Queue, body: JsonObject): JsonObject {
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
  const wanted = stringsMember(body, 'AttributeNames');
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name)));
}

/** Does each entry of a batch by itself; one that fails doesn't fail the others. */
export function doEach(body: JsonObject, one: (entry: JsonObject) => JsonObject): JsonObject {
  const entries = objectsMember(body, 'Entries');
  if (entries.length === 0)
    throw queueRefusal('EmptyBatchRequest', 'There should be at least one entry in the batch request.');
  if (entries.length > 10)
    throw queueRefusal(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  const ids = entries.map((entry) => stringMember(entry, 'Id'));
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw queueRefusal('BatchEntryIdsNotDistinct', `Id ${twice} repeated.`);
  const bytes = entries.reduce((sum, { MessageBody: text }) => sum + Buffer.byteLength(String(text ?? '')), 0);
  if (bytes > MAX_MESSAGE_BYTES)
    throw queueRefusal(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${bytes} bytes.`,
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

/** An error of SQS. */
export function queueRefusal(name: string, message: string): ServiceError {
  return new ServiceError(name, message);
}
