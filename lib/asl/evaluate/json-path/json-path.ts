import type { Json } from '../../language/json.js';
import { parseJsonPath } from './parser.js';
import { type PathNotFound, readDefinite } from './steps.js';
import { isDefinite, type PathToken, printTokens } from './tokens.js';
import { Traversal } from './traversal.js';

export { PathNotFound } from './steps.js';

/**
 * A parsed JSONPath without its root (`$`, `$$`, `$variable`): the root is the caller's business. It behaves as the library `json-path` 2.0.0 does,
 * which AWS uses.
 *
 * A *definite* path leads to one place at most; it gives the value or fails. An indefinite one (wildcard, slice, filter, descent, several indexes)
 * gives a list, which may be empty, or fails when it meets something that it can't be applied to.
 */
export class JsonPath {
  readonly definite: boolean;

  constructor(readonly tokens: readonly PathToken[]) {
    this.definite = tokens.every(isDefinite);
  }

  /** The value; {@link PathNotFound} when there is none. */
  read(root: Json): Json | PathNotFound {
    return this.definite ? readDefinite(this.tokens, root) : Traversal.read(this.tokens, root);
  }

  /** The path in the brackets form, as AWS's library prints it: `$['a'][0]`. */
  toString(): string {
    return `$${printTokens(this.tokens)}`;
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
