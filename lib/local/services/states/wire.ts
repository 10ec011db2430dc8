import type { Json, JsonObject } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';

/** The type of a request's member on the wire. */
export type MemberType = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** An operation's request: its members, those that must be there marked with `!`. */
export type Shape = Readonly<Record<string, MemberType | `${MemberType}!`>>;

/**
 * Checks a request against its shape, as the API's front end does: a member of the wrong type is a SerializationException, a missing one a
 * ValidationException, an unknown one is ignored.
 */
export function checkShape(body: JsonObject, shape: Shape): void {
  const missing = Object.entries(shape).filter(([name, type]) => type.endsWith('!') && isAbsent(body[name]));
  if (missing.length > 0) {
    const errors = missing.map(
      ([name]) => `Value null at '${name}' failed to satisfy constraint: Member must not be null`,
    );
    const count = `${errors.length} validation error${errors.length === 1 ? '' : 's'} detected`;
    throw new ServiceError('ValidationException', `${count}: ${errors.join('; ')}`);
  }
  for (const [name, type] of Object.entries(shape)) {
    const value = body[name];
    if (isAbsent(value) || typeName(value) === type.replace('!', '')) continue;
    throw new ServiceError(
      'SerializationException',
      `Expected ${type.replace('!', '')} at '${name}', got ${typeName(value)}.`,
    );
  }
}

/** Turns the engine's answer into the wire's: timestamps in seconds, absent members left out. */
export function renderAnswer(value: unknown): Json {
  return renderValue('', value);
}

function renderValue(name: string, value: unknown): Json {
  if (typeof value === 'number') return isTimestamp(name) ? value / 1000 : value;
  if (Array.isArray(value)) return value.map((item) => renderValue('', item));
  if (typeof value !== 'object' || value === null) return isScalar(value) ? value : null;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, renderValue(key, member)]));
}

/** All payloads are text in this API, so a name alone tells a timestamp. */
function isTimestamp(name: string): boolean {
  return name === 'timestamp' || name.endsWith('Date');
}

function isScalar(value: unknown): value is null | boolean | string {
  return value === null || typeof value === 'boolean' || typeof value === 'string';
}

function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function typeName(value: Json): MemberType {
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}
