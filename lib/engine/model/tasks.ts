import type { Json } from '../../asl/language/json.js';
import type { TaskResource } from '../../asl/language/task-resource.js';

/**
 * What a Task's `Resource` means, read once when the definition is loaded: a function's ARN (`lambda`), an activity's (`activity`), or a service
 * integration: `service` and `action` as in the resource ARN, `sdk` for `aws-sdk:…`, and how the Task waits (`pattern`).
 */
export type TaskIntegration = TaskResource;

/** How a Task waits for what it called. */
export type TaskPattern = Extract<TaskResource, { kind: 'service' }>['pattern'];

/** The execution on whose behalf a task runs. */
export interface TaskExecution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  /** ISO 8601. */
  readonly startTime: string;
}

/** One attempt at one task. */
export interface TaskRequest {
  /** The state's `Resource`, as written. */
  readonly resource: string;
  readonly integration: TaskIntegration;
  /** The evaluated Parameters or Arguments; for a function ARN, the state's effective input. */
  readonly parameters: Json;
  /** The token of this attempt; only for `waitForTaskToken`. */
  readonly taskToken?: string;
  /** The evaluated `Credentials` of the state. */
  readonly credentials?: Json;
  readonly state: string;
  /** 1 for the first attempt, 2 for the first retry, … */
  readonly attempt: number;
  readonly execution: TaskExecution;
  readonly region: string;
  /** Aborted when the task timed out or its execution was stopped. */
  readonly signal: AbortSignal;
}

/**
 * What came of an attempt. For `lambda:invoke`, `output` is the integration's whole result (`ExecutedVersion`, `Payload`, `StatusCode`, …); for a
 * function ARN it is the function's result. A failure is the workflow's: data that meets Retry and Catch. For a Lambda function, `error` is its
 * `errorType` and `cause` the error payload's JSON text.
 */
export type TaskResult =
  | {
      readonly output: Json;
      /** For `.sync` integrations: what the service answered when the work was submitted. */
      readonly submitted?: Json;
    }
  | { readonly error?: string; readonly cause?: string; readonly submitted?: Json };

/** An answer that takes its time on the engine's clock: a stub that stands for slow work. `Infinity` for work that never answers. */
export interface LateResult {
  readonly afterMs: number;
  readonly result: TaskResult;
}

/** Where tasks are done: Lambda functions, AWS services, stubs of a test. */
export interface TaskPort {
  /** Why this integration can't be done, in words that finish the sentence "… is refused: "; `undefined` when it can. Asked when a definition is loaded. */
  supports(integration: TaskIntegration): string | undefined;
  /**
   * Why a call that the engine does by itself (a nested execution, `aws-sdk:sfn`) is not allowed, as the task's failure; asked before it is done.
   * @default - all are allowed
   */
  denial?(request: TaskRequest): TaskResult | undefined;
  /** Does one attempt. A rejection is a defect of the port, not of the workflow: the task fails with `States.TaskFailed` and the message. */
  run(request: TaskRequest): Promise<TaskResult | LateResult>;
}

/** Whether an attempt succeeded. */
export function isTaskSuccess(result: TaskResult): result is { readonly output: Json; readonly submitted?: Json } {
  return 'output' in result;
}
