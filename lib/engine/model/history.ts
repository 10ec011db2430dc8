import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json, JsonObject } from '../../asl/language/json.js';
import type { StateType } from '../../asl/language/types.js';

/** What fails: the workflow's error name and its explanation. */
export interface FailureDetails {
  readonly error?: string;
  readonly cause?: string;
}

/** Which integration a task event is about, for example `lambda` and `invoke`. */
export interface TaskResourceDetails {
  readonly resourceType: string;
  readonly resource: string;
}

interface StateEnteredDetails {
  readonly name: string;
  readonly input: Json;
}

interface StateExitedDetails {
  readonly name: string;
  readonly output: Json;
  readonly assignedVariables?: JsonObject;
}

interface IterationDetails {
  readonly name: string;
  readonly index: number;
}

interface ScheduledDetails {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
  readonly taskCredentials?: { readonly roleArn?: string };
}

type EnteredType = `${StateType}StateEntered` extends infer T ? Exclude<T, 'never'> : never;
type ExitedType = `${Exclude<StateType, 'Fail'>}StateExited`;

/** The details of each event type; the names are those of the API, the values are parsed JSON. */
export type EventDetails = {
  readonly ExecutionStarted: { readonly input: Json; readonly inputText: string; readonly roleArn: string };
  readonly ExecutionSucceeded: { readonly output: Json };
  readonly ExecutionFailed: FailureDetails;
  readonly ExecutionAborted: FailureDetails;
  readonly ExecutionTimedOut: FailureDetails;
  readonly ExecutionRedriven: { readonly redriveCount: number };
  readonly LambdaFunctionScheduled: ScheduledDetails & { readonly resource: string; readonly input: Json };
  readonly LambdaFunctionStarted: undefined;
  readonly LambdaFunctionSucceeded: { readonly output: Json };
  readonly LambdaFunctionFailed: FailureDetails;
  readonly LambdaFunctionTimedOut: FailureDetails;
  readonly LambdaFunctionScheduleFailed: FailureDetails;
  readonly LambdaFunctionStartFailed: FailureDetails;
  readonly ActivityScheduled: ScheduledDetails & { readonly resource: string; readonly input: Json };
  readonly ActivityStarted: { readonly workerName?: string };
  readonly ActivitySucceeded: { readonly output: Json };
  readonly ActivityFailed: FailureDetails;
  readonly ActivityTimedOut: FailureDetails;
  readonly ActivityScheduleFailed: FailureDetails;
  readonly TaskScheduled: ScheduledDetails &
    TaskResourceDetails & { readonly region: string; readonly parameters: Json };
  readonly TaskStarted: TaskResourceDetails;
  readonly TaskSubmitted: TaskResourceDetails & { readonly output: Json };
  readonly TaskSucceeded: TaskResourceDetails & { readonly output: Json };
  readonly TaskFailed: TaskResourceDetails & FailureDetails;
  readonly TaskTimedOut: TaskResourceDetails & FailureDetails;
  readonly TaskStartFailed: TaskResourceDetails & FailureDetails;
  readonly TaskSubmitFailed: TaskResourceDetails & FailureDetails;
  readonly TaskStateAborted: undefined;
  readonly WaitStateAborted: undefined;
  readonly ParallelStateStarted: undefined;
  readonly ParallelStateSucceeded: undefined;
  readonly ParallelStateFailed: undefined;
  readonly ParallelStateAborted: undefined;
  readonly MapStateStarted: { readonly length: number };
  readonly MapStateSucceeded: undefined;
  readonly MapStateFailed: undefined;
  readonly MapStateAborted: undefined;
  readonly MapIterationStarted: IterationDetails;
  readonly MapIterationSucceeded: IterationDetails;
  readonly MapIterationFailed: IterationDetails;
  readonly MapIterationAborted: IterationDetails;
  readonly MapRunStarted: { readonly mapRunArn: string };
  readonly MapRunSucceeded: undefined;
  readonly MapRunFailed: FailureDetails;
  readonly MapRunAborted: undefined;
  readonly MapRunRedriven: { readonly mapRunArn: string; readonly redriveCount: number };
  readonly EvaluationFailed: FailureDetails & { readonly location?: string; readonly state: string };
} & { readonly [T in EnteredType]: StateEnteredDetails } & { readonly [T in ExitedType]: StateExitedDetails };

/** The type of a history event, as in the API. */
export type EventType = keyof EventDetails;

/**
 * One event of an execution's history as the engine keeps it: compact, values parsed. {@link renderHistoryEvent} makes the API's form of it.
 */
export type HistoryEvent = {
  readonly [T in EventType]: {
    readonly id: number;
    /** The event that led to this one; 0 for the first, and for the entry into the first state. */
    readonly previousEventId: number;
    /** Milliseconds since the epoch. */
    readonly timestamp: number;
    readonly type: T;
    readonly details: EventDetails[T];
  };
}[EventType];

/** An event as GetExecutionHistory answers it, except that `timestamp` is in milliseconds since the epoch. */
export interface ApiHistoryEvent {
  readonly timestamp: number;
  readonly type: EventType;
  readonly id: number;
  readonly previousEventId: number;
  /** `<kind>EventDetails`; all values that are JSON are text, as in the API. */
  readonly [details: `${string}EventDetails`]: JsonObject;
}

/** The event in the API's form: `input`, `output` and `parameters` as JSON text (left out on demand), details under their API name. */
export function renderHistoryEvent(event: HistoryEvent, includeExecutionData = true): ApiHistoryEvent {
  const { id, previousEventId, timestamp, type } = event;
  const key = detailsKey(type);
  const base = { timestamp, type, id, previousEventId };
  if (key === undefined || event.details === undefined) return base;
  return { ...base, [key]: renderDetails(event.details, includeExecutionData) };
}

/** The API's member name for the details of an event type; `undefined` for the types that have none. */
function detailsKey(type: EventType): `${string}EventDetails` | undefined {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

const NOT_TRUNCATED: JsonObject = { truncated: false };

function renderDetails(details: object, includeExecutionData: boolean): JsonObject {
  const rendered: Record<string, Json> = {};
  for (const [name, value] of Object.entries(details) as [string, Json | undefined][]) {
    if (value === undefined || name === 'inputText') continue;
    if (name === 'input' || name === 'output') {
      if (includeExecutionData)
        rendered[name] = 'inputText' in details ? String(details.inputText) : exactJsonText(value);
      rendered[`${name}Details`] = NOT_TRUNCATED;
    } else if (name === 'assignedVariables') {
      if (includeExecutionData) rendered[name] = renderVariables(value as JsonObject);
      rendered['assignedVariablesDetails'] = NOT_TRUNCATED;
    } else if (name === 'parameters') {
      rendered[name] = exactJsonText(value);
    } else {
      rendered[name] = value;
    }
  }
  return rendered;
}

function renderVariables(variables: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, exactJsonText(value)]));
}
