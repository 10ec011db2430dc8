import type { Json } from '../language/json.js';
import { isJsonObject } from '../language/json.js';
import type { FilterExpression, FilterOperand, PathToken } from './json-path-tokens.js';

/** Reads a path of a filter; `undefined` when it leads nowhere. */
export type PathReader = (tokens: readonly PathToken[], root: Json) => Json | undefined;

/** Whether an item passes a filter. */
export function evaluateFilter(filter: FilterExpression, item: Json, root: Json, read: PathReader): boolean {
  switch (filter.kind) {
    case 'and':
      return evaluateFilter(filter.left, item, root, read) && evaluateFilter(filter.right, item, root, read);
    case 'or':
      return evaluateFilter(filter.left, item, root, read) || evaluateFilter(filter.right, item, root, read);
    case 'not':
      return !evaluateFilter(filter.operand, item, root, read);
    case 'exists':
      return resolve(filter.operand, item, root, read) !== undefined;
    case 'compare':
      return compare(filter, item, root, read);
  }
}

function resolve(operand: FilterOperand, item: Json, root: Json, read: PathReader): Json | undefined {
  if (operand.kind === 'literal') return operand.value;
  if (operand.kind === 'regex') return undefined;
  return read(operand.tokens, operand.from === '@' ? item : root);
}

function compare(
  { operator, left, right }: Extract<FilterExpression, { readonly kind: 'compare' }>,
  item: Json,
  root: Json,
  read: PathReader,
): boolean {
  const a = resolve(left, item, root, read);
  if (operator === '=~') return right.kind === 'regex' && typeof a === 'string' && right.regex.test(a);
  const b = resolve(right, item, root, read);
  if (a === undefined || b === undefined) return operator === '!=' && a !== b;
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, a, b);
    case 'in':
      return asList(b).some((candidate) => equal(candidate, a));
    case 'nin':
      return !asList(b).some((candidate) => equal(candidate, a));
    case 'contains':
      return typeof a === 'string' ? typeof b === 'string' && a.includes(b) : asList(a).some((part) => equal(part, b));
    case 'size':
      return (typeof a === 'string' || Array.isArray(a)) && a.length === b;
    case 'empty':
      return (typeof a === 'string' || Array.isArray(a)) && (a.length === 0) === b;
    case 'subsetof':
      return asList(a).every((part) => asList(b).some((candidate) => equal(candidate, part)));
    case 'anyof':
      return asList(a).some((part) => asList(b).some((candidate) => equal(candidate, part)));
    case 'noneof':
      return !asList(a).some((part) => asList(b).some((candidate) => equal(candidate, part)));
  }
}

function ordered(operator: '<' | '<=' | '>' | '>=', a: Json, b: Json): boolean {
  const numbers = typeof a === 'number' && typeof b === 'number';
  const strings = typeof a === 'string' && typeof b === 'string';
  if (!numbers && !strings) return false;
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Whether two JSON values are the same, whatever the order of an object's members. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key]!, b[key]!));
}
