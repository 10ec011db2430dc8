import type { Json, JsonObject } from '../../asl/language/json.js';
import {
  exceedsJsonDepth,
  exceedsJsonSize,
  jsonSize,
  jsonSizeBound,
  MAX_PAYLOAD_BYTES,
} from '../../asl/language/json-size.js';
import type { Variables } from '../../asl/language/scope.js';
import type { Frame } from '../model/frame.js';

/** AWS's limit on all variables that an execution has, in bytes of JSON. */
const MAX_EXECUTION_BYTES = 10 * 1024 * 1024;

/** What is bounded to be this small is not measured. */
const SMALL_BYTES = 2_048;

/**
 * Whether a thread may not assign these variables, `after` which it has others: all of one `Assign` together may have 256 KiB, and all variables of
 * the execution 10 MiB.
 *
 * What an execution has is counted only when all that it has ever assigned would be too much.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export function exceedsVariableLimits(frame: Frame, assigned: JsonObject, after: Variables): boolean {
  const tooDeep = () => Object.values(assigned).some((value) => exceedsJsonDepth(value));
  if (exceedsJsonSize(assigned) && (tooDeep() || sizeOf(assigned) > MAX_PAYLOAD_BYTES)) return true;
  const { execution } = frame;
  const bound = jsonSizeBound(assigned);
  execution.variableBytes += bound > SMALL_BYTES ? sizeOf(assigned) : bound;
  if (execution.variableBytes <= MAX_EXECUTION_BYTES) return false;
  execution.variableBytes = storedIn(outermost(frame)) - frame.variables.bytes + after.bytes;
  return execution.variableBytes > MAX_EXECUTION_BYTES;
}

function outermost(frame: Frame): Frame {
  return frame.parent === undefined ? frame : outermost(frame.parent.fork.owner);
}

/** The size of what a thread and those inside of it store. */
function storedIn(frame: Frame): number {
  let { bytes } = frame.variables;
  for (const inner of frame.fork?.frames ?? []) if (inner !== undefined && !inner.ended) bytes += storedIn(inner);
  return bytes;
}

function sizeOf(variables: JsonObject): number {
  return Object.values(variables).reduce((sum: number, value: Json) => sum + jsonSize(value), 0);
}
