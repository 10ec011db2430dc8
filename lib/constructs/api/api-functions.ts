import type { HubOperation } from '../../contract/hub-http.js';
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

interface FunctionPlan {
  readonly entry: string;
  readonly description: string;
  readonly table: readonly string[];
  /** What it reaches of the table. @default - records, inboxes and events of instances */
  readonly reach?: TableReach;
  readonly machines?: MachineActions;
}

/** One function, and one role, for each kind of thing that a request may do. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionPlan>> = {
  StartInstance: {
    entry: 'start-instance',
    description: 'Starts instances of orchestrations',
    table: TABLE_ACTIONS.start,
    machines: {
      machine: ['states:StartExecution', 'states:DescribeStateMachine'],
      execution: ['states:DescribeExecution', 'states:StopExecution'],
    },
  },
  QueryInstances: {
    entry: 'query-instances',
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
    description: 'Raises events for orchestrations',
    table: TABLE_ACTIONS.inbox,
    machines: { answers: ['events'] },
  },
  ManageInstance: {
    entry: 'manage-instance',
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
