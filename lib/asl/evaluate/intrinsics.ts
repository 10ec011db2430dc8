import { createHash } from 'node:crypto';
import { exactJsonText } from '../language/exact-json.js';
import { isJsonArray, isJsonObject, type Json } from '../language/json.js';
import type { Sources } from '../language/scope.js';
import { JavaRandom } from './java-random.js';
import { parseJsonText } from './json-text.js';

/** An intrinsic function of the JSONPath query language; it throws a plain `Error` with the reason when it can't be applied. */
export interface Intrinsic {
  readonly arguments: readonly [least: number, most: number];
  readonly apply: (args: readonly Json[], sources: Sources) => Json;
}

const ANY = Number.POSITIVE_INFINITY;
/** AWS's limit on the size of an array that a function makes. */
const MAX_RANGE = 1000;
/** AWS's limit on the text that Base64 and hash functions take. */
const MAX_TEXT = 10_000;

/** The intrinsic functions by name. */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': { arguments: [0, ANY], apply: (args) => args },
  'States.ArrayContains': {
    arguments: [2, 2],
    apply: ([list, value]) => array(list).some((item) => equal(item, value ?? null)),
  },
  'States.ArrayGetItem': { arguments: [2, 2], apply: ([list, index]) => itemAt(array(list), integer(index)) },
  'States.ArrayLength': { arguments: [1, 1], apply: ([list]) => array(list).length },
  'States.ArrayPartition': { arguments: [2, 2], apply: ([list, size]) => partition(array(list), integer(size)) },
  'States.ArrayRange': {
    arguments: [3, 3],
    apply: ([from, to, step]) => range(integer(from), integer(to), integer(step)),
  },
  'States.ArrayUnique': { arguments: [1, 1], apply: ([list]) => unique(array(list)) },
  'States.Base64Decode': {
    arguments: [1, 1],
    apply: ([text]) => decodeBase64(limited(text)),
  },
  'States.Base64Encode': {
    arguments: [1, 1],
    apply: ([text]) => Buffer.from(limited(text), 'utf8').toString('base64'),
  },
  'States.Format': { arguments: [1, ANY], apply: ([template, ...values]) => format(string(template), values) },
  'States.Hash': { arguments: [2, 2], apply: ([data, algorithm]) => hash(limited(data), string(algorithm)) },
  'States.JsonMerge': { arguments: [3, 3], apply: ([a, b, deep]) => merge(a ?? null, b ?? null, deep ?? null) },
  'States.JsonToString': { arguments: [1, 1], apply: ([value]) => exactJsonText(value ?? null) },
  'States.MathAdd': { arguments: [2, 2], apply: ([a, b]) => integer(a) + integer(b) },
  'States.MathRandom': {
    arguments: [2, 3],
    apply: ([from, to, seed], sources) =>
      randomBetween(integer(from), integer(to), (size) =>
        seed === undefined ? Math.floor(sources.random() * size) : new JavaRandom(integer(seed)).nextInt(size),
      ),
  },
  'States.StringSplit': { arguments: [2, 2], apply: ([text, separators]) => split(string(text), string(separators)) },
  'States.StringToJson': { arguments: [1, 1], apply: ([text]) => parse(string(text)) },
  'States.UUID': { arguments: [0, 0], apply: (_args, sources) => sources.uuid() },
};

function array(value: Json | undefined): readonly Json[] {
  if (!isJsonArray(value)) throw new Error(`expected an array, got ${exactJsonText(value)}`);
  return value;
}

function string(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`expected a string, got ${exactJsonText(value)}`);
  return value;
}

function limited(value: Json | undefined): string {
  const text = string(value);
  if (text.length > MAX_TEXT) throw new Error(`expected at most ${MAX_TEXT} characters, got ${text.length}`);
  return text;
}

/** A number, rounded half up toward positive infinity as AWS does. */
function integer(value: Json | undefined): number {
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new Error(`expected a number, got ${exactJsonText(value)}`);
  return Math.round(Number(value));
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Whether a text is what `java.util.Base64` takes: the padding may be missing, nothing else may be there. */
export function isBase64(text: string): boolean {
  return BASE64.test(text);
}

function decodeBase64(text: string): string {
  if (!isBase64(text)) throw new Error(`expected Base64, got '${text}'`);
  return Buffer.from(text, 'base64').toString('utf8');
}

function itemAt(list: readonly Json[], index: number): Json {
  const item = list[index];
  if (item === undefined) throw new Error(`index ${index} is outside of an array of ${list.length}`);
  return item;
}

/** The list cut into pieces of `size`; the last may be shorter. */
export function partition<T>(list: readonly T[], size: number): T[][] {
  if (!(size > 0)) throw new Error(`expected a positive chunk size, got ${size}`);
  const pieces: T[][] = [];
  for (let at = 0; at < list.length; at += size) pieces.push(list.slice(at, at + size));
  return pieces;
}

/** The numbers from `from` to `to`, both included, in steps of `step`. */
export function range(from: number, to: number, step: number, most = MAX_RANGE): number[] {
  if (step === 0) throw new Error('expected a step other than 0');
  const count = Math.max(0, Math.floor((to - from) / step) + 1);
  if (count > most) throw new Error(`expected at most ${most} items, got ${count}`);
  return Array.from({ length: count }, (_, index) => from + index * step);
}

/** Whether two JSON values are the same, whatever the order of an object's members. */
function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isJsonArray(a) && isJsonArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null))
  );
}

function unique(list: readonly Json[]): Json[] {
  return list.filter((item, index) => list.findIndex((other) => equal(other, item)) === index);
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The hexadecimal digest of a text. */
export function hash(data: string, algorithm: string): string {
  const name = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (name === undefined) throw new Error(`expected one of ${Object.keys(HASHES).join(', ')}, got ${algorithm}`);
  return createHash(name).update(data).digest('hex');
}

function merge(a: Json, b: Json, deep: Json): Json {
  if (!isJsonObject(a) || !isJsonObject(b)) throw new Error('expected two JSON objects');
  if (deep !== false) throw new Error('only the shallow merge is supported: expected false as the third argument');
  return { ...a, ...b };
}

/** An integer in `[from, to)`. */
function randomBetween(from: number, to: number, below: (size: number) => number): number {
  if (to <= from) throw new Error('expected the start to be less than the end');
  return from + below(to - from);
}

/** Splits at *any* character of `separators` and drops empty pieces. */
function split(text: string, separators: string): string[] {
  if (separators === '') return [text];
  const ends = new Set(separators);
  const pieces: string[] = [];
  let piece = '';
  for (const char of text) {
    if (!ends.has(char)) piece += char;
    else if (piece !== '') {
      pieces.push(piece);
      piece = '';
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function parse(text: string): Json {
  return text.trim() === '' ? null : parseJsonText(text);
}

/** Fills each `{}` with the next value; `\{`, `\}`, `\'` and `\\` stand for the character itself. */
function format(template: string, values: readonly Json[]): string {
  let used = 0;
  const text = template.replace(/\\([{}'\\])|\{\}/g, (whole, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = values[used++];
    return value === undefined ? whole : printLikeJava(value);
  });
  if (used !== values.length) throw new Error(`expected ${used} values for the template, got ${values.length}`);
  return text;
}

/** Values print as AWS prints them: `{Arg1=1, Arg2=[]}`. */
function printLikeJava(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(printLikeJava).join(', ')}]`;
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${printLikeJava(member)}`)
      .join(', ')}}`;
  }
  return String(value);
}
