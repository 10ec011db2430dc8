import type { Resource } from '../../../assembly/model.js';
import { PropertyReader } from '../protocol/property-reader.js';
import type { QueueSettings } from './queue.js';

/** A queue of the template. */
export function readQueueSettings(resource: Resource): QueueSettings {
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
