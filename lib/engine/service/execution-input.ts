import { tryParseExactJson } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import { exceedsJsonDepth, MAX_JSON_DEPTH, MAX_PAYLOAD_BYTES } from '../../asl/language/json-size.js';
import { ApiError } from '../model/api-errors.js';

/** The input of an execution from its text. Throws `InvalidExecutionInput` for what is no JSON, too large or too deep. */
export function readExecutionInput(text: string): Json {
  const input = tryParseExactJson(text);
  if (input === undefined)
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${text}'`);
  const limit =
    Buffer.byteLength(text) > MAX_PAYLOAD_BYTES
      ? `${MAX_PAYLOAD_BYTES} bytes`
      : exceedsJsonDepth(input)
        ? `a depth of ${MAX_JSON_DEPTH}`
        : undefined;
  if (limit !== undefined)
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: the input exceeds ${limit}`);
  return input;
}
