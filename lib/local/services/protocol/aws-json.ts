import { isJsonObject, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import { ServiceError, type ServiceRequest } from '../../cloud/service.js';

/** The operation that an AWS JSON request names in `X-Amz-Target`, for example `PutItem`; refuses a request without one. */
export function readOperation(request: ServiceRequest): string {
  const target = request.headers['x-amz-target'];
  if (target === undefined)
    throw new ServiceError('UnknownOperationException', 'The request has no X-Amz-Target header.');
  return target.slice(target.lastIndexOf('.') + 1);
}

/** The body of an AWS JSON request; an empty body is an empty object. */
export function readJsonBody(request: ServiceRequest): JsonObject {
  if (request.body.length === 0) return {};
  const body = tryParseJson(request.body.toString('utf8'));
  if (isJsonObject(body)) return body;
  throw new ServiceError('SerializationException', 'The request body is not a JSON object.');
}

/** The operation's name from an integration's action: `putItem` → `PutItem`. */
export function upperFirst(action: string): string {
  return action.charAt(0).toUpperCase() + action.slice(1);
}

/** What a service answers for an operation of its API that the local cloud doesn't have. */
export function unsupportedOperation(service: string, operation: string): ServiceError {
  return new ServiceError('UnsupportedOperationException', `The local cloud doesn't support ${service}:${operation}.`);
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
