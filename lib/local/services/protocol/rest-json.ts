import { type JsonObject, tryOwn } from '../../../asl/language/json.js';
import { renderJson, type ServiceError, type ServiceResponse } from '../../cloud/service.js';
import { readJsonBody } from './aws-json.js';
import type { Protocol } from './service-api.js';

/**
 * The REST JSON protocol: the operation by method and path, members as JSON in both directions, the error's name in a header.
 *
 * @param routes - the operations by `METHOD /path`, for example `{ 'POST /v2/email/outbound-emails': 'SendEmail' }`
 */
export function restJson(routes: Readonly<Record<string, string>>): Protocol<JsonObject, JsonObject> {
  return {
    read: (request) => {
      const { method, path } = request;
      return { operation: tryOwn(routes, `${method} ${path}`) ?? `${method} ${path}`, input: readJsonBody(request) };
    },
    render: (answer) => renderJson(answer, 200, 'application/json'),
    renderError: (error) => renderRestError(error),
  };
}

/** An error of a REST JSON service, with what the service adds to each. */
export function renderRestError(
  { name, message, status, members }: ServiceError,
  more: JsonObject = {},
): ServiceResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': name };
  return { status, headers, body: JSON.stringify({ ...more, message, Message: message, ...members }) };
}
