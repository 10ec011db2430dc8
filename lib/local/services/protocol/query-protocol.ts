import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../../asl/language/json.js';
import type { ServiceError, ServiceRequest, ServiceResponse } from '../../cloud/service.js';

/** A value while it is put together. */
type Draft = string | { [key: string]: Draft };

/** A request of AWS's query protocol: the action, and the parameters as the JSON protocols would have them. */
export interface QueryCall {
  readonly action: string;
  readonly parameters: JsonObject;
}

/**
 * Reads `Action=Publish&TopicArn=…&MessageAttributes.entry.1.Name=…`: dotted names become objects, `member.N` lists, and `entry.N` with `Name` or `key`
 * and `Value` or `value` maps.
 */
export function readQueryCall(request: ServiceRequest): QueryCall {
  const root: { [key: string]: Draft } = {};
  let action = '';
  for (const [name, value] of new URLSearchParams(request.body.toString('utf8'))) {
    if (name === 'Action') action = value;
    else if (name !== 'Version') assign(root, name.split('.'), value);
  }
  const parameters = Object.fromEntries(Object.entries(root).map(([name, value]) => [name, settle(value)]));
  return { action, parameters };
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

/** The answer of a query protocol action: its result as XML. */
export function renderQueryAnswer(action: string, namespace: string, result: JsonObject): ServiceResponse {
  return xml(
    200,
    `<${action}Response xmlns="${namespace}"><${action}Result>${renderMembers(result)}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

/** An error of the query protocol. */
export function renderQueryError({ name, message, status }: ServiceError): ServiceResponse {
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
