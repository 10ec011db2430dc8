import type {
  ActivitySummary,
  CreateStateMachineRequest,
  ExecutionDescription,
  ExecutionHistoryPage,
  ExecutionStatusChange,
  ExecutionSummary,
  GetExecutionHistoryRequest,
  ListExecutionsRequest,
  MapRunDescription,
  PageRequest,
  StartExecutionRequest,
  StateMachineDescription,
  StateMachineSummary,
  SyncExecutionResult,
} from './api';
import { ApiError } from './api-errors';
import type { Clock } from './clock';
import type { HistoryEvent } from './history';
import type { ObjectStore } from './objects';
import type { TaskPort } from './tasks';

/** What a {@link StepFunctions} service needs. */
export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /** Amazon S3, for `ItemReader` and `ResultWriter`. @default - definitions that use them are refused */
  readonly objects?: ObjectStore;
  /** How long finished executions are kept. @default - the last 10,000, for AWS's 90 days */
  readonly retention?: {
    /** @default 10000 */ readonly maxExecutions?: number;
    /** In milliseconds. @default - 90 days */ readonly maxAge?: number;
  };
  /** Whether a callback token or an activity that waits holds the clock ({@link Clock.hold}). @default true */
  readonly holdForTokens?: boolean;
  /** Source of names and tokens. @default - random UUIDs */
  readonly uuid?: () => string;
  /** Source of the numbers in `[0, 1)` behind jitter and random functions. @default Math.random */
  readonly random?: () => number;
}

/** AWS Step Functions in memory. */
export class StepFunctions {
  constructor(readonly options: StepFunctionsOptions) {}

  createStateMachine(_request: CreateStateMachineRequest): {
    readonly stateMachineArn: string;
    readonly creationDate: number;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  listStateMachines(_request: PageRequest = {}): {
    readonly stateMachines: readonly StateMachineSummary[];
    readonly nextToken?: string;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  describeStateMachine(_request: { readonly stateMachineArn: string }): StateMachineDescription {
    throw new ApiError('ValidationException', 'not yet');
  }
  deleteStateMachine(_request: { readonly stateMachineArn: string }): Record<string, never> {
    throw new ApiError('ValidationException', 'not yet');
  }
  startExecution(_request: StartExecutionRequest): { readonly executionArn: string; readonly startDate: number } {
    throw new ApiError('ValidationException', 'not yet');
  }
  startSyncExecution(_request: StartExecutionRequest): Promise<SyncExecutionResult> {
    throw new ApiError('ValidationException', 'not yet');
  }
  describeExecution(_request: { readonly executionArn: string }): ExecutionDescription {
    throw new ApiError('ValidationException', 'not yet');
  }
  describeStateMachineForExecution(_request: {
    readonly executionArn: string;
  }): Omit<StateMachineDescription, 'creationDate' | 'status' | 'type'> & { readonly updateDate: number } {
    throw new ApiError('ValidationException', 'not yet');
  }
  listExecutions(_request: ListExecutionsRequest): {
    readonly executions: readonly ExecutionSummary[];
    readonly nextToken?: string;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  getExecutionHistory(_request: GetExecutionHistoryRequest): ExecutionHistoryPage {
    throw new ApiError('ValidationException', 'not yet');
  }
  stopExecution(_request: { readonly executionArn: string; readonly error?: string; readonly cause?: string }): {
    readonly stopDate: number;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  redriveExecution(_request: { readonly executionArn: string; readonly clientToken?: string }): {
    readonly redriveDate: number;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  sendTaskSuccess(_request: { readonly taskToken: string; readonly output: string }): Record<string, never> {
    throw new ApiError('ValidationException', 'not yet');
  }
  sendTaskFailure(_request: {
    readonly taskToken: string;
    readonly error?: string;
    readonly cause?: string;
  }): Record<string, never> {
    throw new ApiError('ValidationException', 'not yet');
  }
  sendTaskHeartbeat(_request: { readonly taskToken: string }): Record<string, never> {
    throw new ApiError('ValidationException', 'not yet');
  }
  createActivity(_request: { readonly name: string }): { readonly activityArn: string; readonly creationDate: number } {
    throw new ApiError('ValidationException', 'not yet');
  }
  describeActivity(_request: { readonly activityArn: string }): ActivitySummary {
    throw new ApiError('ValidationException', 'not yet');
  }
  listActivities(_request: PageRequest = {}): {
    readonly activities: readonly ActivitySummary[];
    readonly nextToken?: string;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  /** Waits up to 60 s of the clock for work; the answer is empty when none came. Not to be tracked as a call in flight. */
  getActivityTask(_request: {
    readonly activityArn: string;
    readonly workerName?: string;
  }): Promise<{ readonly taskToken?: string; readonly input?: string }> {
    throw new ApiError('ValidationException', 'not yet');
  }
  describeMapRun(_request: { readonly mapRunArn: string }): MapRunDescription {
    throw new ApiError('ValidationException', 'not yet');
  }
  listMapRuns(_request: PageRequest & { readonly executionArn: string }): {
    readonly mapRuns: readonly Pick<MapRunDescription, 'executionArn' | 'mapRunArn' | 'startDate' | 'stopDate'>[];
    readonly nextToken?: string;
  } {
    throw new ApiError('ValidationException', 'not yet');
  }
  /** Every history event as it happens. Returns a function that ends the listening. */
  onEvent(_listener: (executionArn: string, event: HistoryEvent) => void): () => void {
    throw new ApiError('ValidationException', 'not yet');
  }
  /** Every change of an execution's status. Returns a function that ends the listening. */
  onStatusChange(_listener: (change: ExecutionStatusChange) => void): () => void {
    throw new ApiError('ValidationException', 'not yet');
  }
}
