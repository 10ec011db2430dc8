import type { Resource } from '../../../assembly/model.js';
import { checkTarget } from '../events/delivery.js';
import { PropertyReader } from '../protocol/property-reader.js';

/** Who hears of which changes of a bucket. */
export interface Notifications {
  readonly eventBridge: boolean;
  readonly targets: readonly NotificationTarget[];
}

export interface NotificationTarget {
  readonly id: string;
  readonly arn: string;
  /** For example `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** What CloudFormation's bucket and the CDK's custom resource call the same things. */
const NAMES = {
  template: {
    functions: 'LambdaConfigurations',
    queues: 'QueueConfigurations',
    topics: 'TopicConfigurations',
    events: 'Event',
    function_: 'Function',
    queue: 'Queue',
    filter: 'S3Key',
    rules: 'Rules',
  },
  custom: {
    functions: 'LambdaFunctionConfigurations',
    queues: 'QueueConfigurations',
    topics: 'TopicConfigurations',
    events: 'Events',
    function_: 'LambdaFunctionArn',
    queue: 'QueueArn',
    filter: 'Key',
    rules: 'FilterRules',
  },
} as const;

/** Reads `NotificationConfiguration` of an `AWS::S3::Bucket`. */
export function readBucketNotifications(reader: PropertyReader): Notifications {
  return readConfiguration(reader.tryObject('NotificationConfiguration'), NAMES.template);
}

/** Reads `Custom::S3BucketNotifications`, as the CDK emits it for `addEventNotification`. */
export function readCustomNotifications(resource: Resource): {
  readonly bucket: string;
  readonly notifications: Notifications;
} {
  const reader = PropertyReader.of(resource);
  const bucket = reader.string('BucketName');
  const notifications = readConfiguration(reader.tryObject('NotificationConfiguration'), NAMES.custom);
  reader.accept('ServiceToken', 'Managed', 'SkipDestinationValidation').finish();
  return { bucket, notifications };
}

function readConfiguration(
  reader: PropertyReader | undefined,
  names: (typeof NAMES)[keyof typeof NAMES],
): Notifications {
  if (reader === undefined) return { eventBridge: false, targets: [] };
  const bridge = reader.tryObject('EventBridgeConfiguration');
  const functions = reader.objects(names.functions).map((one) => readTarget(one, names, names.function_));
  const queues = reader.objects(names.queues).map((one) => readTarget(one, names, names.queue));
  return {
    eventBridge: bridge !== undefined && bridge.tryBoolean('EventBridgeEnabled') !== false,
    targets: [...functions, ...queues],
  };
}

function readTarget(
  reader: PropertyReader,
  names: (typeof NAMES)[keyof typeof NAMES],
  target: string,
): NotificationTarget {
  const arn = reader.string(target);
  checkTarget(arn, `${reader.where}.${target}`);
  const rules = reader.tryObject('Filter')?.tryObject(names.filter)?.objects(names.rules) ?? [];
  const rule = (name: string) =>
    rules
      .map((one) => [one.string('Name').toLowerCase(), one.string('Value')])
      .find(([given]) => given === name)?.[1] ?? '';
  return {
    id: reader.tryString('Id') ?? 'notification',
    arn,
    events: reader.strings(names.events),
    prefix: rule('prefix'),
    suffix: rule('suffix'),
  };
}
