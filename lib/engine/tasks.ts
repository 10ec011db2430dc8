import type { Json } from '../asl/json';

/** How a Task waits for what it called. */
export type TaskPattern = 'request' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** What a Task's `Resource` means, read once when the definition is loaded. */
export type TaskIntegration =
  | { readonly kind: 'lambda'; readonly functionArn: string }
  | { readonly kind: 'activity'; readonly activityArn: string }
  | {
      readonly kind: 'service';
      /** The service as in the resource ARN, without `aws-sdk:`, for example `lambda` or `dynamodb`. */
      readonly service: string;
      /** The action in camel case, for example `invoke` or `putItem`. */
      readonly action: string;
      /** Whether this is an AWS SDK integration (`arn:aws:states:::aws-sdk:…`) and not an optimized one. */
      readonly sdk: boolean;
      readonly pattern: TaskPattern;
    };

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
export type TaskResult = { readonly output: Json } | { readonly error?: string; readonly cause?: string };

/** Where tasks are done: Lambda functions, AWS services, stubs of a test. */
export interface TaskPort {
  /** Why this integration can't be done, in words that finish the sentence "… is refused: "; `undefined` when it can. Asked when a definition is loaded. */
  supports(integration: TaskIntegration): string | undefined;
  /** Does one attempt. A rejection is a defect of the port, not of the workflow: the task fails with `States.TaskFailed` and the message. */
  run(request: TaskRequest): Promise<TaskResult>;
}

/** Whether an attempt succeeded. */
export function isTaskSuccess(result: TaskResult): result is { readonly output: Json } {
  return 'output' in result;
}
