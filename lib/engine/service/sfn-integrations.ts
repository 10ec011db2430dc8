import { exactJsonText, parseExactJson } from '../../asl/language/exact-json.js';
import { isJsonObject, type Json, type JsonObject, tryOwn } from '../../asl/language/json.js';
import type { ExecutionDescription, StateMachineType } from '../model/api.js';
import { ApiError, type ApiErrorName } from '../model/api-errors.js';
import type { Execution } from '../model/execution.js';
import type { TaskRequest, TaskResult } from '../model/tasks.js';

/** The parts of the service that its own state machines can call. */
export interface SfnActions {
  startExecution(request: { readonly stateMachineArn: string; readonly name?: string; readonly input?: string }): {
    readonly executionArn: string;
    readonly startDate: number;
  };
  stopExecution(request: {
    readonly executionArn: string;
    readonly error?: string;
    readonly cause?: string;
  }): JsonObject;
  describeExecution(request: { readonly executionArn: string }): ExecutionDescription;
  describeStateMachine(request: { readonly stateMachineArn: string }): { readonly type: StateMachineType };
  sendTaskSuccess(request: { readonly taskToken: string; readonly output: string }): JsonObject;
  sendTaskFailure(request: {
    readonly taskToken: string;
    readonly error?: string;
    readonly cause?: string;
  }): JsonObject;
  sendTaskHeartbeat(request: { readonly taskToken: string }): JsonObject;
  findExecution(executionArn: string): Execution;
}

/** Whether the service itself does an integration: nested executions, and its own API by the AWS SDK integration. */
export function isSfnIntegration({ integration }: Pick<TaskRequest, 'integration'>): boolean {
  if (integration.kind !== 'service') return false;
  if (integration.sdk) return integration.service === 'sfn' && Object.hasOwn(SDK_ACTIONS, integration.action);
  return integration.service === 'states' && integration.action === 'startExecution';
}

type SdkAction = (actions: SfnActions, parameters: JsonObject) => JsonObject;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : exactJsonText(value ?? null));
const optional = (value: Json | undefined): string | undefined =>
  value === undefined || value === null ? undefined : text(value);

/** An optional member: there or not. */
function maybe<K extends string>(name: K, value: Json | undefined): { readonly [key in K]?: string } {
  const given = optional(value);
  return given === undefined ? {} : ({ [name]: given } as { readonly [key in K]: string });
}

const SDK_ACTIONS: Readonly<Record<string, SdkAction>> = {
  startExecution: (actions, { StateMachineArn, Name, Input }) => {
    const { executionArn, startDate } = actions.startExecution({
      stateMachineArn: text(StateMachineArn),
      ...maybe('name', Name),
      ...maybe('input', Input),
    });
    return { ExecutionArn: executionArn, StartDate: new Date(startDate).toISOString() };
  },
  stopExecution: (actions, { ExecutionArn, Error: error, Cause }) => {
    const stopped = actions.stopExecution({
      executionArn: text(ExecutionArn),
      ...maybe('error', error),
      ...maybe('cause', Cause),
    });
    return { StopDate: new Date(Number(stopped['stopDate'])).toISOString() };
  },
  describeExecution: (actions, { ExecutionArn }) =>
    describe(actions.describeExecution({ executionArn: text(ExecutionArn) }), false, (time) =>
      new Date(time).toISOString(),
    ),
  sendTaskSuccess: (actions, { TaskToken, Output }) =>
    actions.sendTaskSuccess({ taskToken: text(TaskToken), output: text(Output) }),
  sendTaskFailure: (actions, { TaskToken, Error: error, Cause }) =>
    actions.sendTaskFailure({ taskToken: text(TaskToken), ...maybe('error', error), ...maybe('cause', Cause) }),
  sendTaskHeartbeat: (actions, { TaskToken }) => actions.sendTaskHeartbeat({ taskToken: text(TaskToken) }),
};

/** Does an integration for which {@link isSfnIntegration} holds. */
export function runSfnIntegration(
  actions: SfnActions,
  request: TaskRequest,
  onSubmitted: (output: Json) => void,
): Promise<TaskResult> {
  const { integration } = request;
  const parameters = isJsonObject(request.parameters) ? request.parameters : {};
  if (integration.kind !== 'service') return Promise.resolve({ error: 'States.Runtime' });
  try {
    const sdk = integration.sdk ? tryOwn(SDK_ACTIONS, integration.action) : undefined;
    if (sdk !== undefined) return Promise.resolve({ output: sdk(actions, parameters) });
    return startNested(actions, request, parameters, onSubmitted);
  } catch (error) {
    if (error instanceof ApiError) return Promise.resolve(renderError(error, integration.sdk));
    throw error;
  }
}

