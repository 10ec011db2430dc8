import type { Json, JsonObject } from '../../asl/language/json.js';
import { exceedsJsonSize } from '../../asl/language/json-size.js';
import type { Variables } from '../../asl/language/scope.js';
import { StatesError } from '../../asl/language/states-error.js';
import type { Frame } from '../model/frame.js';
import { exceedsVariableLimits } from './variable-limits.js';

/** What is wrong with the size of a task's parameters; `undefined` when nothing is. */
export function tryRefuseInput(frame: Frame, parameters: Json): StatesError | undefined {
  return parameters !== frame.input && exceedsJsonSize(parameters) ? tooLarge(frame, 'was given an input') : undefined;
}

/** What is wrong with the size of what a state leaves behind, with which its thread would have the variables `after`; `undefined` when nothing is. */
export function tryRefuseOutcome(
  frame: Frame,
  output: Json,
  assigned: JsonObject | undefined,
  after: Variables,
): StatesError | undefined {
  if (output !== frame.input && exceedsJsonSize(output)) return tooLarge(frame, 'returned a result');
  if (assigned !== undefined && exceedsVariableLimits(frame, assigned, after))
    return tooLarge(frame, 'assigned variables');
  return undefined;
}

function tooLarge({ state }: Frame, what: string): StatesError {
  return new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${state.name}' ${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}
