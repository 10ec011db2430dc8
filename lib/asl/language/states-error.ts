/**
 * A failure of the workflow, as data: it meets Retry and Catch. It is thrown inside the engine to leave an evaluation, and never leaves the engine;
 * it has no stack on purpose.
 */
export class StatesError {
  constructor(
    /** The error's name, for example `States.Runtime`; a state may fail without one. */
    readonly error: string | undefined,
    readonly cause: string | undefined,
    /** The field whose JSONata failed, for example `Output/result`. */
    readonly location?: string,
    /** Whether the failure is one of evaluating the state: the cause then names the state. */
    readonly evaluation: boolean = false,
    /** Whether history links the failure to the state's entry, and not to what came before it. */
    readonly afterEntry: boolean = false,
    /** What retriers and catchers tell apart although the names are the same. */
    readonly source?: FailureSource,
  ) {}
}

/** A failure that a task answered, or whose answer was too large; a heartbeat that a task missed; a state that could not be evaluated. */
export type FailureSource = 'task' | 'heartbeat' | 'evaluation';

/** A failure of a task's own: what it answered, or that its answer was too large. */
export function taskError(error: string | undefined, cause: string | undefined): StatesError {
  return new StatesError(error, cause, undefined, false, false, 'task');
}

/** A heartbeat that did not come: it is called `States.Timeout`, and `States.HeartbeatTimeout` names it too. */
export function heartbeatError(): StatesError {
  return new StatesError('States.Timeout', undefined, undefined, false, false, 'heartbeat');
}

/** What is wrong with the execution rather than with its data: `States.Runtime`, whose cause does not name the state. Nothing catches it. */
export function fatalError(cause: string): StatesError {
  return new StatesError('States.Runtime', cause, undefined, false, false, 'evaluation');
}

/** A path, a template or a value that can't be used: `States.Runtime`, which nothing catches. */
export function runtimeError(cause: string): StatesError {
  return new StatesError('States.Runtime', cause, undefined, true);
}

/** A JSONata field that failed: `States.QueryEvaluationError`. */
export function queryError(cause: string, location?: string): StatesError {
  return new StatesError('States.QueryEvaluationError', cause, location, true);
}

/** An intrinsic function that failed: `States.IntrinsicFailure`. */
export function intrinsicError(cause: string): StatesError {
  return new StatesError('States.IntrinsicFailure', cause, undefined, true);
}

/** A JSONata field whose value has the right type and makes no sense all the same, such as a time that is none. */
export function queryValueError(cause: string, location: string): StatesError {
  return new StatesError('States.QueryEvaluationError', cause, location, true, true);
}

/** What a catcher gets: `Error` and `Cause`. A timeout has an empty cause; what was not given is null. */
export function errorOutput({ error, cause }: StatesError): {
  readonly Error: string | null;
  readonly Cause: string | null;
} {
  return { Error: error ?? null, Cause: cause ?? (error === 'States.Timeout' ? '' : null) };
}
