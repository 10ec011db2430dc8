import { isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { evaluateFilter } from './json-path-filter.js';
import { parseJsonPath } from './json-path-parser.js';
import type { PathFunction, PathToken } from './json-path-tokens.js';

/** Why a definite path has no value, in the words of AWS's JSONPath library. */
export class PathNotFound {
  constructor(readonly reason: string) {}
}

/**
 * A parsed JSONPath without its root (`$`, `$$`, `$variable`): the root is the caller's business.
 *
 * A *definite* path leads to one place at most; it gives the value or fails. An indefinite one (wildcard, slice, filter, descent, several names)
 * always gives a list, which may be empty.
 */
export class JsonPath {
  readonly definite: boolean;

  constructor(readonly tokens: readonly PathToken[]) {
    this.definite = tokens.every((token) => ['name', 'names', 'index', 'function'].includes(token.kind));
  }

  /** The value; {@link PathNotFound} when a definite path leads nowhere. */
  read(root: Json): Json | PathNotFound {
    const { tokens } = this;
    if (!this.definite) return this.readList(root);
    let value = root;
    for (let i = 0; i < tokens.length; i++) {
      const next = stepInto(value, tokens[i]!);
      if (next === undefined) return this.explainMissing(value, i);
      value = next;
    }
    return value;
  }

  /** The path in the brackets form, as AWS's library prints it: `$['a'][0]`. */
  toString(length = this.tokens.length): string {
    return `$${this.tokens.slice(0, length).map(printToken).join('')}`;
  }

  private readList(root: Json): Json | PathNotFound {
    let values: Json[] = [root];
    for (const [i, token] of this.tokens.entries()) {
      if (token.kind === 'function')
        return applyFunction(token.name, values) ?? new PathNotFound(`No results for path: ${this}`);
      const next: Json[] = [];
      for (const value of values) {
        if (
          token.kind === 'wildcard' ||
          token.kind === 'slice' ||
          token.kind === 'indexes' ||
          token.kind === 'filter'
        ) {
          collect(value, token, next, this.tokens[i - 1]?.kind === 'descend', root);
        } else if (token.kind === 'descend') descend(value, next);
        else {
          const found = stepInto(value, token);
          if (found !== undefined) next.push(found);
        }
      }
      values = next;
    }
    return values;
  }

  private explainMissing(value: Json, at: number): PathNotFound {
    const token = this.tokens[at]!;
    const here = this.toString(at);
    if (token.kind === 'index') {
      if (value === null) return new PathNotFound(`The path ${here} is null`);
      if (!Array.isArray(value)) {
        return new PathNotFound(
          `Filter: ${printToken(token)} can only be applied to arrays. Current context is: ${JSON.stringify(value)}`,
        );
      }
      return new PathNotFound(`No results for path: ${this}`);
    }
    if (token.kind === 'function' || at === this.tokens.length - 1) {
      if (isJsonObject(value) || token.kind === 'function')
        return new PathNotFound(`No results for path: ${this.toString(at + 1)}`);
    } else if (isJsonObject(value)) {
      return new PathNotFound(`Missing property in path ${this.toString(at + 1)}`);
    }
    return new PathNotFound(
      `Expected to find an object with property ${printToken(token)} in path ${here} but found '${javaClass(value)}'. ` +
        `This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.`,
    );
  }
}

const cache = new Map<string, JsonPath>();

/** Parses the part of a path that follows its root, for example `.a[0]`. Throws a `SyntaxError` when it is not a path. Parsed once per text. */
export function jsonPath(text: string): JsonPath {
  let path = cache.get(text);
  if (path === undefined) {
    path = new JsonPath(parseJsonPath(text));
    if (cache.size > 10_000) cache.clear();
    cache.set(text, path);
  }
  return path;
}

function tryRead(tokens: readonly PathToken[], root: Json): Json | undefined {
  const value = new JsonPath(tokens).read(root);
  return value instanceof PathNotFound ? undefined : value;
}

const own = Object.prototype.hasOwnProperty;

function stepInto(value: Json, token: PathToken): Json | undefined {
  switch (token.kind) {
    case 'name':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      return own.call(value, token.name) ? (value as JsonObject)[token.name] : undefined;
    case 'index':
      return Array.isArray(value)
        ? (value as Json[])[token.index < 0 ? value.length + token.index : token.index]
        : undefined;
    case 'names':
      if (!isJsonObject(value)) return undefined;
      return Object.fromEntries(
        token.names.filter((name) => own.call(value, name)).map((name) => [name, value[name]!]),
      );
    case 'function':
      return applyFunction(token.name, value);
    default:
      throw new TypeError(`${token.kind} is not a definite step`);
  }
}

function collect(
  value: Json,
  token: Extract<PathToken, { kind: 'wildcard' | 'slice' | 'indexes' | 'filter' }>,
  into: Json[],
  descending: boolean,
  root: Json,
): void {
  switch (token.kind) {
    case 'wildcard':
      if (typeof value === 'object' && value !== null)
        for (const item of Object.values(value) as Json[]) into.push(item);
      return;
    case 'indexes':
      if (Array.isArray(value)) {
        for (const index of token.indexes) {
          const item = value[index < 0 ? value.length + index : index] as Json | undefined;
          if (item !== undefined) into.push(item);
        }
      }
      return;
    case 'slice':
      if (Array.isArray(value)) for (const item of slice(value as readonly Json[], token)) into.push(item);
      return;
    case 'filter':
      if (Array.isArray(value)) {
        for (const item of value as readonly Json[])
          if (evaluateFilter(token.filter, item, root, tryRead)) into.push(item);
      } else if (isJsonObject(value) && !descending && evaluateFilter(token.filter, value, root, tryRead)) {
        into.push(value);
      }
  }
}

function slice(list: readonly Json[], { from, to, step = 1 }: Extract<PathToken, { kind: 'slice' }>): readonly Json[] {
  const part = list.slice(from ?? 0, to ?? list.length);
  return step === 1 ? part : part.filter((_, index) => index % step === 0);
}

/** The value and everything inside it, parents first. */
function descend(value: Json, into: Json[]): void {
  into.push(value);
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value) as Json[]) descend(inner, into);
}

