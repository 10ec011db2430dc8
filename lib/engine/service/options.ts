import type { Clock } from '../../clock.js';
import type { ObjectStore } from '../model/objects.js';
import type { TaskPort } from '../model/tasks.js';
import type { Retention } from './execution-store.js';

/** What a `StepFunctions` service needs. */
export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /** Amazon S3, for `ItemReader` and `ResultWriter`. @default - Maps that use them fail */
  readonly objects?: ObjectStore;
  /** How long finished executions are kept. @default - the last 10,000, for 90 days at most */
  readonly retention?: Retention;
  /**
   * Whether a task token or an activity task that waits holds the clock ({@link Clock.hold}), because a person or a worker outside is awaited.
   * @default true
   */
  readonly holdForTokens?: boolean;
  /**
   * Who does nested executions (`states:startExecution`) and calls of the Step Functions API (`aws-sdk:sfn`): the service itself, or the task port.
   * @default 'service'
   */
  readonly nestedExecutions?: 'service' | 'port';
  /** Whether every activity exists, also one that nobody created; else its tasks can't be scheduled. @default false */
  readonly implicitActivities?: boolean;
  /** Source of names and tokens. @default - random UUIDs */
  readonly uuid?: () => string;
  /** Source of the numbers in `[0, 1)` behind jitter and random functions. @default Math.random */
  readonly random?: () => number;
}
