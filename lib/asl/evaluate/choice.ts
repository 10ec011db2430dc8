import { isJsonArray, isJsonObject, isNumber, type Json, type JsonObject, objectsOf } from '../language/json.js';
import type { QueryScope } from '../language/scope.js';
import { runtimeError } from '../language/states-error.js';
import { tryParseTimestamp } from '../language/timestamp.js';
import { PathNotFound } from './json-path/json-path.js';
import { compileJsonata, tryJsonataText, unexpectedType } from './jsonata.js';
import { Reference } from './reference.js';

/** A compiled condition of a Choice rule. */
export type Condition = (scope: QueryScope) => boolean;

/** How the comparison operators of the JSONPath language compare, by kind. */
type Comparison = (value: Json, operand: Json) => boolean;

const text = (compare: (a: string, b: string) => boolean): Comparison => {
  return (a, b) => typeof a === 'string' && typeof b === 'string' && compare(a, b);
};
const numeric = (compare: (a: number | bigint, b: number | bigint) => boolean): Comparison => {
  return (a, b) => isNumber(a) && isNumber(b) && compare(a, b);
};
const timestamp = (compare: (a: number, b: number) => boolean): Comparison => {
  return text((a, b) => {
    const [left, right] = [tryParseTimestamp(a), tryParseTimestamp(b)];
    return left !== undefined && right !== undefined && compare(left, right);
  });
};

/** Comparisons with a literal; each but `StringMatches` has a twin `…Path` that compares with another path's value. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  BooleanEquals: (a, b) => typeof a === 'boolean' && a === b,
  NumericEquals: numeric((a, b) => a <= b && a >= b),
  NumericGreaterThan: numeric((a, b) => a > b),
  NumericGreaterThanEquals: numeric((a, b) => a >= b),
  NumericLessThan: numeric((a, b) => a < b),
  NumericLessThanEquals: numeric((a, b) => a <= b),
  StringEquals: text((a, b) => a === b),
  StringGreaterThan: text((a, b) => a > b),
  StringGreaterThanEquals: text((a, b) => a >= b),
  StringLessThan: text((a, b) => a < b),
  StringLessThanEquals: text((a, b) => a <= b),
  StringMatches: text(matchesPattern),
  TimestampEquals: timestamp((a, b) => a === b),
  TimestampGreaterThan: timestamp((a, b) => a > b),
  TimestampGreaterThanEquals: timestamp((a, b) => a >= b),
  TimestampLessThan: timestamp((a, b) => a < b),
  TimestampLessThanEquals: timestamp((a, b) => a <= b),
};

/** Tests of a value's type; the operand says whether the test must hold or must not. */
const TYPE_TESTS: Readonly<Record<string, (value: Json) => boolean>> = {
  IsBoolean: (value) => typeof value === 'boolean',
  IsNull: (value) => value === null,
  IsNumeric: isNumber,
  IsString: (value) => typeof value === 'string',
  IsTimestamp: (value) => typeof value === 'string' && tryParseTimestamp(value) !== undefined,
};

/** The names of all comparison operators of the JSONPath language. */
export const CHOICE_OPERATORS: readonly string[] = [
  ...Object.keys(COMPARISONS),
  ...Object.keys(COMPARISONS)
    .filter((name) => name !== 'StringMatches')
    .map((name) => `${name}Path`),
  ...Object.keys(TYPE_TESTS),
  'IsPresent',
];

/** Compiles a rule of the JSONPath language: a comparison, or `And`, `Or`, `Not` over others. Throws a `SyntaxError` when it is none. */
export function compileChoiceRule(rule: JsonObject): Condition {
  if (isJsonArray(rule['And'])) {
    const rules = objectsOf(rule['And']).map(compileChoiceRule);
    return (scope) => rules.every((condition) => condition(scope));
  }
  if (isJsonArray(rule['Or'])) {
    const rules = objectsOf(rule['Or']).map(compileChoiceRule);
    return (scope) => rules.some((condition) => condition(scope));
  }
  if (isJsonObject(rule['Not'])) {
    const condition = compileChoiceRule(rule['Not']);
    return (scope) => !condition(scope);
  }
  return compileComparison(rule);
}

/** Compiles a `Condition` of the JSONata language. */
export function compileJsonataCondition(condition: Json, field: string): Condition {
  if (typeof condition === 'boolean') return () => condition;
  const expression = tryJsonataText(condition);
  if (expression === undefined) throw new SyntaxError(`expected a boolean or a JSONata expression for '${field}'`);
  const evaluate = compileJsonata(expression, field);
  return (scope) => {
    const value = evaluate(scope);
    if (typeof value !== 'boolean') throw unexpectedType(expression, field, 'boolean', value);
    return value;
  };
}

function compileComparison(rule: JsonObject): Condition {
  const operator = CHOICE_OPERATORS.find((name) => name in rule);
  if (operator === undefined || typeof rule['Variable'] !== 'string') {
    throw new SyntaxError('expected a Variable and a comparison operator');
  }
  const variable = Reference.parse(rule['Variable']);
  const operand = rule[operator] ?? null;
  if (operator === 'IsPresent') return (scope) => (variable.tryRead(scope) !== undefined) === operand;
  const test = TYPE_TESTS[operator];
  if (test !== undefined) return (scope) => test(readVariable(variable, scope)) === operand;
  const compare = COMPARISONS[operator];
  if (compare !== undefined) return (scope) => compare(readVariable(variable, scope), operand);
  const compareWithPath = COMPARISONS[operator.slice(0, -'Path'.length)];
  if (compareWithPath === undefined) throw new SyntaxError(`expected a comparison operator, got '${operator}'`);
  const other = Reference.parse(String(operand));
  return (scope) => compareWithPath(readVariable(variable, scope), readVariable(other, scope));
}

function readVariable(reference: Reference, scope: QueryScope): Json {
  const value = reference.read(scope);
  if (value instanceof PathNotFound) {
    throw runtimeError(
      `Invalid path '${reference.text}': The choice state's condition path references an invalid value.`,
    );
  }
  return value;
}

/** `*` stands for any characters, `\*` for an asterisk and `\\` for a backslash. */
function matchesPattern(value: string, pattern: string): boolean {
  const pieces = literalPieces(pattern);
  const [first = '', last = ''] = [pieces[0], pieces.at(-1)];
  if (pieces.length === 1) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  // What is between is looked for from left to right: the first place of each piece leaves the most room for the next.
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= value.length - last.length;
}

/** The texts between the asterisks of a pattern. */
function literalPieces(pattern: string): readonly string[] {
  const pieces = [''];
  for (const [part] of pattern.matchAll(/\\[\s\S]|\*|[^\\*]+|\\/g)) {
    if (part === '*') pieces.push('');
    else pieces[pieces.length - 1] += part === '\\*' || part === '\\\\' ? part.charAt(1) : part;
  }
  return pieces;
}