function applyFunction(name: PathFunction, value: Json): Json | undefined {
  if (name === 'length') {
    if (typeof value === 'string' || Array.isArray(value)) return value.length;
    return isJsonObject(value) ? Object.keys(value).length : undefined;
  }
  if (name === 'keys') return isJsonObject(value) ? Object.keys(value) : undefined;
  const numbers = Array.isArray(value) ? (value as readonly Json[]).filter((item) => typeof item === 'number') : [];
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((total, number) => total + number, 0);
  const mean = sum / numbers.length;
  switch (name) {
    case 'sum':
      return sum;
    case 'avg':
      return mean;
    case 'min':
      return numbers.reduce((a, b) => Math.min(a, b));
    case 'max':
      return numbers.reduce((a, b) => Math.max(a, b));
    case 'stddev':
      return Math.sqrt(numbers.reduce((total, number) => total + (number - mean) ** 2, 0) / numbers.length);
  }
}

function printToken(token: PathToken): string {
  switch (token.kind) {
    case 'name':
      return `['${token.name}']`;
    case 'names':
      return `[${token.names.map((name) => `'${name}'`).join(',')}]`;
    case 'index':
      return `[${token.index}]`;
    case 'indexes':
      return `[${token.indexes.join(',')}]`;
    case 'slice':
      return `[${token.from ?? ''}:${token.to ?? ''}]`;
    case 'wildcard':
      return '[*]';
    case 'descend':
      return '..';
    case 'filter':
      return '[?]';
    case 'function':
      return `.${token.name}()`;
  }
}

/** The class of a value in AWS's JSON library, as its messages print it. */
function javaClass(value: Json): string {
  const node = 'com.fasterxml.jackson.databind.node';
  if (value === null) return `${node}.NullNode`;
  if (Array.isArray(value)) return `${node}.ArrayNode`;
  if (typeof value === 'string') return `${node}.TextNode`;
  if (typeof value === 'boolean') return `${node}.BooleanNode`;
  if (typeof value === 'number') return `${node}.${Number.isInteger(value) ? 'IntNode' : 'DoubleNode'}`;
  return `${node}.ObjectNode`;
}
