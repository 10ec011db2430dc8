import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Checks } from '../../options/check-options.js';
import { like, needed, others } from '../../options/kinds.js';
import { checkProps } from '../check-props.js';
import { deadLetters } from '../dead-letters.js';
import type { IdMapping } from './event-mapping.js';
import { STARTER, type StarterProps, starterFunction } from './starter-function.js';

/** An EventBridge event. */
export interface BusEvent<Detail> {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Detail;
}

/** Options of an {@link EventStarter}. */
export interface EventStarterProps<Detail, Input> extends StarterProps<BusEvent<Detail>, Input> {
  /** Which events. */
  readonly eventPattern: events.EventPattern;
  /** @default - the default bus of the account */
  readonly eventBus?: events.IEventBus;
  /** The instance's id. @default - the event's id, so that an event delivered twice starts one instance */
  readonly instanceId?: IdMapping<BusEvent<Detail>>;
}

const CHECKS: Checks<EventStarterProps<never, never>> = {
  ...STARTER,
  eventPattern: needed(others('an event pattern')),
  eventBus: like('an event bus', 'eventBusArn'),
};

/**
 * Starts an instance for each EventBridge event that matches. Builds a rule, a function and a dead-letter queue.
 *
 * @example
 * new EventStarter<OrderPlaced, Order>(this, 'OnOrder', {
 *   orchestration: processOrder, eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
 *   instanceId: ({ detail }) => ['order', detail.orderId], input: ({ detail }) => detail.order,
 * });
 */
export class EventStarter<Detail, Input> extends Construct {
  readonly rule: events.Rule;
  readonly function: lambda.Function;
  /** Events that could not start anything. */
  readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: EventStarterProps<Detail, Input>) {
    checkProps(scope, id, props, CHECKS);
    super(scope, id);
    this.deadLetterQueue = deadLetters(this, 'DeadLetters');
    this.function = starterFunction<BusEvent<Detail>>(this, {
      source: 'event',
      orchestration: props.orchestration,
      input: props.input,
      instanceId: props.instanceId ?? ((event) => event.id),
      deadLetterQueue: this.deadLetterQueue,
    });
    this.rule = new events.Rule(this, 'Rule', {
      eventPattern: props.eventPattern,
      targets: [new targets.LambdaFunction(this.function, { deadLetterQueue: this.deadLetterQueue })],
      ...(props.eventBus === undefined ? {} : { eventBus: props.eventBus }),
    });
  }
}
