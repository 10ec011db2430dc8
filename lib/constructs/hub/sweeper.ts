import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HUB_ENVIRONMENT } from '../../contract/hub-environment.js';
import { DUE_INDEX, HUB_ROWS } from '../../contract/hub-records.js';
import { hubFunction } from './hub-function.js';
import type { MachineActions } from './machine-grants.js';
import { TABLE_ACTIONS, type TableReach } from './table-grants.js';

/** What a sweeper needs of its hub. */
export interface SweptHub {
  introduce(fn: lambda.Function): void;
  grantTable(fn: lambda.Function, actions: readonly string[], reach: TableReach): void;
  grantMachines(fn: lambda.Function, actions: MachineActions): void;
}

/** Options of a {@link Sweeper}. */
export interface SweeperProps {
  readonly hub: SweptHub;
  /** Where sweeps go that gave up an entry. */
  readonly deadLetterQueue: sqs.IQueue;
}

/**
 * The function that sees to what the hub's table says is due, and the schedule that calls it each minute.
 *
 * A schedule, not the table's stream: a stream tells at once what is stored, which whoever stored it knows; what matters here is that nothing happened since. Nor time-to-live, which
 * DynamoDB acts upon within days.
 */
export class Sweeper extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { hub, deadLetterQueue }: SweeperProps) {
    super(scope, id);
    this.function = hubFunction(this, 'Sweep', {
      entry: 'sweep',
      description: 'Does what the task hub owes, and finds instances whose end was missed',
      environment: { [HUB_ENVIRONMENT.sweeps]: 'true' },
      timeout: Duration.minutes(1),
      deadLetterQueue,
    });
    // The next sweep is the better retry.
    this.function.configureAsyncInvoke({ retryAttempts: 0 });
    hub.introduce(this.function);
    hub.grantTable(this.function, TABLE_ACTIONS.sweep, {
      rows: [HUB_ROWS.instances, HUB_ROWS.approvals, HUB_ROWS.links],
      index: { name: DUE_INDEX, rows: [HUB_ROWS.owed, HUB_ROWS.checks] },
    });
    hub.grantMachines(this.function, {
      machine: ['states:StartExecution'],
      execution: ['states:DescribeExecution', 'states:StopExecution'],
      answers: ['events', 'approvals'],
    });
    new events.Rule(this, 'EachMinute', {
      description: 'Lets the task hub see to what is due',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [new targets.LambdaFunction(this.function, { deadLetterQueue, retryAttempts: 0 })],
    });
  }
}
