import type { Value } from '../../assembly/model.js';
import { DurableStepsError, LEAVE_OUT_LOCALLY } from '../../errors.js';
import { type ConditionContext, type PolicyCondition, readConditions } from './condition.js';
import { matchesWildcard } from './wildcard.js';

/** One statement of an IAM policy. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Pattern;
  /** Absent in policies without resources. */
  readonly resources?: Pattern;
  /** In resource policies: who is meant. */
  readonly principals?: Principals;
  readonly conditions: readonly PolicyCondition[];
}

/** What a statement lists: everything that fits one of the patterns, or with `not`, everything that fits none. */
export interface Pattern {
  readonly patterns: readonly string[];
  readonly not: boolean;
}

export interface Principals {
  readonly any: boolean;
  /** Service principals, for example `events.amazonaws.com`. */
  readonly services: readonly string[];
  /** ARNs and account ids. */
  readonly aws: readonly string[];
}

/** What is asked of a policy. */
export interface Question {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

/** Reads the statements of a policy document; refuses what the local cloud can't evaluate. */
export function readPolicy(document: Value | undefined, where: string): readonly Statement[] {
  if (!isObject(document)) throw refusal(where, 'a policy document', document);
  return asList(document['Statement']).map((statement, index) =>
    readStatement(statement, `${where}.Statement[${index}]`),
  );
}

/** Whether the statement speaks about the question. */
function applies(statement: Statement, { action, resource, context }: Question): boolean {
  return (
    matchesPattern(statement.actions, (pattern) => matchesWildcard(pattern, action, { ignoreCase: true })) &&
    (statement.resources === undefined ||
      matchesPattern(statement.resources, (pattern) => matchesWildcard(pattern, resource))) &&
    statement.conditions.every((condition) => condition.holds(context))
  );
}

/** What statements say together: a denial wins, and silence is no permission. */
export function decideByStatements(statements: readonly Statement[], question: Question): 'Allow' | 'Deny' | 'silent' {
  const about = statements.filter((statement) => applies(statement, question));
  if (about.some(({ effect }) => effect === 'Deny')) return 'Deny';
  return about.length > 0 ? 'Allow' : 'silent';
}

function readStatement(statement: Value, where: string): Statement {
  if (!isObject(statement)) throw refusal(where, 'a statement', statement);
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw refusal(`${where}.Effect`, '`Allow` or `Deny`', effect);
  const actions = readPattern(statement, 'Action', where);
  if (actions === undefined) throw refusal(where, '`Action` or `NotAction`', undefined);
  if (statement['NotPrincipal'] !== undefined)
    throw refusal(`${where}.NotPrincipal`, '`Principal`', statement['NotPrincipal']);
  const resources = readPattern(statement, 'Resource', where);
  return {
    effect,
    actions,
    ...(resources === undefined ? {} : { resources }),
    ...(statement['Principal'] === undefined ? {} : { principals: readPrincipals(statement['Principal']) }),
    conditions: readConditions(statement['Condition'], where),
  };
}

function readPattern(statement: Object_, name: string, where: string): Pattern | undefined {
  const positive = statement[name];
  const negative = statement[`Not${name}`];
  if (positive === undefined && negative === undefined) return undefined;
  return { patterns: readStrings(positive ?? negative, `${where}.${name}`), not: positive === undefined };
}

function readPrincipals(value: Value): Principals {
  if (value === '*') return { any: true, services: [], aws: [] };
  const object = isObject(value) ? value : {};
  const aws = asList(object['AWS']).map(String);
  return { any: aws.includes('*'), services: asList(object['Service']).map(String), aws };
}

function readStrings(value: Value | undefined, where: string): readonly string[] {
  return asList(value).map((one) => {
    if (typeof one !== 'string') throw refusal(where, 'a string or a list of strings', one);
    if (one.includes('${')) throw refusal(where, 'no policy variables', one);
    return one;
  });
}

function matchesPattern({ patterns, not }: Pattern, matches: (pattern: string) => boolean): boolean {
  return patterns.some(matches) !== not;
}

type Object_ = { readonly [key: string]: Value };

function isObject(value: Value | undefined): value is Object_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asList(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Value];
}

function refusal(where: string, expected: string, got: Value | undefined): DurableStepsError {
  const shown = got === undefined ? 'nothing' : `\`${JSON.stringify(got)}\``;
  return new DurableStepsError('UnsupportedPolicy', {
    where,
    expected,
    got: shown,
    fix: `write what is expected, or ${LEAVE_OUT_LOCALLY}`,
  });
}
