import { randomUUID } from 'node:crypto';
import type { Json } from './json.js';

/*
 * JSON text with integers as large as they are.
 *
 * A JavaScript number holds integers up to 2^53; the services of AWS, which are written in Java, hold any. An order number of 19 digits must come out of a
 * workflow as it went in, so what is data of an execution is read and written here: an integer that a number can't hold is a `bigint`.
 */

const LONG_NUMBER = /\d{16}/;
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** Marks an integer on its way through `JSON`, which has no place for it. No text of anybody's holds it. */
const MARK = randomUUID();
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** An integer as it is written: a number if that holds it, else a `bigint`; `undefined` for any other text. */
export function tryExactInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** Parses JSON text; throws a `SyntaxError`. Large integers stay what they are. */
export function parseExactJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  if (!LONG_NUMBER.test(text)) return value;
  let found = false;
  const marked = text.replace(STRINGS_AND_NUMBERS, (token) => {
    if (typeof tryExactInteger(token) !== 'bigint') return token;
    found = true;
    return `"${MARK}${token}"`;
  });
  return found ? (JSON.parse(marked, unmark) as Json) : value;
}

function unmark(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value;
}

/** Parses JSON text as {@link parseExactJson} does; `undefined` when the text is not JSON. */
export function tryParseExactJson(text: string): Json | undefined {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/**
 * The JSON text of a value that may hold integers of any size.
 *
 * @param replacer as `JSON.stringify` takes it
 */
export function exactJsonText(value: unknown, replacer?: Replacer, space?: number): string {
  try {
    return JSON.stringify(value, replacer, space);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const mark: Replacer = function (key, member) {
    const replaced = replacer === undefined ? member : replacer.call(this, key, member);
    return typeof replaced === 'bigint' ? `${MARK}${replaced}` : replaced;
  };
  return JSON.stringify(value, mark, space).replace(MARKED, '$1');
}
