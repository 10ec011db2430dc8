import type { Json } from '../../asl/language/json.js';
import { matchesError, retryDelaySeconds } from '../../asl/language/retry.js';
import { errorOutput, StatesError } from '../../asl/language/states-error.js';
import type { Effect } from '../model/effects.js';
import type { Frame } from '../model/frame.js';

/** The failure of an evaluation with AWS's preamble; a failed JSONata evaluation has an event of its own. */
export function noteEvaluation(frame: Frame, raised: StatesError): StatesError {
  const { execution, state, enteredId } = frame;
  const { error, location } = raised;
  const preamble = `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredId}).`;
  const cause = `${preamble} ${raised.cause ?? ''}`;
  if (error === 'States.QueryEvaluationError') {
    const atEntry = frame.previous === enteredId && !raised.afterEntry;
    frame.previous = execution.write('EvaluationFailed', atEntry ? frame.enteredAfter : frame.previous, {
      error,
      cause,
      ...(location !== undefined && { location }),
      state: state.name,
    });
  }
  return new StatesError(error, cause, location, false, false, 'evaluation');
}

/** Whether a failure ends the execution whatever is around the state: a path or a value that can't be used. AWS writes no failure of the states around. */
export function isFatal({ error, source }: StatesError): boolean {
  return error === 'States.Runtime' && source === 'evaluation';
}

/** Counts a retry of the current state, when a retrier has one left for this failure. Gives how long to wait for it, in seconds. */
export function tryRetry(frame: Frame, failure: StatesError): number | undefined {
  const { retry } = frame.state;
  const index = retry.findIndex(({ errors }) => matchesError(errors, failure));
  const policy = retry[index];
  if (policy === undefined) return undefined;
  frame.retries ??= new Array<number>(retry.length).fill(0);
  const attempt = frame.retries[index]!;
  if (attempt >= policy.maxAttempts) return undefined;
  frame.retries[index] = attempt + 1;
  frame.fork = undefined;
  frame.beginRetry();
  return retryDelaySeconds(policy, attempt, frame.execution.sources.random);
}

/** What the first catcher for this failure makes of it; `undefined` when there is none. Throws when its own expressions fail. */
export function tryCatch(frame: Frame, failure: StatesError): Effect | undefined {
  const catcher = frame.state.catchers.find(({ errors }) => matchesError(errors, failure));
  if (catcher === undefined) return undefined;
  const output = errorOutput(failure);
  const at = (input: Json) => frame.scope(input, undefined, output);
  const outcome = catcher.flow.outcome(at(frame.input), output, at);
  frame.fork = undefined;
  return { kind: 'exit', ...outcome, next: catcher.next, caught: true };
}
