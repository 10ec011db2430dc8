import type { Diagnostic } from '../../asl/language/diagnostics.js';
import type { ApiHistoryEvent } from './history.js';

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

/** What changes of a state machine; its executions keep what they began with. */
export interface UpdateStateMachineRequest
  extends Partial<
    Pick<CreateStateMachineRequest, 'definition' | 'roleArn' | 'loggingConfiguration' | 'tracingConfiguration'>
  > {
  readonly stateMachineArn: string;
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

/** How much TestState tells. */
export type InspectionLevel = 'INFO' | 'DEBUG' | 'TRACE';

export interface TestStateRequest {
  /** A state, or a state machine together with `stateName`: JSON text. */
  readonly definition: string;
  readonly roleArn?: string;
  /** JSON text. @default '{}' */
  readonly input?: string;
  /** @default 'INFO' */
  readonly inspectionLevel?: InspectionLevel;
  /** Which state of a state machine to test; it may be inside of a Map or Parallel state. */
  readonly stateName?: string;
  /** Workflow variables: a JSON object as text. */
  readonly variables?: string;
  /** The context object as text. @default - one of a made-up Express execution */
  readonly context?: string;
  /** What the task, the branches or the iterations give, instead of being run. */
  readonly mock?: {
    /** JSON text. */
    readonly result?: string;
    readonly errorOutput?: { readonly error?: string; readonly cause?: string };
    /** How strictly AWS compares the result with the service's API. Accepted; the API models are not known here, so nothing is compared. */
    readonly fieldValidationMode?: 'STRICT' | 'PRESENT' | 'NONE';
  };
  readonly stateConfiguration?: {
    /** How many retries the matching retrier has behind it. @default 0 */
    readonly retrierRetryCount?: number;
    /** The inner state that raised `mock.errorOutput`. */
    readonly errorCausedByState?: string;
    /** How many iterations of a Map failed. */
    readonly mapIterationFailureCount?: number;
    /** What the ItemReader of a Map reads: JSON text. */
    readonly mapItemReaderData?: string;
  };
}

/** What a state did on the way; each value is JSON text. */
export interface InspectionData {
  readonly input?: string;
  readonly afterArguments?: string;
  readonly afterInputPath?: string;
  readonly afterParameters?: string;
  readonly afterItemsPath?: string;
  readonly afterItemSelector?: string;
  readonly result?: string;
  readonly afterResultSelector?: string;
  readonly afterResultPath?: string;
  readonly variables?: string;
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  readonly errorDetails?: {
    readonly catchIndex?: number;
    readonly retryIndex?: number;
    readonly retryBackoffIntervalSeconds?: number;
  };
}

export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: InspectionData;
}

export interface ValidateStateMachineDefinitionRequest {
  readonly definition: string;
  /** @default 'STANDARD' */
  readonly type?: StateMachineType;
  /** `ERROR` leaves warnings out. @default 'ERROR' */
  readonly severity?: 'ERROR' | 'WARNING';
  /** @default 100 */
  readonly maxResults?: number;
}

export interface ValidateStateMachineDefinitionResult {
  readonly result: 'OK' | 'FAIL';
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there were more than `maxResults`. */
  readonly truncated: boolean;
}
