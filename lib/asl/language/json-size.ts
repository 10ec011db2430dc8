import type { Json } from './json.js';

/** AWS's limit on the input or output of a state, in bytes of JSON. */
export const MAX_PAYLOAD_BYTES = 262_144;

/** Whether a value's JSON text, in UTF-8, is larger than `limit` bytes. Most values are small, which a cheap upper bound shows. */
export function exceedsJsonSize(value: Json, limit = MAX_PAYLOAD_BYTES): boolean {
  return remaining(value, limit) < 0 && Buffer.byteLength(JSON.stringify(value)) > limit;
}

/** A character takes at most this many bytes: `\u0000`. */
const WIDEST_CHARACTER = 6;

/** What is surely left of `budget` after the value; negative when that can't be told without writing the text. */
function remaining(value: Json, budget: number): number {
  switch (typeof value) {
    case 'string':
      return budget - value.length * WIDEST_CHARACTER - 2;
    case 'number':
      return budget - 24;
    case 'boolean':
      return budget - 5;
  }
  if (value === null) return budget - 4;
  let left = budget - 2;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      left = remaining(item, left - 1);
      if (left < 0) return left;
    }
    return left;
  }
  for (const key in value) {
    left = remaining((value as { readonly [key: string]: Json })[key]!, left - key.length * WIDEST_CHARACTER - 4);
    if (left < 0) return left;
  }
  return left;
}
