import { CHOICE_OPERATORS } from '../evaluate/choice.js';
import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics } from '../language/diagnostics.js';
import { isJsonObject, isNumber, type Json, type JsonObject } from '../language/json.js';
import { tryParseTimestamp } from '../language/timestamp.js';
import type { QueryLanguage } from '../language/types.js';
import { checkPath, checkTemplate } from './validate-expressions.js';
import { checkObjects, checkTypes } from './validate-members.js';

/** Checks what only a Choice has: its rules. */
export function checkChoice(found: Diagnostics, location: string, state: JsonObject, language: QueryLanguage): void {
  const { Choices: choices } = state;
  if (choices === undefined) return;
  for (const { at, entry } of checkObjects(found, `${location}/Choices`, choices, 1)) {
    checkTypes(found, at, entry, 'STRING', ['Comment']);
    checkTypes(found, at, entry, 'OBJECT', ['Assign']);
    if (language === 'JSONata') checkJsonataRule(found, at, entry);
    else checkRule(found, at, entry, true);
  }
}

function checkJsonataRule(found: Diagnostics, at: string, rule: JsonObject): void {
  checkRuleFields(found, at, rule, ['Condition', 'Next', 'Output', 'Assign', 'Comment'], 'JSONata');
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

/** The fields of a rule that one query language alone has. */
const OWN: Readonly<Record<QueryLanguage, readonly string[]>> = {
  JSONPath: [...COMBINATORS, 'Variable', ...CHOICE_OPERATORS],
  JSONata: ['Condition', 'Output'],
};

function checkRuleFields(
  found: Diagnostics,
  at: string,
  rule: JsonObject,
  known: readonly string[],
  language: QueryLanguage,
): void {
  const others = OWN[language === 'JSONata' ? 'JSONPath' : 'JSONata'];
  for (const field of Object.keys(rule)) {
    if (known.includes(field)) continue;
    if (others.includes(field)) found.unsupportedIn(language, at, field);
    else found.unsupported(at, field);
  }
}

function checkRule(found: Diagnostics, at: string, rule: JsonObject, outermost: boolean): void {
  const operators = CHOICE_OPERATORS.filter((name) => name in rule);
  const combinators = COMBINATORS.filter((name) => name in rule);
  const known = ['Comment', ...operators, ...combinators, 'Variable', ...(outermost ? ['Next', 'Assign'] : [])];
  checkRuleFields(found, at, rule, known, 'JSONPath');
  if (outermost && rule['Next'] === undefined) found.required(at, ['Next']);
  if (rule['Assign'] !== undefined) checkTemplate(found, `${at}/Assign`, rule['Assign'], 'JSONPath');
  const [combinator] = combinators;
  if (combinators.length + ('Variable' in rule ? 1 : 0) !== 1)
    found.schema(
      at,
      `The object must have only one of the following fields, [${[...COMBINATORS, 'Variable', 'Condition'].join(', ')}]`,
    );
  else if (combinator === undefined) checkComparison(found, at, rule, operators);
  else if (operators.length > 0) for (const operator of operators) found.unsupported(at, operator);
  else checkCombined(found, at, combinator, rule[combinator] ?? null);
}

function checkCombined(found: Diagnostics, at: string, combinator: string, operand: Json): void {
  const where = `${at}/${combinator}`;
  if (combinator !== 'Not') {
    for (const { at: place, entry } of checkObjects(found, where, operand, 1)) checkRule(found, place, entry, false);
  } else if (isJsonObject(operand)) checkRule(found, where, operand, false);
  else found.type(where, 'OBJECT');
}

function checkComparison(found: Diagnostics, at: string, rule: JsonObject, operators: readonly string[]): void {
  const { Variable: variable } = rule;
  if (variable !== undefined) checkPath(found, `${at}/Variable`, variable);
  const [operator] = operators;
  if (operator === undefined || operators.length > 1) {
    const listed = (operator === undefined ? CHOICE_OPERATORS : operators).join(', ');
    found.schema(
      at,
      operator === undefined
        ? `This object should have only one of the following fields: [${listed}]`
        : `There should only be one of the following fields: [${listed}]`,
    );
    return;
  }
  const operand = rule[operator] ?? null;
  const where = `${at}/${operator}`;
  if (operator.endsWith('Path')) checkPath(found, where, operand);
  else if (!hasOperandType(operator, operand)) found.schema(where, `Value is not valid for ${operator}`);
}

function hasOperandType(operator: string, operand: Json): boolean {
  if (operator.startsWith('Is') || operator.startsWith('Boolean')) return typeof operand === 'boolean';
  if (operator.startsWith('Numeric')) return isNumber(operand);
  if (operator.startsWith('Timestamp')) return typeof operand === 'string' && tryParseTimestamp(operand) !== undefined;
  return typeof operand === 'string';
}
