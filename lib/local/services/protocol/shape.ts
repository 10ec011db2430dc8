import type { Json, JsonObject } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';

/** The types of a request's members on the wire, and what they are in TypeScript. */
interface MemberTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly object: JsonObject;
  readonly array: readonly Json[];
}

type MemberType = keyof MemberTypes;

/** An operation's request: its members by type, or by the values that they may have; members that must be there are marked with `!`. */
export type RequestShape = Readonly<Record<string, MemberType | `${MemberType}!` | readonly string[]>>;

type MemberOf<Type> = Type extends readonly (infer Value)[]
  ? Value
  : Type extends `${infer Name extends MemberType}!`
    ? MemberTypes[Name]
    : Type extends MemberType
      ? MemberTypes[Type]
      : never;

/** A request of a shape. */
export type Members<S extends RequestShape> = {
  readonly [Name in keyof S as S[Name] extends `${string}!` ? Name : never]: MemberOf<S[Name]>;
} & {
  readonly [Name in keyof S as S[Name] extends `${string}!` ? never : Name]?: MemberOf<S[Name]>;
};

/**
 * Reads a request by its shape, as the API's front end does: a member of the wrong type is a SerializationException, a missing one or one with a value
 * that isn't listed a ValidationException, an unknown one is ignored, and null counts as absent.
 */
export function readMembers<S extends RequestShape>(body: JsonObject, shape: S): Members<S> {
  const present = Object.entries(shape).filter(([name]) => !isAbsent(body[name]));
  for (const [name, type] of present) checkType(name, body[name], type);
  checkConstraints(body, shape);
  // Each member has just been found to be of its type.
  return Object.fromEntries(present.map(([name]) => [name, body[name]])) as Members<S>;
}

function checkType(name: string, value: Json | undefined, type: RequestShape[string]): void {
  const expected = typeof type === 'string' ? type.replace('!', '') : 'string';
  if (value === undefined || typeName(value) === expected) return;
  throw new ServiceError('SerializationException', `Expected ${expected} at '${name}', got ${typeName(value)}.`);
}

function checkConstraints(body: JsonObject, shape: RequestShape): void {
  const errors = Object.entries(shape).flatMap(([name, type]) => {
    const value = body[name];
    if (isAbsent(value)) {
      const required = typeof type === 'string' && type.endsWith('!');
      return required ? [`Value null at '${name}' failed to satisfy constraint: Member must not be null`] : [];
    }
    if (typeof type === 'string' || type.includes(String(value))) return [];
    const known = `Member must satisfy enum value set: [${type.join(', ')}]`;
    return [`Value '${String(value)}' at '${name}' failed to satisfy constraint: ${known}`];
  });
  if (errors.length === 0) return;
  const count = `${errors.length} validation error${errors.length === 1 ? '' : 's'} detected`;
  throw new ServiceError('ValidationException', `${count}: ${errors.join('; ')}`);
}

function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function typeName(value: Json): MemberType {
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object';
}
