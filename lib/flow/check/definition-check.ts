import type { Json } from '../../asl/language/json.js';
import { exceedsJsonDepth, MAX_JSON_DEPTH } from '../../asl/language/json-size.js';
import { MAX_DEFINITION_LENGTH, TOO_DEEPLY_NESTED, validateDefinition } from '../../asl/validate/validate.js';
import { findDoomedExpressions } from '../../asl/validate/validate-doomed.js';
import { DurableStepsError } from '../../errors.js';

/**
 * Refuses a definition that AWS would refuse when the machine is created, and expressions that it could only fail on: what can be known when an app is
 * synthesized isn't left to its deployment. Throws `RefusedDefinition`.
 *
 * @param id the orchestration's construct id
 */
export function refuseDefinition(id: string, definition: object): void {
  refuseDepth(id, definition);
  const known = withoutTokens(definition);
  refuseSize(id, JSON.stringify(known).length);
  const [first, ...others] = [...validateDefinition(known, 'STANDARD'), ...findDoomedExpressions(known)];
  if (first === undefined) return;
  const { code, message, location = '/States' } = first;
  throw new DurableStepsError('RefusedDefinition', {
    where: `${id}${location}`,
    expected: 'a state that Step Functions accepts',
    got: `${code}: ${message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`,
    ...(code.includes('JSONATA') && {
      fix: 'write JSONata 2.0.6, over references and variables, without `??`, `?:` and `$eval`',
    }),
  });
}

/** Before anything else, since all that follows would run out of stack. */
function refuseDepth(id: string, definition: object): void {
  if (exceedsJsonDepth(definition, isDeferred)) throw tooDeep(id);
}

/** The states of a Map or Parallel lie this much deeper than itself: `States`, the state, its branches, the branch. */
const LEVELS_OF_SCOPE = 4;

/** So many Maps and Parallels can't lie in each other, whatever they hold. */
export const TOO_MANY_SCOPES = MAX_JSON_DEPTH / LEVELS_OF_SCOPE + 1;

/** The error for an orchestration whose definition is nested deeper than AWS reads. */
export function tooDeep(id: string): DurableStepsError {
  return new DurableStepsError('RefusedDefinition', {
    where: id,
    expected: `lists and objects that lie in each other at most ${MAX_JSON_DEPTH} deep`,
    got: `${TOO_DEEPLY_NESTED.code}: ${TOO_DEEPLY_NESTED.message}`,
    fix: 'pass deep values as data, and put deep parts of a flow into orchestrations of their own',
  });
}

function refuseSize(id: string, length: number): void {
  if (length <= MAX_DEFINITION_LENGTH) return;
  throw new DurableStepsError('RefusedDefinition', {
    where: id,
    expected: `a definition of at most ${MAX_DEFINITION_LENGTH} characters`,
    got: `${length}`,
    fix: 'put parts of it into orchestrations of their own, and run them as steps',
  });
}

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:function';

/** The definition with something plausible in place of what is known when it is deployed: texts, numbers and objects that stand for such values. */
function withoutTokens(definition: object): Json {
  const text = JSON.stringify(definition, function (this: Record<string, unknown>, key, value: unknown) {
    if (isDeferred(this[key]) || isNumberToken(value))
      return /Seconds$|^Max|^Tolerated/.test(key) ? secondsOf(key) : '1';
    return key === 'Resource' && typeof value === 'string' && value.startsWith('${Token[') ? FUNCTION : value;
  });
  return JSON.parse(text.replace(/\$\{Token\[[^\]]*?(\d+)\]\}/g, '$1')) as Json;
}

/** A heartbeat is shorter than a time-out, also where neither is known. */
function secondsOf(field: string): number {
  return field === 'TimeoutSeconds' ? 99_999_999 : 1;
}

/** The CDK encodes a number that isn't known yet as one around -1.9e289. */
function isNumberToken(value: unknown): boolean {
  return typeof value === 'number' && value < -1e288;
}

function isDeferred(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'creationStack' in value &&
    typeof (value as { resolve?: unknown }).resolve === 'function'
  );
}
