import type { ApiHistoryEvent } from './history';

/**
 * Requests and answers of the Step Functions API, in its own member names; timestamps are milliseconds since the epoch and JSON payloads are text.
 */

/** The kind of a state machine. */
export type StateMachineType = 'STANDARD' | 'EXPRESS';

/** The status of an execution. */
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

export interface CreateStateMachineRequest {
  readonly name: string;
  /** The definition as JSON text, as the API has it. */
  readonly definition: string;
  readonly roleArn: string;
  /** @default 'STANDARD' */
  readonly type?: StateMachineType;
  /** The ARN to use instead of the one made of region, account and name. Not in AWS's API: for a cloud that already knows it. */
  readonly arn?: string;
  readonly loggingConfiguration?: unknown;
  readonly tracingConfiguration?: unknown;
  readonly tags?: readonly { readonly key?: string; readonly value?: string }[];
}

export interface StateMachineSummary {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly creationDate: number;
}

export interface StateMachineDescription extends StateMachineSummary {
  readonly status: 'ACTIVE';
  readonly definition: string;
  readonly roleArn: string;
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly revisionId: string;
}

export interface StartExecutionRequest {
  readonly stateMachineArn: string;
  /** @default - a random UUID */
  readonly name?: string;
  /** JSON text. @default '{}' */
  readonly input?: string;
  readonly traceHeader?: string;
}

export interface ExecutionDescription {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input: string;
  readonly inputDetails: { readonly included: boolean };
  readonly output?: string;
  readonly outputDetails?: { readonly included: boolean };
  readonly error?: string;
  readonly cause?: string;
  readonly mapRunArn?: string;
  readonly redriveCount: number;
  readonly redriveDate?: number;
  readonly redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  readonly redriveStatusReason?: string;
  readonly traceHeader?: string;
}

/** The answer of StartSyncExecution. */
export interface SyncExecutionResult {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly startDate: number;
  readonly stopDate: number;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly error?: string;
  readonly cause?: string;
  readonly input: string;
  readonly inputDetails: { readonly included: boolean };
  readonly output?: string;
  readonly outputDetails?: { readonly included: boolean };
  readonly billingDetails: { readonly billedMemoryUsedInMB: number; readonly billedDurationInMilliseconds: number };
}

export interface ExecutionSummary {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  readonly redriveCount: number;
  readonly redriveDate?: number;
}

export interface PageRequest {
  /** At most this many. @default 100 */
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export interface ListExecutionsRequest extends PageRequest {
  /** Exactly one of `stateMachineArn` and `mapRunArn`. */
  readonly stateMachineArn?: string;
  readonly mapRunArn?: string;
  readonly statusFilter?: ExecutionStatus;
  readonly redriveFilter?: 'REDRIVEN' | 'NOT_REDRIVEN';
}

export interface GetExecutionHistoryRequest extends PageRequest {
  readonly executionArn: string;
  readonly reverseOrder?: boolean;
  /** @default true */
  readonly includeExecutionData?: boolean;
}

export interface ExecutionHistoryPage {
  readonly events: readonly ApiHistoryEvent[];
  readonly nextToken?: string;
}

export interface MapRunDescription {
  readonly mapRunArn: string;
  readonly executionArn: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startDate: number;
  readonly stopDate?: number;
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  readonly toleratedFailureCount: number;
  readonly itemCounts: MapRunCounts;
  readonly executionCounts: MapRunCounts;
  readonly redriveCount: number;
  readonly redriveDate?: number;
}

export interface MapRunCounts {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
  readonly total: number;
  readonly resultsWritten: number;
  readonly failuresNotRedrivable: number;
  readonly pendingRedrive: number;
}

export interface ActivitySummary {
  readonly activityArn: string;
  readonly name: string;
  readonly creationDate: number;
}

/** The end of an execution, or its beginning, or its resumption by a redrive: what EventBridge is told. */
export interface ExecutionStatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  /** JSON text. */
  readonly input: string;
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount: number;
}
