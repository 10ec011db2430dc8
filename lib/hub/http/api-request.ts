import { hubError, quote } from '../hub-error.js';

/** The part of API Gateway's HTTP API event (payload format 2.0) that the routes read. */
export interface ApiGatewayEvent {
  /** For example `GET /instances/{instanceId}`, or `$default`. */
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly domainName?: string;
    readonly http: { readonly method: string };
    readonly authorizer?: ApiAuthorizer;
  };
}

/** What the gateway says of who makes a request: one of these, by the kind of authorization. */
interface ApiAuthorizer {
  readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> };
  readonly iam?: { readonly userArn?: string; readonly cognitoIdentity?: { readonly identityId?: string } | null };
  /** Of our own authorizer: the name of the API key. */
  readonly lambda?: { readonly name?: unknown };
}

/** A request as the routes see it. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** URL of the API, without a slash at the end. */
  readonly baseUrl: string;
  parameter(name: string): string;
  readonly query: URLSearchParams;
  /** Who makes it, in words that no other way of authorization and no other issuer has for somebody else. */
  readonly subject: string | undefined;
  header(name: string): string | undefined;
  /** The body's text; throws when it is not UTF-8. */
  text(): string;
}

/** Reads an event. `apiUrl` is where the API is known to be; otherwise the event's domain stands. */
export function readRequest(event: ApiGatewayEvent, apiUrl: string | undefined): ApiRequest {
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    baseUrl: apiUrl ?? `https://${event.requestContext.domainName ?? 'localhost'}`,
    query: new URLSearchParams(event.rawQueryString ?? ''),
    subject: tryReadSubject(event.requestContext.authorizer),
    parameter: (name) => decodeParameter(name, event.pathParameters?.[name] ?? '', event.rawPath),
    header: (name) => event.headers?.[name.toLowerCase()],
    text: () => readText(event),
  };
}

function tryReadSubject({ jwt, iam, lambda }: ApiAuthorizer = {}): string | undefined {
  const { iss, sub } = jwt?.claims ?? {};
  if (typeof sub === 'string' && sub !== '') return `jwt:${String(iss)}#${sub}`;
  if (iam !== undefined)
    return iam.cognitoIdentity?.identityId ? `cognito:${iam.cognitoIdentity.identityId}` : iamSubject(iam.userArn);
  return typeof lambda?.name === 'string' ? `key:${lambda.name}` : undefined;
}

function iamSubject(userArn: string | undefined): string | undefined {
  return userArn === undefined || userArn === '' ? undefined : `iam:${userArn}`;
}

/**
 * HTTP APIs hand over the path decoded, and with it, it seems, its parameters; a parameter that isn't a piece of the decoded path is still encoded. Links
 * that the API gives out never contain a percent sign, so they mean the same either way.
 */
function decodeParameter(name: string, text: string, path: string): string {
  if (!text.includes('%') || path.includes(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw hubError('InvalidRequest', { where: name, expected: 'percent-encoded UTF-8', got: quote(text) });
  }
}

function readText({ body, isBase64Encoded }: ApiGatewayEvent): string {
  if (body === undefined) return '';
  if (isBase64Encoded !== true) return body;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(body, 'base64'));
  } catch (error) {
    throw hubError('InvalidJson', { where: 'body', expected: 'UTF-8', got: 'other bytes' }, { cause: error });
  }
}

/** A query parameter that is `true` or `false`. */
export function readFlag(request: ApiRequest, name: string, otherwise: boolean): boolean {
  const text = request.query.get(name)?.toLowerCase();
  if (text === undefined || text === '') return otherwise;
  if (text === 'true' || text === 'false') return text === 'true';
  throw hubError('InvalidRequest', { where: name, expected: '`true` or `false`', got: quote(text) });
}

/** A query parameter that is a whole number. */
export function tryReadNumber(request: ApiRequest, name: string, from: number, to: number): number | undefined {
  const text = request.query.get(name);
  if (text === null || text === '') return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw hubError('InvalidRequest', { where: name, expected: `a whole number from ${from} to ${to}`, got: quote(text) });
}
