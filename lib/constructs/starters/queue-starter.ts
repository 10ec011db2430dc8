import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DurableStepsError } from '../../errors.js';
import type { Checks } from '../../options/check-options.js';
import { like, whole } from '../../options/kinds.js';
import { checkProps } from '../check-props.js';
import { deadLetters, noteDeadLetters } from '../dead-letters.js';
import type { IdMapping } from './event-mapping.js';
import { STARTER, type StarterProps, starterFunction } from './starter-function.js';

/** A queue's message. */
export interface QueueMessage<Body> {
  readonly messageId: string;
  /** Parsed from JSON; text that is no JSON stays text. */
  readonly body: Body;
}

/** Options of a {@link QueueStarter}. */
export interface QueueStarterProps<Body, Input> extends StarterProps<QueueMessage<Body>, Input> {
  /** The queue; it needs a dead-letter queue. @default - a new one, which gives up on a message after 5 attempts */
  readonly queue?: sqs.IQueue;
  /** How many messages one call may take, 1 to 10. @default 10 */
  readonly batchSize?: number;
  /** The instance's id. @default - the message's id, so that a message delivered twice starts one instance */
  readonly instanceId?: IdMapping<QueueMessage<Body>>;
}

const CHECKS: Checks<QueueStarterProps<never, never>> = {
  ...STARTER,
  queue: like('a queue of SQS', 'queueArn'),
  batchSize: whole(1, 10),
};

/**
 * Starts an instance for each message of a queue. Builds the queue with its dead-letter queue, unless it gets one, and a function. A message that can't be started is
 * retried alone.
 *
 * @example
 * new QueueStarter<Order, Order>(this, 'Orders', { orchestration: processOrder, instanceId: ({ body }) => ['order', body.id], input: ({ body }) => body });
 */
export class QueueStarter<Body, Input> extends Construct {
  readonly queue: sqs.IQueue;
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: QueueStarterProps<Body, Input>) {
    checkProps(scope, id, props, CHECKS);
    super(scope, id);
    this.queue = props.queue ?? makeQueue(this);
    checkQueue(this, this.queue);
    this.function = starterFunction<QueueMessage<Body>>(this, {
      source: 'queue',
      orchestration: props.orchestration,
      input: props.input,
      instanceId: props.instanceId ?? (({ messageId }) => messageId),
    });
    this.function.addEventSource(
      new SqsEventSource(this.queue, { batchSize: props.batchSize ?? 10, reportBatchItemFailures: true }),
    );
  }
}

const MAX_ATTEMPTS = 5;

/** Messages stay hidden six times as long as the function may take, as Lambda recommends. */
function makeQueue(scope: Construct): sqs.Queue {
  return new sqs.Queue(scope, 'Queue', {
    visibilityTimeout: Duration.seconds(180),
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    deadLetterQueue: { queue: deadLetters(scope, 'DeadLetters'), maxReceiveCount: MAX_ATTEMPTS },
  });
}

function checkQueue(scope: Construct, queue: sqs.IQueue): void {
  if (!(queue instanceof sqs.Queue)) return;
  const letters = queue.deadLetterQueue?.queue;
  if (letters instanceof sqs.Queue && letters.node.scope !== scope)
    noteDeadLetters({ queue: letters, consumer: scope });
  if (letters !== undefined) return;
  throw new DurableStepsError('NoDeadLetterQueue', {
    where: `${scope.node.path}.queue`,
    expected: 'a queue with a dead-letter queue, since a message that can’t be started would come back for ever',
    got: `\`${queue.node.path}\` without one`,
  });
}
