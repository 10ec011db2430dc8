import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../asl/language/json.js';
import type { Message } from './queue.js';

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The system attributes of a message, as ReceiveMessage and Lambda events have them. */
export function systemAttributes(message: Message, senderId: string): Record<string, string> {
  return {
    SenderId: senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
    ...(message.groupId === undefined ? {} : { SequenceNumber: String(message.sequence).padStart(20, '0') }),
    ...(message.deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: message.deadLetterSource }),
  };
}

/** A message as a record of a Lambda or Pipes event. */
export function renderRecord(message: Message, queueArn: string, region: string, accountId: string): JsonObject {
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle ?? '',
    body: message.body,
    attributes: systemAttributes(message, accountId),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes ?? {}).map(([name, value]) => [name, renderAttribute(value)]),
    ),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function renderAttribute(value: unknown): JsonObject {
  const { StringValue, BinaryValue, DataType } = isJsonObject(value) ? value : {};
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType ?? 'String',
  };
}
