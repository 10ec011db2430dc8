import { exactJsonText } from '../../language/exact-json.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject, tryOwn } from '../../language/json.js';
import { isDefinite, type PathToken, printNames, printTokens } from './tokens.js';

/** Why a path has no value, in the words of AWS's JSONPath library. */
export class PathNotFound {
  /** @param missing - whether there is nothing at the path; otherwise what is there is not what the path is for. */
  constructor(
    readonly reason: string,
    readonly missing = true,
  ) {}
}

/** The value to which definite steps lead. */
export function readDefinite(tokens: readonly PathToken[], root: Json): Json | PathNotFound {
  let value = root;
  for (let i = 0; i < tokens.length; i++) {
    const next = stepInto(value, tokens, i);
    if (next === undefined) return explainMissing(value, tokens, i, `$${printTokens(tokens.slice(0, i))}`);
    value = next;
  }
  return value;
}

/** Where the definite step `tokens[at]` leads to; `undefined` when it leads nowhere. */
export function stepInto(value: Json, tokens: readonly PathToken[], at: number): Json | undefined {
  const token = tokens[at]!;
  switch (token.kind) {
    case 'name':
      return isJsonObject(value) ? tryOwn(value, token.name) : undefined;
    case 'names':
      return isJsonObject(value) && at === tokens.length - 1 ? pick(value, token.names) : undefined;
    case 'index':
      return isJsonArray(value) ? value[token.index] : undefined;
    case 'fromEnd':
      return isJsonArray(value) ? value[value.length + token.offset] : undefined;
    case 'same':
      return value;
    default:
      throw new TypeError(`${token.kind} is not a definite step`);
  }
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const member = tryOwn(object, name);
      return member === undefined ? [] : [[name, member]];
    }),
  );
}

/** Why `tokens[at]` leads nowhere from `value`, which is at the path `here`. */
export function explainMissing(value: Json, tokens: readonly PathToken[], at: number, here: string): PathNotFound {
  const token = tokens[at]!;
  const last = at === tokens.length - 1;
  switch (token.kind) {
    case 'name':
    case 'names': {
      const names = printNames(token.kind === 'name' ? [token.name] : token.names);
      if (!isJsonObject(value)) return new PathNotFound(`Property ${names} not found in path ${here}`);
      if (token.kind === 'name') {
        return new PathNotFound(`${last ? 'No results for path:' : 'Missing property in path'} ${here}${names}`);
      }
      return new PathNotFound(`Multi properties can only be used as path leafs: ${here}${names}`, false);
    }
    case 'index':
    case 'fromEnd': {
      if (!isJsonArray(value)) return notAnArray(value, tokens, at, here);
      const index = token.kind === 'index' ? token.index : value.length + token.offset;
      return new PathNotFound(`Index out of bounds when evaluating path ${here}[${index}]`);
    }
    default:
      return notAnArray(value, tokens, at, here);
  }
}

/** The failure of indexes and slices that meet anything but a list. */
export function notAnArray(value: Json, tokens: readonly PathToken[], at: number, here: string): PathNotFound {
  if (value === null) return new PathNotFound(`The path ${here} is null`);
  return new PathNotFound(
    `Filter: ${printTokens(tokens.slice(at))} can only be applied to arrays. Current context is: ${printContext(value)}`,
    false,
  );
}

/** A value in the library's messages. */
export function printContext(value: Json): string {
  return typeof value === 'string' ? value : exactJsonText(value);
}

/** Whether a property that isn't there fails the path: at its end, or where nothing but definite steps surrounds it. */
export function failsWhenMissing(tokens: readonly PathToken[], at: number): boolean {
  return at === tokens.length - 1 || tokens.slice(Math.max(0, at - 1)).every(isDefinite);
}
