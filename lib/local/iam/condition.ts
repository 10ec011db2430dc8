import { isIP } from 'node:net';
import { tryOwn } from '../../asl/language/json.js';
import type { Value } from '../../assembly/model.js';
import { DurableStepsError } from '../../errors.js';
import { matchesCidr } from './cidr.js';
import { matchesArn, matchesWildcard } from './wildcard.js';

/** The condition keys of a call, for example `aws:SourceArn`; names compare without case. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** One condition of a statement. */
export interface PolicyCondition {
  holds(context: ConditionContext): boolean;
}

type Compare = (wanted: string, given: string) => boolean;

/** The operators whose negation is the same with `Not` in the name. */
const POSITIVE: Readonly<Record<string, Compare>> = {
  StringEquals: (wanted, given) => wanted === given,
  StringEqualsIgnoreCase: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  StringLike: matchesWildcard,
  NumericEquals: (wanted, given) => Number(given) === Number(wanted),
  DateEquals: (wanted, given) => dateOf(given) === dateOf(wanted),
  IpAddress: (wanted, given) => isIP(given) !== 0 && matchesCidr(wanted, given),
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  BinaryEquals: (wanted, given) => wanted === given,
  NumericLessThan: (wanted, given) => Number(given) < Number(wanted),
  NumericLessThanEquals: (wanted, given) => Number(given) <= Number(wanted),
  NumericGreaterThan: (wanted, given) => Number(given) > Number(wanted),
  NumericGreaterThanEquals: (wanted, given) => Number(given) >= Number(wanted),
  DateLessThan: (wanted, given) => dateOf(given) < dateOf(wanted),
  DateLessThanEquals: (wanted, given) => dateOf(given) <= dateOf(wanted),
  DateGreaterThan: (wanted, given) => dateOf(given) > dateOf(wanted),
  DateGreaterThanEquals: (wanted, given) => dateOf(given) >= dateOf(wanted),
};

const NEGATIVE: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

/**
 * Reads a statement's `Condition`; refuses operators that IAM doesn't have.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function readConditions(value: Value | undefined, where: string): readonly PolicyCondition[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([operator, keys]) =>
    Object.entries(typeof keys === 'object' && keys !== null ? keys : {}).map(([key, wanted]) =>
      readCondition(
        operator,
        key,
        (Array.isArray(wanted) ? wanted : [wanted]).map(String),
        `${where}.Condition.${operator}`,
      ),
    ),
  );
}

function readCondition(operator: string, key: string, wanted: readonly string[], where: string): PolicyCondition {
  const { quantifier, name, ifExists } = parseOperator(operator);
  if (name === 'Null') return { holds: (context) => wanted.includes(String(valuesOf(context, key) === undefined)) };
  const negated = tryOwn(NEGATIVE, name);
  const compare = tryOwn(POSITIVE, negated ?? name);
  if (compare === undefined) {
    throw new DurableStepsError('UnsupportedPolicy', {
      where,
      expected: 'an IAM condition operator',
      got: `\`${operator}\``,
      fix: 'AWS takes the operators of IAM alone, such as `StringEquals`, `ArnLike`, `Null`, with `ForAllValues:` or `IfExists`',
    });
  }
  const matchesOne = (given: string): boolean => wanted.some((one) => compare(one, given)) === (negated === undefined);
  return {
    holds(context) {
      const given = valuesOf(context, key);
      if (given === undefined)
        return ifExists || quantifier === 'ForAllValues' || (negated !== undefined && quantifier === undefined);
      if (quantifier === 'ForAllValues') return given.every(matchesOne);
      if (quantifier === undefined && negated !== undefined) return given.every(matchesOne);
      return given.some(matchesOne);
    },
  };
}

function parseOperator(operator: string) {
  const [, quantifier, name = operator, ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  return { quantifier, name, ifExists: ifExists !== undefined };
}

function valuesOf(context: ConditionContext, key: string): readonly string[] | undefined {
  const name = Object.keys(context).find((one) => one.toLowerCase() === key.toLowerCase());
  const value = name === undefined ? undefined : context[name];
  return typeof value === 'string' ? [value] : value;
}

function dateOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
