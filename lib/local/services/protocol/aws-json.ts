import { exactJsonText } from '../../../asl/language/exact-json.js';
import { isJsonArray, isJsonObject, type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import { renderJson, ServiceError, type ServiceRequest } from '../../cloud/service.js';
import type { Protocol } from './service-api.js';

/** The AWS JSON protocol: the operation in `X-Amz-Target`, members as JSON in both directions, errors as `{ "__type": …, "message": … }`. */
export function awsJson<Output extends Json = JsonObject>(version: '1.0' | '1.1'): Protocol<JsonObject, Output> {
  const contentType = `application/x-amz-json-${version}`;
  return {
    read: (request) => ({ operation: readTarget(request), input: readJsonBody(request) }),
    render: (answer) => renderJson(answer, 200, contentType),
    renderError: ({ name, message, status, members }) =>
      renderJson({ __type: name, message, ...members }, status, contentType),
  };
}

function readTarget({ headers }: ServiceRequest): string {
  const target = headers['x-amz-target'];
  if (target === undefined)
    throw new ServiceError('UnknownOperationException', 'The request has no X-Amz-Target header.');
  return target.slice(target.lastIndexOf('.') + 1);
}

/** The JSON body of a request; an empty body is an empty object. */
export function readJsonBody({ body }: ServiceRequest): JsonObject {
  if (body.length === 0) return {};
  const parsed = tryParseJson(body.toString('utf8'));
  if (isJsonObject(parsed)) return parsed;
  throw new ServiceError('SerializationException', 'The request body is not a JSON object.');
}

/** A string member; refuses another type. */
export function stringMember(body: JsonObject, name: string): string {
  const value = tryStringMember(body, name);
  if (value === undefined) throw new ServiceError('ValidationException', `Member must not be null: '${name}'.`);
  return value;
}

/** A string member, if present; refuses another type. */
export function tryStringMember(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new ServiceError('SerializationException', `Expected a string at '${name}'.`);
}

/** A number member, if present; refuses another type. */
export function tryNumberMember(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  throw new ServiceError('SerializationException', `Expected a number at '${name}'.`);
}

/** The objects of a list member; none when it is absent. */
export function objectsMember(body: JsonObject, name: string): readonly JsonObject[] {
  const value = body[name];
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}

/** The texts of a list member; none when it is absent. */
export function stringsMember(body: JsonObject, name: string): readonly string[] {
  const value = body[name];
  return isJsonArray(value) ? value.map(String) : [];
}

/** A task's parameters with a member as text, which integrations take as JSON too. */
export function withText(parameters: JsonObject, name: string): JsonObject {
  const value = parameters[name];
  return value === undefined || typeof value === 'string'
    ? parameters
    : { ...parameters, [name]: exactJsonText(value) };
}
