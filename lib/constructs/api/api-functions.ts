import type { HubOperation } from '../../contract/hub-http.js';
import type { Checks } from '../../options/check-options.js';
import { whole } from '../../options/kinds.js';
import type { MachineActions } from '../hub/machine-grants.js';
import { LISTED_INSTANCES, TABLE_ACTIONS, type TableReach } from '../hub/table-grants.js';

/** The functions of an API, by their ids. */
export type FunctionName =
  | 'StartInstance'
  | 'QueryInstances'
  | 'RaiseEvent'
  | 'ManageInstance'
  | 'PurgeInstances'
  | 'DescribeApi';

/**
 * How many of the account's concurrent executions of Lambda are set aside for functions of an API. What is set aside can't be used by any other function, and is the most that the function itself gets at once:
 * a number for `startInstance` keeps a storm of starts from taking what status, events and approvals need. Beyond it callers are answered 503, and try again.
 *
 * @example new AsyncHttpApi(this, 'Api', { hub, orchestrations, auth: ApiAuth.iam(), reservedConcurrency: { startInstance: 50, queryInstances: 20 } });
 */
export interface ApiConcurrency {
  /** The function that starts instances. @default - none set aside */
  readonly startInstance?: number;
  /** The function that shows and lists instances. @default - none set aside */
  readonly queryInstances?: number;
  /** The function that raises events. @default - none set aside */
  readonly raiseEvent?: number;
  /** The function that terminates, rewinds and restarts. @default - none set aside */
  readonly manageInstance?: number;
  /** The function that purges. @default - none set aside */
  readonly purgeInstances?: number;
}

export const CONCURRENCY: Checks<ApiConcurrency> = {
  startInstance: whole(1),
  queryInstances: whole(1),
  raiseEvent: whole(1),
  manageInstance: whole(1),
  purgeInstances: whole(1),
};

interface FunctionPlan {
  readonly entry: string;
  readonly description: string;
  readonly table: readonly string[];
  /** What it reaches of the table. @default - records, inboxes and events of instances */
  readonly reach?: TableReach;
  readonly machines?: MachineActions;
  /** Its name among what can be set aside. @default - nothing can be */
  readonly concurrency?: keyof ApiConcurrency;
}

/** One function, and one role, for each kind of thing that a request may do. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionPlan>> = {
  StartInstance: {
    entry: 'start-instance',
    concurrency: 'startInstance',
    description: 'Starts instances of orchestrations',
    table: TABLE_ACTIONS.start,
    machines: {
      machine: ['states:StartExecution', 'states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:StopExecution'],
    },
  },
  QueryInstances: {
    entry: 'query-instances',
    concurrency: 'queryInstances',
    description: 'Shows and lists instances of orchestrations',
    table: TABLE_ACTIONS.query,
    reach: LISTED_INSTANCES,
    machines: {
      machine: ['states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
    },
  },
  RaiseEvent: {
    entry: 'raise-event',
    concurrency: 'raiseEvent',
    description: 'Raises events for orchestrations',
    table: TABLE_ACTIONS.inbox,
    machines: { answers: ['events'] },
  },
  ManageInstance: {
    entry: 'manage-instance',
    concurrency: 'manageInstance',
    description: 'Terminates, rewinds and restarts instances of orchestrations',
    table: TABLE_ACTIONS.start,
    machines: {
      machine: ['states:StartExecution', 'states:DescribeStateMachine'],
      execution: [
        'states:DescribeExecution',
        'states:GetExecutionHistory',
        'states:StopExecution',
        'states:RedriveExecution',
      ],
    },
  },
  PurgeInstances: {
    entry: 'purge-instances',
    concurrency: 'purgeInstances',
    description: 'Deletes what the task hub keeps of finished instances',
    table: TABLE_ACTIONS.purge,
    reach: LISTED_INSTANCES,
  },
  DescribeApi: { entry: 'describe-api', description: 'Serves the API’s OpenAPI document', table: [] },
};

/** Which function serves which operation. */
export const SERVED_BY: Readonly<Record<HubOperation, FunctionName>> = {
  startInstance: 'StartInstance',
  startInstanceWithId: 'StartInstance',
  getInstance: 'QueryInstances',
  listInstances: 'QueryInstances',
  raiseEvent: 'RaiseEvent',
  terminateInstance: 'ManageInstance',
  rewindInstance: 'ManageInstance',
  restartInstance: 'ManageInstance',
  purgeInstance: 'PurgeInstances',
  purgeInstances: 'PurgeInstances',
  describeApi: 'DescribeApi',
};
