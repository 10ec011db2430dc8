import { compileJsonata, tryJsonataText, unexpectedType } from '../../asl/evaluate/jsonata.js';
import { Reference } from '../../asl/evaluate/reference.js';
import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import type { QueryScope } from '../../asl/language/scope.js';
import { runtimeError } from '../../asl/language/states-error.js';
import type { Fields, QueryLanguage } from '../../asl/language/types.js';

/**
 * A number of a Map (`MaxConcurrency`, `ToleratedFailureCount`, …): a constant, `<field>Path` in JSONPath, or a JSONata expression. A number in a text is
 * taken as a number, as AWS does.
 */
export function compileNumber(
  definition: Fields,
  field: string,
  language: QueryLanguage,
  kind: 'integer' | 'float' = 'integer',
): ((scope: QueryScope) => number) | undefined {
  const path = definition[`${field}Path`];
  if (language === 'JSONPath' && typeof path === 'string') {
    const reference = Reference.parse(path);
    return (scope) => {
      const value = reference.require(scope);
      const number = tryNumber(value, kind);
      if (number !== undefined) return number;
      throw runtimeError(
        `The ${field}Path field refers to value "${print(value)}" which is not a valid ${kind}: ${path}`,
      );
    };
  }
  const constant = definition[field];
  if (typeof constant === 'number') return () => constant;
  const expression = language === 'JSONata' ? tryJsonataText(constant) : undefined;
  if (expression === undefined) return undefined;
  const evaluate = compileJsonata(expression, field);
  return (scope) => {
    const value = evaluate(scope);
    if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
      throw unexpectedType(expression, field, kind === 'integer' ? 'integer' : 'number', value);
    }
    return value;
  };
}

function tryNumber(value: Json, kind: 'integer' | 'float'): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return kind === 'integer' && !Number.isInteger(number) ? undefined : number;
}

function print(value: Json): string {
  return typeof value === 'string' ? value : exactJsonText(value);
}
