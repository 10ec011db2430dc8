import { isJsonArray, isJsonObject, itemsOf, type Json, type JsonObject } from '../../language/json.js';
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

/** The way to a value, for messages; nothing for the root. */
type Trail = { readonly parent: Trail; readonly key: string | number } | undefined;

/**
 * One reading of an indefinite path, which may lead to many places. An index outside of its list leads to none: which of the library's answers AWS
 * gives, `null` or a failure, isn't known.
 */
export class Traversal {
  private readonly results: Json[] = [];

  private constructor(
    private readonly tokens: readonly PathToken[],
    private readonly root: Json,
  ) {}

  /** Everything that the path leads to, or why it can't be followed. */
  static read(tokens: readonly PathToken[], root: Json): Json | PathNotFound {
    const traversal = new Traversal(tokens, root);
    return traversal.visit(root, 0, undefined) ?? traversal.results;
  }

  /** Follows the path from `tokens[at]` on. */
  private visit(value: Json, at: number, trail: Trail): Failure {
    const token = this.tokens[at];
    if (token === undefined) {
      this.results.push(value);
      return undefined;
    }
    switch (token.kind) {
      case 'wildcard':
        return this.visitAll(value, at, trail);
      case 'descend':
        return this.scan(value, at + 1, trail);
      case 'filter':
        return this.visitFiltered(value, at, token.filter, trail);
      case 'indexes':
      case 'slice':
        if (!isJsonArray(value)) return notAnArray(value, this.tokens, at, printTrail(trail));
        return this.visitItems(value, token, at + 1, trail);
      default:
        return this.visitOne(value, at, token, trail);
    }
  }

  private visitOne(value: Json, at: number, token: PathToken, trail: Trail): Failure {
    const next = stepInto(value, this.tokens, at);
    if (next !== undefined) {
      const key = segment(value, token);
      return this.visit(next, at + 1, key === undefined ? trail : { parent: trail, key });
    }
    if (token.kind === 'name' && isJsonObject(value) && !failsWhenMissing(this.tokens, at)) return undefined;
    if (isIndex(token) && isJsonArray(value)) return undefined;
    return explainMissing(value, this.tokens, at, printTrail(trail));
  }

  /** Of a list, the items at which the rest of the path leads nowhere are left out; of an object, they fail it. */
  private visitAll(value: Json, at: number, trail: Trail): Failure {
    if (isJsonArray(value)) {
      for (const [index, item] of value.entries()) {
        const failure = this.visit(item, at + 1, { parent: trail, key: index });
        if (failure?.missing === false) return failure;
      }
    } else if (isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        const failure = this.visit(member, at + 1, { parent: trail, key: name });
        if (failure !== undefined) return failure;
      }
    }
    return undefined;
  }

  private visitItems(
    list: readonly Json[],
    token: Extract<PathToken, { kind: 'indexes' | 'slice' }>,
    next: number,
    trail: Trail,
  ): Failure {
    for (const index of token.kind === 'indexes' ? token.indexes : sliceIndexes(list.length, token)) {
      const item = list[index];
      if (item === undefined) continue;
      const failure = this.visit(item, next, { parent: trail, key: index });
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private visitFiltered(value: Json, at: number, filter: FilterExpression, trail: Trail): Failure {
    if (isJsonArray(value)) {
      for (const [index, item] of value.entries()) {
        const passes = evaluateFilter(filter, item, this.root, readDefinite);
        const failure = passes === true ? this.visit(item, at + 1, { parent: trail, key: index }) : passes || undefined;
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
    return passes === true ? this.visit(value, at + 1, trail) : passes || undefined;
  }

  /**
   * Tries `tokens[at]` on the value and on everything inside of it, parents first. It keeps its own stack, since values are nested as deep as they
   * like.
   */
  private scan(start: Json, at: number, from: Trail): Failure {
    const open: { readonly value: Json; readonly trail: Trail }[] = [{ value: start, trail: from }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { value, trail } = next;
      if (typeof value !== 'object' || value === null) continue;
      const failure = this.scanOne(value, at, trail);
      if (failure !== undefined) return failure;
      for (const [key, item] of entriesOf(value).reverse()) open.push({ value: item, trail: { parent: trail, key } });
    }
    return undefined;
  }

  /**
   * What the library does with a list that a step fits, when more steps follow, is to go on with each of its items, whatever the step says of them.
   */
  private scanOne(value: Json, at: number, trail: Trail): Failure {
    const fits = this.fitsScan(value, at);
    if (fits instanceof PathNotFound) return fits;
    if (!fits) return undefined;
    if (!isJsonArray(value) || at === this.tokens.length - 1) return this.visit(value, at, trail);
    for (const [index, item] of value.entries()) {
      const failure = this.visit(item, at + 1, { parent: trail, key: index });
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
        return isJsonArray(value);
    }
  }
}

function entriesOf(value: JsonObject | readonly Json[]): [string | number, Json][] {
  return isJsonArray(value) ? [...value.entries()] : Object.entries(value);
}

function printTrail(trail: Trail): string {
  const keys: string[] = [];
  for (let step = trail; step !== undefined; step = step.parent) {
    keys.push(typeof step.key === 'number' ? `[${step.key}]` : printNames([step.key]));
  }
  return `$${keys.reverse().join('')}`;
}

function isIndex({ kind }: PathToken): boolean {
  return kind === 'index' || kind === 'fromEnd';
}

function segment(value: Json, token: PathToken): string | number | undefined {
  if (token.kind === 'name') return token.name;
  if (token.kind === 'index') return token.index;
  return token.kind === 'fromEnd' ? itemsOf(value).length + token.offset : undefined;
}

/** A slice that begins and ends with numbers doesn't count them from the end of the list; one with a single number does. */
function sliceIndexes(length: number, { from, to }: Extract<PathToken, { kind: 'slice' }>): readonly number[] {
  const first = from === undefined ? 0 : to === undefined && from < 0 ? Math.max(0, length + from) : from;
  const end = Math.min(length, to === undefined ? length : from === undefined && to < 0 ? length + to : to);
  return Array.from({ length: Math.max(0, length === 0 ? 0 : end - first) }, (_, offset) => first + offset);
}
