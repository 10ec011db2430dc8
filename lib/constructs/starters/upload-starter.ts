import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Checks } from '../../options/check-options.js';
import { ANY_TEXT, like, needed } from '../../options/kinds.js';
import { checkProps } from '../check-props.js';
import { deadLetters } from '../dead-letters.js';
import type { IdMapping } from './event-mapping.js';
import type { BusEvent } from './event-starter.js';
import { STARTER, type StarterProps, starterFunction } from './starter-function.js';

/** What S3 says of an object that was made. */
export interface ObjectCreated {
  readonly bucket: { readonly name: string };
  readonly object: {
    /** As it is, not URL-encoded. */
    readonly key: string;
    readonly size: number;
    readonly etag: string;
    /** Grows with each write of the same key. */
    readonly sequencer: string;
    readonly 'version-id'?: string;
  };
  /** `PutObject`, `POST Object`, `CopyObject` or `CompleteMultipartUpload`. */
  readonly reason: string;
}

/** Options of an {@link UploadStarter}. */
export interface UploadStarterProps<Input> extends StarterProps<BusEvent<ObjectCreated>, Input> {
  /** The bucket. One of this app is told to send its events to EventBridge; an imported one has to do so already. */
  readonly bucket: s3.IBucket;
  /** Only keys that begin with it. @default - all */
  readonly prefix?: string;
  /** Only keys that end with it. @default - all */
  readonly suffix?: string;
  /** The instance's id. @default - bucket, key and sequencer: one instance for each write */
  readonly instanceId?: IdMapping<BusEvent<ObjectCreated>>;
}

const CHECKS: Checks<UploadStarterProps<never>> = {
  ...STARTER,
  bucket: needed(like('a bucket', 'bucketArn')),
  prefix: ANY_TEXT,
  suffix: ANY_TEXT,
};

/**
 * Starts an instance for each object that is written to a bucket. Builds an EventBridge rule, a function and a dead-letter queue.
 *
 * @example
 * new UploadStarter(this, 'OnUpload', {
 *   bucket, prefix: 'videos/', orchestration: processVideo,
 *   input: ({ detail }) => ({ location: { bucket: detail.bucket.name, key: detail.object.key } }),
 * });
 */
export class UploadStarter<Input> extends Construct {
  readonly rule: events.Rule;
  readonly function: lambda.Function;
  /** Uploads that could not start anything. */
  readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: UploadStarterProps<Input>) {
    checkProps(scope, id, props, CHECKS);
    super(scope, id);
    this.deadLetterQueue = deadLetters(this, 'DeadLetters');
    this.function = starterFunction<BusEvent<ObjectCreated>>(this, {
      source: 'event',
      orchestration: props.orchestration,
      input: props.input,
      instanceId:
        props.instanceId ?? (({ detail }) => [detail.bucket.name, detail.object.key, detail.object.sequencer]),
      deadLetterQueue: this.deadLetterQueue,
    });
    sendEvents(props.bucket);
    this.rule = new events.Rule(this, 'Rule', {
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [props.bucket.bucketName] }, ...renderKeyPattern(props) },
      },
      targets: [new targets.LambdaFunction(this.function, { deadLetterQueue: this.deadLetterQueue })],
    });
  }
}

function renderKeyPattern({ prefix, suffix }: { readonly prefix?: string; readonly suffix?: string }): object {
  // Two matchers of one field are alternatives, so both together are one wildcard.
  if (prefix !== undefined && suffix !== undefined) return { object: { key: [{ wildcard: `${prefix}*${suffix}` }] } };
  if (prefix !== undefined) return { object: { key: [{ prefix }] } };
  return suffix === undefined ? {} : { object: { key: [{ suffix }] } };
}

/** By CloudFormation's own property: the CDK's method would deploy a custom resource for it. */
function sendEvents(bucket: s3.IBucket): void {
  const resource = bucket.node.defaultChild;
  if (resource instanceof s3.CfnBucket) {
    resource.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);
  }
}
