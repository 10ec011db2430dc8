import { CHOICE_OPERATORS } from '../evaluate/choice.js';
import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics } from '../language/diagnostics.js';
import { isJsonObject, type Json, type JsonObject } from '../language/json.js';
import { tryParseTimestamp } from '../language/timestamp.js';
import type { QueryLanguage } from '../language/types.js';
import { checkPath, checkTemplate } from './validate-expressions.js';

/** Checks what only a Choice has: its rules. */
export function checkChoice(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const { Choices: choices } = state;
  if (choices === undefined) return;
  if (!Array.isArray(choices) || choices.length === 0) {
    found.schema(`${location}/Choices`, 'Value must be a non-empty array');
    return;
  }
  (choices as readonly Json[]).forEach((rule, index) => {
    const at = `${location}/Choices[${index}]`;
    if (!isJsonObject(rule)) found.schema(at, 'Value must be an object');
    else if (language === 'JSONata') checkJsonataRule(found, at, rule);
    else checkRule(found, at, rule, true);
  });
}

function checkJsonataRule(found: Diagnostics, at: string, rule: JsonObject): void {
  checkFields(found, at, rule, ['Condition', 'Next', 'Output', 'Assign', 'Comment']);
  const { Condition: condition } = rule;
  found.required(
    at,
    ['Condition', 'Next'].filter((field) => rule[field] === undefined),
  );
  if (condition !== undefined && typeof condition !== 'boolean' && tryJsonataText(condition) === undefined) {
    found.schema(`${at}/Condition`, 'Value must be a boolean or a JSONata expression');
  }
  for (const field of ['Condition', 'Output', 'Assign']) {
    const template = rule[field];
    if (template !== undefined) checkTemplate(found, `${at}/${field}`, template, 'JSONata');
  }
}

const COMBINATORS = ['And', 'Or', 'Not'];

function checkRule(found: Diagnostics, at: string, rule: JsonObject, outermost: boolean): void {
  const operators = CHOICE_OPERATORS.filter((name) => name in rule);
  const combinators = COMBINATORS.filter((name) => name in rule);
  checkFields(found, at, rule, [
    'Comment',
    ...operators,
    ...combinators,
    ...(outermost ? ['Next', 'Assign'] : []),
    ...(combinators.length === 0 ? ['Variable'] : []),
  ]);
  if (outermost && rule['Next'] === undefined) found.required(at, ['Next']);
  if (rule['Assign'] !== undefined) checkTemplate(found, `${at}/Assign`, rule['Assign'], 'JSONPath');
  if (operators.length + combinators.length !== 1) {
    found.schema(at, 'Exactly one comparison operator, And, Or or Not is required');
    return;
  }
  const [combinator] = combinators;
  if (combinator !== undefined) checkCombined(found, at, combinator, rule[combinator]!);
  else checkComparison(found, at, rule, operators[0]!);
}

function checkCombined(found: Diagnostics, at: string, combinator: string, operand: Json): void {
  const where = `${at}/${combinator}`;
  if (combinator === 'Not') {
    if (isJsonObject(operand)) checkRule(found, where, operand, false);
    else found.schema(where, 'Value must be an object');
    return;
  }
  if (!Array.isArray(operand) || operand.length === 0) {
    found.schema(where, 'Value must be a non-empty array');
    return;
  }
  (operand as readonly Json[]).forEach((rule, index) => {
    if (isJsonObject(rule)) checkRule(found, `${where}[${index}]`, rule, false);
    else found.schema(`${where}[${index}]`, 'Value must be an object');
  });
}

function checkComparison(found: Diagnostics, at: string, rule: JsonObject, operator: string): void {
  const { Variable: variable } = rule;
  if (variable === undefined) found.required(at, ['Variable']);
  else checkPath(found, `${at}/Variable`, variable);
  const operand = rule[operator]!;
  const where = `${at}/${operator}`;
  if (operator.endsWith('Path')) checkPath(found, where, operand);
  else if (!hasOperandType(operator, operand)) found.schema(where, `Value is not valid for ${operator}`);
}

function hasOperandType(operator: string, operand: Json): boolean {
  if (operator.startsWith('Is') || operator.startsWith('Boolean')) return typeof operand === 'boolean';
  if (operator.startsWith('Numeric')) return typeof operand === 'number';
  if (operator.startsWith('Timestamp')) return typeof operand === 'string' && tryParseTimestamp(operand) !== undefined;
  return typeof operand === 'string';
}

function checkFields(found: Diagnostics, at: string, rule: JsonObject, known: readonly string[]): void {
  for (const field of Object.keys(rule)) if (!known.includes(field)) found.unsupported(at, field);
}
