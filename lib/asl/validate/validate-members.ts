import { tryJsonataText } from '../evaluate/jsonata.js';
import type { Diagnostics } from '../language/diagnostics.js';
import { isJsonArray, isJsonObject, isNumber, type Json, type JsonObject } from '../language/json.js';
import type { QueryLanguage } from '../language/types.js';
import { checkTemplate } from './validate-expressions.js';

const IS_TYPE = {
  STRING: (value: Json) => typeof value === 'string',
  BOOLEAN: (value: Json) => typeof value === 'boolean',
  ARRAY: (value: Json) => isJsonArray(value),
  OBJECT: isJsonObject,
} as const;

/** Checks the types of members that are there. */
export function checkTypes(
  found: Diagnostics,
  location: string,
  object: JsonObject,
  type: keyof typeof IS_TYPE,
  fields: readonly string[],
): void {
  for (const field of fields) {
    const value = object[field];
    if (value !== undefined && !IS_TYPE[type](value)) found.type(`${location}/${field}`, type);
  }
}

/** Checks that an object has no other members than these. */
export function checkKnown(found: Diagnostics, location: string, object: JsonObject, known: readonly string[]): void {
  for (const field of Object.keys(object)) if (!known.includes(field)) found.unsupported(location, field);
}

/** Checks a list of objects; gives them with their places. */
export function checkObjects(
  found: Diagnostics,
  location: string,
  list: Json,
  least: 0 | 1,
): readonly { readonly at: string; readonly entry: JsonObject; readonly index: number }[] {
  if (!isJsonArray(list)) {
    found.type(location, 'ARRAY');
    return [];
  }
  if (list.length < least) found.schema(location, 'Value cannot be empty');
  return list.flatMap((entry, index) => {
    const at = `${location}[${index}]`;
    if (isJsonObject(entry)) return [{ at, entry, index }];
    found.type(at, 'OBJECT');
    return [];
  });
}

/** Checks a text that is one of a few. */
export function checkOneOf(
  found: Diagnostics,
  location: string,
  value: Json | undefined,
  allowed: readonly string[],
): void {
  if (value === undefined) return;
  if (typeof value !== 'string') found.type(location, 'STRING');
  else if (!allowed.includes(value))
    found.schema(location, `Value should be one of the following: [${allowed.join(', ')}]`);
}

/** Checks fields of which an object has one at most, or exactly one. */
export function checkExclusive(
  found: Diagnostics,
  location: string,
  object: JsonObject,
  fields: readonly string[],
  required: boolean,
): void {
  const given = fields.filter((field) => object[field] !== undefined);
  const listed = fields.join(', ');
  if (given.length > 1) found.schema(location, `There should only be one of the following fields: [${listed}]`);
  if (given.length === 0 && required)
    found.schema(location, `This object should have only one of the following fields: [${listed}]`);
}

/** What a number can be. */
export interface NumberRange {
  readonly min: number;
  /** @default - no maximum */
  readonly max?: number;
  /** @default false */
  readonly fractions?: boolean;
}

/** The longest time that a field can give, in seconds: about three years. */
export const MAX_SECONDS = 99_999_999;

/** Checks a number, in JSONata also an expression. */
export function checkNumber(
  found: Diagnostics,
  location: string,
  value: Json | undefined,
  { min, max, fractions = false }: NumberRange,
  language: QueryLanguage,
): void {
  if (value === undefined) return;
  if (language === 'JSONata' && tryJsonataText(value) !== undefined) checkTemplate(found, location, value, language);
  else if (!isNumber(value) || (!fractions && !Number.isInteger(Number(value))))
    found.schema(location, `Expected value of type ${fractions ? 'Number' : 'Integer'}`);
  else if (value < min) found.schema(location, `Minimum value is ${min}`);
  else if (max !== undefined && value > max) found.schema(location, `Maximum value is ${max}`);
}
