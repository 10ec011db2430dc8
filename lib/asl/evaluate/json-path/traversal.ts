import { isJsonObject, type Json } from '../../language/json.js';
import { evaluateFilter } from './filter.js';
import {
  explainMissing,
  failsWhenMissing,
  notAnArray,
  PathNotFound,
  printContext,
  readDefinite,
  stepInto,
} from './steps.js';
import { type FilterExpression, type PathToken, printNames, printTokens } from './tokens.js';

/** What a step says when it ends early: a failure, or nothing. */
type Failure = PathNotFound | undefined;

/**
 * One reading of an indefinite path, which may lead to many places. An index outside of its list leads to none: which of the library's answers AWS
 * gives, `null` or a failure, isn't known.
 */
export class Traversal {
  private readonly results: Json[] = [];
  /** The way to the value at hand, for messages. */
  private readonly trail: (string | number)[] = [];

  private constructor(
    private readonly tokens: readonly PathToken[],
    private readonly root: Json,
  ) {}

  /** Everything that the path leads to, or why it can't be followed. */
  static read(tokens: readonly PathToken[], root: Json): Json | PathNotFound {
    const traversal = new Traversal(tokens, root);
    return traversal.visit(root, 0) ?? traversal.results;
  }

  /** Follows the path from `tokens[at]` on. */
  private visit(value: Json, at: number): Failure {
    const token = this.tokens[at];
    if (token === undefined) {
      this.results.push(value);
      return undefined;
    }
    switch (token.kind) {
      case 'wildcard':
        return this.visitAll(value, at);
      case 'descend':
        return this.scan(value, at + 1);
      case 'filter':
        return this.visitFiltered(value, at, token.filter);
      case 'indexes':
      case 'slice':
        if (!Array.isArray(value)) return notAnArray(value, this.tokens, at, this.here());
        return this.visitItems(value as readonly Json[], token, at + 1);
      default:
        return this.visitOne(value, at, token);
    }
  }

  private visitOne(value: Json, at: number, token: PathToken): Failure {
    const next = stepInto(value, this.tokens, at);
    if (next !== undefined) return this.within(segment(value, token), next, at + 1);
    if (token.kind === 'name' && isJsonObject(value) && !failsWhenMissing(this.tokens, at)) return undefined;
    if (isIndex(token) && Array.isArray(value)) return undefined;
    return explainMissing(value, this.tokens, at, this.here());
  }

  /** Of a list, the items at which the rest of the path leads nowhere are left out; of an object, they fail it. */
  private visitAll(value: Json, at: number): Failure {
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) {
        const failure = this.within(index, item, at + 1);
        if (failure?.missing === false) return failure;
      }
    } else if (isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        const failure = this.within(name, member, at + 1);
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  }

  private visitItems(
    list: readonly Json[],
    token: Extract<PathToken, { kind: 'indexes' | 'slice' }>,
    next: number,
  ): Failure {
    for (const index of token.kind === 'indexes' ? token.indexes : sliceIndexes(list.length, token)) {
      const item = list[index];
      if (item === undefined) continue;
      const failure = this.within(index, item, next);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private visitFiltered(value: Json, at: number, filter: FilterExpression): Failure {
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) {
        const passes = evaluateFilter(filter, item, this.root, readDefinite);
        const failure = passes === true ? this.within(index, item, at + 1) : passes || undefined;
        if (failure !== undefined) return failure;
      }
      return undefined;
    }
    if (!isJsonObject(value)) {
      const rest = printTokens(this.tokens.slice(at));
      return new PathNotFound(
        `Filter: ${rest} can not be applied to primitives. Current context is: ${printContext(value)}`,
        false,
      );
    }
    const passes = evaluateFilter(filter, value, this.root, readDefinite);
    return passes === true ? this.visit(value, at + 1) : passes || undefined;
  }

  /**
   * Tries `tokens[at]` on the value and on everything inside of it, parents first. What the library does with a list that the step fits, when more
   * steps follow, is to go on with each of its items, whatever the step says of them.
   */
  private scan(value: Json, at: number): Failure {
    if (typeof value !== 'object' || value === null) return undefined;
    const fits = this.fitsScan(value, at);
    if (fits instanceof PathNotFound) return fits;
    const entries = Array.isArray(value) ? [...(value as readonly Json[]).entries()] : Object.entries(value);
    if (fits && !(Array.isArray(value) && at < this.tokens.length - 1)) {
      const failure = this.visit(value, at);
      if (failure !== undefined) return failure;
    } else if (fits) {
      for (const [key, item] of entries) {
        const failure = this.within(key, item, at + 1);
        if (failure !== undefined) return failure;
      }
    }
    for (const [key, item] of entries) {
      this.trail.push(key);
      const failure = this.scan(item, at);
      this.trail.pop();
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private fitsScan(value: Json, at: number): boolean | PathNotFound {
    const token = this.tokens[at]!;
    switch (token.kind) {
      case 'name':
        return isJsonObject(value) && Object.hasOwn(value, token.name);
      case 'names':
        return isJsonObject(value) && token.names.every((name) => Object.hasOwn(value, name));
      case 'wildcard':
        return true;
      case 'filter':
        return evaluateFilter(token.filter, value, this.root, readDefinite);
      case 'descend':
      case 'same':
        return false;
      default:
        return Array.isArray(value);
    }
  }

  private within(key: string | number | undefined, value: Json, next: number): Failure {
    if (key === undefined) return this.visit(value, next);
    this.trail.push(key);
    const failure = this.visit(value, next);
    this.trail.pop();
    return failure;
  }

  private here(): string {
    return `$${this.trail.map((key) => (typeof key === 'number' ? `[${key}]` : printNames([key]))).join('')}`;
  }
}

function isIndex({ kind }: PathToken): boolean {
  return kind === 'index' || kind === 'fromEnd';
}

function segment(value: Json, token: PathToken): string | number | undefined {
  if (token.kind === 'name') return token.name;
  if (token.kind === 'index') return token.index;
  return token.kind === 'fromEnd' ? (value as readonly Json[]).length + token.offset : undefined;
}

/** A slice that begins and ends with numbers doesn't count them from the end of the list; one with a single number does. */
function sliceIndexes(length: number, { from, to }: Extract<PathToken, { kind: 'slice' }>): readonly number[] {
  const first = from === undefined ? 0 : to === undefined && from < 0 ? Math.max(0, length + from) : from;
  const end = Math.min(length, to === undefined ? length : from === undefined && to < 0 ? length + to : to);
  return Array.from({ length: Math.max(0, length === 0 ? 0 : end - first) }, (_, offset) => first + offset);
}
