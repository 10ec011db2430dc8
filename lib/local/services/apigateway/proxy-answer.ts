import { isJsonArray, isJsonObject, type Json, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import type { ServiceResponse } from '../../cloud/service.js';
import type { PayloadFormat } from './api-model.js';

/** An answer of the gateway's own, for example `{"message":"Not Found"}`. */
export function renderGatewayMessage(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ message }) };
}

/** The HTTP answer in what a function gave, or undefined when the gateway would call it malformed (500). */
export function tryReadProxyAnswer(format: PayloadFormat, payload: string): ServiceResponse | undefined {
  const result = tryParseJson(payload);
  if (result === undefined) return undefined;
  if (isJsonObject(result) && result['statusCode'] !== undefined) return tryReadStructured(format, result);
  return format === '2.0' ? inferred(result) : undefined;
}

/** Format 2.0 takes anything without a status code as the body of a 200. */
function inferred(result: Json): ServiceResponse {
  const body = typeof result === 'string' ? result : JSON.stringify(result);
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function tryReadStructured(format: PayloadFormat, result: JsonObject): ServiceResponse | undefined {
  const status = Number(result['statusCode']);
  const { body = null, isBase64Encoded = false } = result;
  const headers = tryReadHeaders(format, result);
  if (!Number.isInteger(status) || status < 100 || status > 599 || headers === undefined) return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  const bytes = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? '');
  const untyped = !('content-type' in headers) && bytes.length > 0;
  const type: Headers = untyped ? { 'content-type': 'text/plain;charset=UTF-8' } : {};
  return { status, headers: { ...type, ...headers }, body: bytes };
}

type Headers = Record<string, string | readonly string[]>;

function tryReadHeaders(format: PayloadFormat, result: JsonObject): Headers | undefined {
  const { headers = {}, multiValueHeaders = {}, cookies = [] } = result;
  const single = headers === null ? {} : headers;
  if (!isJsonObject(single)) return undefined;
  const read: Headers = {};
  for (const [name, value] of Object.entries(single)) if (value !== null) read[name.toLowerCase()] = renderValue(value);
  if (format === '1.0' && isJsonObject(multiValueHeaders)) {
    for (const [name, values] of Object.entries(multiValueHeaders)) {
      if (isJsonArray(values)) read[name.toLowerCase()] = values.map(renderValue);
    }
  }
  if (format === '2.0' && isJsonArray(cookies) && cookies.length > 0) read['set-cookie'] = cookies.map(renderValue);
  return read;
}

function renderValue(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
