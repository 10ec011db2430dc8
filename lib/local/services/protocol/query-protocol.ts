import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../../asl/language/json.js';
import type { ServiceError, ServiceRequest, ServiceResponse } from '../../cloud/service.js';
import type { Protocol } from './service-api.js';

/** A value while it is put together. */
type Draft = string | { [key: string]: Draft };

/**
 * AWS's query protocol: a form in, XML out.
 *
 * `Action=Publish&TopicArn=…&MessageAttributes.entry.1.Name=…`: dotted names become objects, `member.N` lists, and `entry.N` with `Name` or `key` and
 * `Value` or `value` maps.
 */
export function queryProtocol(namespace: string): Protocol<JsonObject, JsonObject> {
  return {
    read: readQuery,
    render: (answer, operation) => renderAnswer(operation, namespace, answer),
    renderError,
  };
}

function readQuery(request: ServiceRequest): { readonly operation: string; readonly input: JsonObject } {
  const root: { [key: string]: Draft } = {};
  let operation = '';
  for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) {
    if (name === 'Action') operation = value;
    else if (name !== 'Version') assign(root, name.split('.'), value);
  }
  return { operation, input: Object.fromEntries(Object.entries(root).map(([name, value]) => [name, settle(value)])) };
}

function assign(target: { [key: string]: Draft }, path: readonly string[], value: string): void {
  const [first = '', ...rest] = path;
  if (first === '__proto__') return;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const next = target[first];
  const child: { [key: string]: Draft } = typeof next === 'object' ? next : {};
  target[first] = child;
  assign(child, rest, value);
}

function settle(draft: Draft): Json {
  if (typeof draft === 'string') return draft;
  const { member, entry } = draft;
  if (typeof member === 'object') return ordered(member).map(settle);
  if (typeof entry === 'object') return Object.fromEntries(ordered(entry).map(settleEntry));
  return Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, settle(value)]));
}

function settleEntry(entry: Draft): readonly [string, Json] {
  if (typeof entry === 'string') return [entry, null];
  return [String(entry['Name'] ?? entry['key']), settle(entry['Value'] ?? entry['value'] ?? '')];
}

function ordered(items: { readonly [key: string]: Draft }): readonly Draft[] {
  return Object.entries(items)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

function renderAnswer(action: string, namespace: string, result: JsonObject): ServiceResponse {
  return xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${renderMembers(result)}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

function renderError({ name, message, status }: ServiceError): ServiceResponse {
  const code = name.replace(/Exception$/, '');
  return xml(
    status,
    `<ErrorResponse><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

/** Text for XML. */
export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

function renderMembers(value: Json): string {
  if (Array.isArray(value)) return value.map((one: Json) => `<member>${renderMembers(one)}</member>`).join('');
  if (typeof value !== 'object' || value === null) return escapeXml(String(value ?? ''));
  return Object.entries(value)
    .map(([name, member]) => `<${name}>${renderMembers(member)}</${name}>`)
    .join('');
}

function xml(status: number, body: string): ServiceResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
