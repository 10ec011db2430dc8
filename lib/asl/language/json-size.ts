import { exactJsonText } from './exact-json.js';
import { isJsonArray, type Json } from './json.js';

/** AWS's limit on the input or output of a state, in bytes of JSON. */
export const MAX_PAYLOAD_BYTES = 262_144;

/** The deepest JSON that is taken: what Jackson reads, the parser of AWS's services in Java. */
export const MAX_JSON_DEPTH = 1_000;

/** Whether a value's JSON text, in UTF-8, is larger than `limit` bytes, or too deep to be read. Most values are small, which a cheap upper bound shows. */
export function exceedsJsonSize(value: Json, limit = MAX_PAYLOAD_BYTES): boolean {
  return remaining(value, limit) < 0 && (exceedsJsonDepth(value) || jsonSize(value) > limit);
}

/**
 * Whether lists and objects lie in each other deeper than {@link MAX_JSON_DEPTH}. Without recursion: depth costs no stack.
 *
 * @param isOpaque says of an object that it isn't looked into
 */
export function exceedsJsonDepth(value: unknown, isOpaque: (value: object) => boolean = () => false): boolean {
  const inside = (values: readonly unknown[]) => values.filter(isContainer).filter((one) => !isOpaque(one));
  let level = inside([value]);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return true;
    level = level.flatMap((outer) => inside(Object.values(outer)));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The bytes of a value's JSON text in UTF-8. */
export function jsonSize(value: Json): number {
  return Buffer.byteLength(exactJsonText(value));
}

/** A number of bytes that a value's JSON text does not exceed: cheap, and up to six times too large. */
export function jsonSizeBound(value: Json): number {
  return -remaining(value, 0, Number.NEGATIVE_INFINITY);
}

/** A character takes at most this many bytes: `\u0000`. */
const WIDEST_CHARACTER = 6;

/** What is surely left of `budget` after the value. It stops counting below `enough`: whether the value fits can then not be told without writing the text. */
function remaining(value: Json, budget: number, enough = 0, depth = 1): number {
  switch (typeof value) {
    case 'string':
      return budget - value.length * WIDEST_CHARACTER - 2;
    case 'number':
      return budget - 24;
    case 'bigint':
      return budget - String(value).length;
    case 'boolean':
      return budget - 5;
  }
  if (value === null) return budget - 4;
  if (depth > MAX_JSON_DEPTH) return Number.NEGATIVE_INFINITY;
  let left = budget - 2;
  if (isJsonArray(value)) {
    for (const item of value) {
      left = remaining(item, left - 1, enough, depth + 1);
      if (left < enough) return left;
    }
    return left;
  }
  for (const key in value) {
    left = remaining(
      (value as { readonly [key: string]: Json })[key]!,
      left - key.length * WIDEST_CHARACTER - 4,
      enough,
      depth + 1,
    );
    if (left < enough) return left;
  }
  return left;
}
