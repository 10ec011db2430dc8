import type { Json } from '../language/json.js';
import type { Sources } from '../language/scope.js';
import { LimitExceeded, MOST_IN_A_RANGE } from './evaluation-limits.js';
import { hash, isBase64, partition, range } from './intrinsics.js';
import { JavaRandom } from './java-random.js';
import { parseStrictJsonText } from './json-text.js';
import type { SyncExpression } from './jsonata-engine.js';

/** What AWS reports as an error of its own rather than of the expression. */
export class InternalError extends Error {}

/**
 * Gives an expression AWS's additions to JSONata, takes `$eval` away, and makes functions as strict as they are there. `sources` tells where chance
 * comes from at the time of a call.
 */
export function registerFunctions(expression: SyncExpression, sources: () => Sources): void {
  expression.assign('eval', undefined);
  expression.registerFunction('partition', partitionOf, '<an:a>');
  expression.registerFunction('range', rangeOf, '<nnn?:a>');
  expression.registerFunction('hash', hashOf, '<ss?:s>');
  expression.registerFunction(
    'random',
    (seed?: number) => (seed === undefined ? sources().random() : new JavaRandom(seed).nextDouble()),
    '<n?:n>',
  );
  expression.registerFunction('uuid', () => sources().uuid(), '<:s>');
  expression.registerFunction(
    'parse',
    (text: string | undefined) => (text === undefined ? undefined : attempt(() => parseStrictJsonText(text))),
    '<s:x>',
  );
  expression.registerFunction('base64decode', base64Decode, '<s-:s>');
}

/** Pieces of an empty list, or of none, are nothing. */
function partitionOf(list: readonly Json[] | undefined, size: number): Json | undefined {
  const whole = Math.trunc(size);
  return list === undefined || list.length === 0 || whole === 0 ? undefined : attempt(() => partition(list, whole));
}

function rangeOf(this: { createSequence(): Json[] }, from: number, to: number, step?: number): Json[] | undefined {
  if (step === undefined) return undefined;
  const [first, last, by] = [Math.trunc(from), Math.trunc(to), Math.trunc(step)];
  if (by !== 0 && (last - first) / by >= MOST_IN_A_RANGE) throw LimitExceeded.memory();
  const sequence = this.createSequence();
  for (const number of attempt(() => range(first, last, by, MOST_IN_A_RANGE))) sequence.push(number);
  return sequence;
}

function hashOf(data: string | undefined, algorithm?: string): string | undefined {
  return data === undefined || algorithm === undefined ? undefined : attempt(() => hash(data, algorithm));
}

function base64Decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!isBase64(text)) throw new InternalError();
  return Buffer.from(text, 'base64').toString('binary');
}

/** A failure inside a function, in the form in which jsonata reports its own. */
function attempt<T>(apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    throw { code: 'D3137', message: error instanceof Error ? error.message : String(error) };
  }
}
