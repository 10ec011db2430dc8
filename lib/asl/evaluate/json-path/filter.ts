import { exactJsonText, tryExactInteger } from '../../language/exact-json.js';
import { isNumber, type Json } from '../../language/json.js';
import { LimitExceeded, runWithin } from '../evaluation-limits.js';
import { PathNotFound } from './steps.js';
import type { FilterExpression, FilterOperand, FilterOperator, PathToken } from './tokens.js';

/** Reads a definite path of a filter. */
export type PathReader = (tokens: readonly PathToken[], root: Json) => Json | PathNotFound;

/** Whether an item passes a filter; a failure when the filter can't be applied to it. */
export function evaluateFilter(
  filter: FilterExpression,
  item: Json,
  root: Json,
  read: PathReader,
): boolean | PathNotFound {
  switch (filter.kind) {
    case 'and': {
      const left = evaluateFilter(filter.left, item, root, read);
      return left === true ? evaluateFilter(filter.right, item, root, read) : left;
    }
    case 'or': {
      const left = evaluateFilter(filter.left, item, root, read);
      return left === false ? evaluateFilter(filter.right, item, root, read) : left;
    }
    case 'exists': {
      // Also of a path that begins with `$`, existence is asked of the item: that is how the library does it.
      const value = read(filter.tokens, item);
      if (value instanceof PathNotFound) return value.missing ? !filter.expected : value;
      return (value !== null) === filter.expected;
    }
    case 'compare':
      return compare(filter, item, root, read);
  }
}

function compare(
  { operator, left, right }: Extract<FilterExpression, { readonly kind: 'compare' }>,
  item: Json,
  root: Json,
  read: PathReader,
): boolean | PathNotFound {
  const model = operand(left, item, root, read);
  if (model instanceof PathNotFound) return model.missing ? false : model;
  const expected = operand(right, item, root, read);
  if (expected instanceof PathNotFound) return expected.missing ? false : expected;
  if (operator === '=~') return matches(model, expected);
  if (model instanceof RegExp || expected instanceof RegExp) return false;
  if (operator !== '==' && operator !== '!=' && (model === null) !== (expected === null)) return false;
  const order = compareValues(expected, model);
  if (order === undefined) return false;
  return order instanceof PathNotFound ? order : decides(operator, order);
}

function operand(operand: FilterOperand, item: Json, root: Json, read: PathReader): Json | RegExp | PathNotFound {
  if (operand.kind === 'text') return operand.text;
  return operand.kind === 'regex' ? operand.regex : read(operand.tokens, operand.from === '@' ? item : root);
}

function matches(model: Json | RegExp, expected: Json | RegExp): boolean | PathNotFound {
  const [pattern, target] = model instanceof RegExp ? [model, expected] : [expected, model];
  if (!(pattern instanceof RegExp)) return new PathNotFound(`'${String(pattern)}' is no regular expression`, false);
  if (target === null || target instanceof RegExp) return target !== null && test(pattern, String(target));
  return test(pattern, typeof target === 'string' ? target : exactJsonText(target));
}

const TEST_MS = 1_000;
/** Up to this length no backtracking takes long. */
const SHORT = 16;

function test(pattern: RegExp, text: string): boolean | PathNotFound {
  if (text.length <= SHORT) return pattern.test(text);
  try {
    return runWithin(TEST_MS, () => pattern.test(text));
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    return new PathNotFound(`the regular expression ${pattern.source} takes too long`, false);
  }
}

function decides(operator: Exclude<FilterOperator, '=~'>, expectedToModel: number): boolean {
  switch (operator) {
    case '==':
      return expectedToModel === 0;
    case '!=':
      return expectedToModel !== 0;
    case '>':
      return expectedToModel < 0;
    case '>=':
      return expectedToModel <= 0;
    case '<':
      return expectedToModel > 0;
    case '<=':
      return expectedToModel >= 0;
  }
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Below, at or above 0 as `expected` is before, at or after `model`; `undefined` when the two can't be compared: then no operator holds. */
function compareValues(expected: Json, model: Json): number | PathNotFound | undefined {
  if (isNullish(expected) || isNullish(model)) return Number(isNullish(model)) - Number(isNullish(expected));
  if (typeof expected === 'string') {
    if (typeof model === 'string') return order(expected.replaceAll("\\'", "'"), model);
    if (typeof model === 'boolean') return Number(expected.toLowerCase() === 'true') - Number(model);
    if (!isNumber(model)) return undefined;
    return DECIMAL.test(expected)
      ? order(tryExactInteger(expected) ?? Number(expected), model)
      : new PathNotFound(`'${expected}' can't be compared with a number`, false);
  }
  if (isNumber(expected) && isNumber(model)) return order(expected, model);
  if (typeof expected === 'boolean' && typeof model === 'boolean') return Number(expected) - Number(model);
  return undefined;
}

function isNullish(value: Json): boolean {
  return value === null || value === 'null';
}

function order<T extends string | number | bigint>(a: T, b: T): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
