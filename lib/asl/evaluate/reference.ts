import { isJsonArray, isJsonObject, type Json } from '../language/json.js';
import type { QueryScope } from '../language/scope.js';
import { runtimeError } from '../language/states-error.js';
import { type JsonPath, jsonPath, PathNotFound } from './json-path/json-path.js';

const VARIABLE = /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u;

/** A path with its root: `$.a` (the input), `$$.a` (the context object) or `$name.a` (a variable). */
export class Reference {
  private constructor(
    readonly text: string,
    readonly root: 'input' | 'context' | { readonly variable: string },
    readonly path: JsonPath,
  ) {}

  /** Parses a path. Throws a `SyntaxError` when it is none. */
  static parse(text: string): Reference {
    if (!text.startsWith('$')) throw new SyntaxError(`expected a path that begins with '$', got '${text}'`);
    if (text.startsWith('$$')) return new Reference(text, 'context', jsonPath(text.slice(2)));
    const variable = VARIABLE.exec(text)?.[1];
    if (variable === undefined) return new Reference(text, 'input', jsonPath(text.slice(1)));
    return new Reference(text, { variable }, jsonPath(text.slice(1 + variable.length)));
  }

  /** The value, or why there is none. */
  read(scope: QueryScope): Json | PathNotFound {
    const root = this.rootValue(scope);
    return root === undefined ? new PathNotFound(`No results for path: ${this.path}`) : this.path.read(root);
  }

  /** The value; `undefined` when there is none. */
  tryRead(scope: QueryScope): Json | undefined {
    const value = this.read(scope);
    return value instanceof PathNotFound ? undefined : value;
  }

  /** The value of an `InputPath`, `OutputPath` or the like; throws `States.Runtime` when there is none. */
  require(scope: QueryScope): Json {
    const value = this.read(scope);
    if (value instanceof PathNotFound) throw runtimeError(`Invalid path '${this.text}' : ${value.reason}`);
    return value;
  }

  private rootValue(scope: QueryScope): Json | undefined {
    if (this.root === 'input') return scope.input;
    if (this.root === 'context') return scope.context;
    return scope.variables.get(this.root.variable);
  }
}

/** A *reference path*: names and indexes only, so it can be written to. Throws a `SyntaxError` otherwise. */
export function parseReferencePath(text: string): JsonPath {
  const path = jsonPath(text.slice(1));
  if (!text.startsWith('$') || !path.tokens.every((token) => token.kind === 'name' || token.kind === 'index')) {
    throw new SyntaxError(`expected a reference path (names and indexes only), got '${text}'`);
  }
  return path;
}

/**
 * A copy of `target` in which `path` leads to `value`; objects on the way are made. Gives `undefined` when the path can't be followed: a scalar or a
 * list is in its way.
 */
export function tryWriteAt(target: Json, path: JsonPath, value: Json): Json | undefined {
  const write = (current: Json | undefined, at: number): Json | undefined => {
    const token = path.tokens[at];
    if (token === undefined) return value;
    if (token.kind === 'index') {
      if (!isJsonArray(current)) return undefined;
      if (token.index < 0 || token.index >= current.length) return undefined;
      const item = write(current[token.index], at + 1);
      return item === undefined ? undefined : current.with(token.index, item);
    }
    if (token.kind !== 'name') return undefined;
    if (current !== undefined && !isJsonObject(current)) return undefined;
    const object = current ?? {};
    const member = write(Object.hasOwn(object, token.name) ? object[token.name] : undefined, at + 1);
    return member === undefined ? undefined : { ...object, [token.name]: member };
  };
  return write(target, 0);
}
