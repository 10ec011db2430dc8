/**
 * A JSON value. The engine treats every value as immutable: what is stored in history is never changed afterwards. An integer that a number can't hold is
 * a `bigint` (see exact-json.ts).
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value is a JSON object (not null, not a list). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a JSON list. */
export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a value is a JSON number, of any size. */
export function isNumber(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/**
 * The member of a record under a name that comes from outside. What every object inherits (`constructor`, `__proto__`) is no member, though an index finds
 * it.
 */
export function tryOwn<Member>(record: Readonly<Record<string, Member>>, name: string): Member | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** An object as it is; an empty one for what is none. */
export function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The items of a list; none of what is no list. */
export function itemsOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : [];
}

/** The objects of a list; none of what is no list. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return itemsOf(value).filter(isJsonObject);
}

/** Parses JSON text as JavaScript does, so large integers are rounded; `undefined` when the text is not JSON. */
export function tryParseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The JSON type's name, as AWS writes it in its messages. */
export function jsonTypeName(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const name = typeof value === 'bigint' ? 'number' : typeof value;
  return name === 'boolean' || name === 'number' || name === 'string' ? name : 'object';
}
