import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Checks } from '../../options/check-options.js';
import { like, needed } from '../../options/kinds.js';
import { checkProps } from '../check-props.js';
import { deadLetters } from '../dead-letters.js';
import type { IdMapping } from './event-mapping.js';
import { STARTER, type StarterProps, starterFunction } from './starter-function.js';

/** A tick of a schedule. */
export interface ScheduleTick {
  /** The time it was due, ISO 8601. */
  readonly time: string;
  readonly id: string;
}

/** Options of a {@link ScheduleStarter}. */
export interface ScheduleStarterProps<Input> extends StarterProps<ScheduleTick, Input> {
  /** When, in UTC, for example `Schedule.cron({ hour: '3', minute: '0' })`. */
  readonly schedule: events.Schedule;
  /**
   * The instance's id. A fixed one (`() => 'cleaner'`) makes one instance at a time: while it lives, a tick with the same input does nothing, and one with another input is
   * refused and goes to the dead letters.
   * @default - the starter's id and the time it was due: one instance a tick, also when a tick is delivered twice
   */
  readonly instanceId?: IdMapping<ScheduleTick>;
}

const CHECKS: Checks<ScheduleStarterProps<never>> = {
  ...STARTER,
  schedule: needed(like('a schedule of EventBridge', 'expressionString')),
};

/**
 * Starts an instance on a schedule. Builds an EventBridge rule, a function and a dead-letter queue.
 *
 * @example
 * new ScheduleStarter(this, 'Nightly', {
 *   orchestration: backup, schedule: events.Schedule.cron({ hour: '3', minute: '0' }), input: () => ({ site: 'main' }),
 * });
 */
export class ScheduleStarter<Input> extends Construct {
  readonly rule: events.Rule;
  readonly function: lambda.Function;
  /** Ticks that could not start anything. */
  readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: ScheduleStarterProps<Input>) {
    checkProps(scope, id, props, CHECKS);
    super(scope, id);
    this.deadLetterQueue = deadLetters(this, 'DeadLetters');
    this.function = starterFunction<ScheduleTick>(this, {
      source: 'event',
      orchestration: props.orchestration,
      input: props.input,
      instanceId: props.instanceId ?? (({ time }) => [id, time]),
      deadLetterQueue: this.deadLetterQueue,
    });
    this.rule = new events.Rule(this, 'Rule', {
      schedule: props.schedule,
      targets: [new targets.LambdaFunction(this.function, { deadLetterQueue: this.deadLetterQueue })],
    });
  }
}
