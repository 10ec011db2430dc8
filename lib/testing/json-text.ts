import { exceedsJsonDepth, MAX_JSON_DEPTH } from '../asl/language/json-size.js';
import { DurableStepsError } from '../errors.js';

/** The JSON text of what a test gives; `undefined` is null. Throws `InvalidTemplate` for what AWS can't read, and what `JSON.stringify` would die of. */
export function jsonTextOf(where: string, value: unknown): string {
  if (exceedsJsonDepth(value)) {
    throw new DurableStepsError('InvalidTemplate', {
      where,
      expected: `lists and objects that lie in each other at most ${MAX_JSON_DEPTH} deep`,
      got: 'deeper ones',
    });
  }
  return JSON.stringify(value) ?? 'null';
}