function startNested(
  actions: SfnActions,
  request: TaskRequest,
  parameters: JsonObject,
  onSubmitted: (output: Json) => void,
): Promise<TaskResult> {
  const { integration, signal } = request;
  const { StateMachineArn, Name, Input } = parameters;
  const pattern = integration.kind === 'service' ? integration.pattern : 'request';
  if (pattern === 'sync' || pattern === 'sync:2') refuseExpress(actions, text(StateMachineArn));
  const started = actions.startExecution({
    stateMachineArn: text(StateMachineArn),
    ...maybe('name', Name),
    input: optional(Input) ?? '{}',
  });
  const submitted = { ExecutionArn: started.executionArn, StartDate: started.startDate, ...httpMetadata() };
  if (pattern === 'request' || pattern === 'waitForTaskToken') return Promise.resolve({ output: submitted });
  const child = actions.findExecution(started.executionArn);
  onSubmitted(submitted);
  signal.addEventListener('abort', () => {
    if (child.running)
      actions.stopExecution({
        executionArn: child.arn,
        cause: 'The parent execution was stopped or its task timed out.',
      });
  });
  return new Promise((resolve) => {
    const settle = (): void => {
      const description = actions.describeExecution({ executionArn: child.arn });
      if (description.status === 'SUCCEEDED') resolve({ output: describe(description, pattern === 'sync:2', Number) });
      else resolve({ error: 'States.TaskFailed', cause: exactJsonText(describe(description, false, Number)) });
    };
    if (child.running) child.watchers.push(settle);
    else settle();
  });
}

/** Nobody can be told of the end of an Express execution, so that nothing can wait for it. */
function refuseExpress(actions: SfnActions, stateMachineArn: string): void {
  if (actions.describeStateMachine({ stateMachineArn }).type !== 'EXPRESS') return;
  throw new ApiError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
}

/** A description in the form in which integrations give it; `sync:2` has input and output as JSON and not as text. */
function describe(description: ExecutionDescription, parsed: boolean, date: (time: number) => Json): JsonObject {
  const payload = (text: string): Json => (parsed ? parseExactJson(text) : text);
  const { cause, error, output, stopDate } = description;
  return {
    ...(cause !== undefined && { Cause: cause }),
    ...(error !== undefined && { Error: error }),
    ExecutionArn: description.executionArn,
    Input: payload(description.input),
    InputDetails: { Included: true },
    Name: description.name,
    ...(output !== undefined && { Output: payload(output), OutputDetails: { Included: true } }),
    RedriveCount: description.redriveCount,
    RedriveStatus: description.redriveStatus,
    ...(description.redriveStatusReason !== undefined && { RedriveStatusReason: description.redriveStatusReason }),
    StartDate: date(description.startDate),
    StateMachineArn: description.stateMachineArn,
    Status: description.status,
    ...(stopDate !== undefined && { StopDate: date(stopDate) }),
  };
}

function httpMetadata(): JsonObject {
  return { SdkHttpMetadata: { HttpStatusCode: 200 }, SdkResponseMetadata: {} };
}

const STATUS_CODE = 400;

/** An API error as a task's failure: `StepFunctions.…Exception`, or `Sfn.…Exception` by the AWS SDK integration. */
function renderError({ name, message }: ApiError, sdk: boolean): TaskResult {
  const code: ApiErrorName = name;
  if (sdk) {
    return {
      error: `Sfn.${exceptionName(code)}`,
      cause: `${message} (Service: Sfn, Status Code: ${STATUS_CODE}, Request ID: local) (SDK Attempt Count: 1)`,
    };
  }
  return {
    error: `StepFunctions.${exceptionName(code)}`,
    cause: `${message} (Service: AWSStepFunctions; Status Code: ${STATUS_CODE}; Error Code: ${code}; Request ID: local; Proxy: null)`,
  };
}

function exceptionName(code: ApiErrorName): string {
  return code.endsWith('Exception') ? code : `${code}Exception`;
}
