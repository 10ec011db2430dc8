import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../asl/language/json.js';
import type { ServiceRequest } from '../../cloud/service.js';
import type { HttpApi, PayloadFormat, Route, Stage } from './api-model.js';

/** A request on its way to a function. */
export interface GatewayCall {
  readonly api: HttpApi;
  readonly stage: Stage;
  readonly route: Route;
  readonly request: ServiceRequest;
  /** The decoded path, with a named stage. API Gateway decodes the path of an HTTP API before it routes, so `%2F` separates segments. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly accountId: string;
}

/** A new id for a request. */
export function newRequestId(): string {
  return randomUUID();
}

/**
 * The event a Lambda proxy integration gets.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function renderProxyEvent(
  format: PayloadFormat,
  call: GatewayCall,
  authorizer: JsonObject | undefined,
): JsonObject {
  return format === '2.0' ? renderFormat2(call, authorizer) : renderFormat1(call, authorizer);
}

function renderFormat2(call: GatewayCall, authorizer: JsonObject | undefined): JsonObject {
  const { request, route, stage } = call;
  const { cookie, ...headers } = request.headers;
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: call.path,
    rawQueryString: request.query.toString(),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: { ...headers },
    ...unlessEmpty('queryStringParameters', joinedQuery(request.query)),
    ...unlessEmpty('pathParameters', call.parameters),
    ...unlessEmpty('stageVariables', stage.variables),
    requestContext: renderContext2(call, authorizer),
    ...renderBody(request),
  };
}

/** The `requestContext` of format 2.0, which Lambda authorizers get too. */
export function renderContext2(call: GatewayCall, authorizer: JsonObject | undefined): JsonObject {
  const { request, route, stage, api } = call;
  return {
    accountId: call.accountId,
    apiId: api.id,
    ...(authorizer === undefined ? {} : { authorizer }),
    domainName: domainOf(request),
    domainPrefix: domainOf(request).split('.')[0] ?? '',
    http: {
      method: request.method,
      path: call.path,
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: call.requestId,
    routeKey: route.key,
    stage: stage.name,
    time: renderTime(call.time),
    timeEpoch: call.time,
  };
}

function renderFormat1(call: GatewayCall, authorizer: JsonObject | undefined): JsonObject {
  const { request, route, stage, api } = call;
  const [, resource = '$default'] = route.key.split(' ');
  const multiple = [...new Set(request.query.keys())].map((name) => [name, request.query.getAll(name)]);
  return {
    version: '1.0',
    resource,
    path: call.path,
    httpMethod: request.method,
    headers: { ...request.headers },
    multiValueHeaders: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: orNull(Object.fromEntries(request.query)),
    multiValueQueryStringParameters: orNull(Object.fromEntries(multiple)),
    requestContext: {
      accountId: call.accountId,
      apiId: api.id,
      authorizer: authorizer ?? { claims: null, scopes: null },
      domainName: domainOf(request),
      domainPrefix: domainOf(request).split('.')[0] ?? '',
      extendedRequestId: call.requestId,
      httpMethod: request.method,
      identity: { sourceIp: '127.0.0.1', userAgent: request.headers['user-agent'] ?? null },
      path: call.path,
      protocol: 'HTTP/1.1',
      requestId: call.requestId,
      requestTime: renderTime(call.time),
      requestTimeEpoch: call.time,
      resourceId: route.key,
      resourcePath: resource,
      stage: stage.name,
    },
    pathParameters: orNull(call.parameters),
    stageVariables: orNull(stage.variables),
    ...{ body: null, ...renderBody(request) },
  };
}

function renderBody({ body, headers }: ServiceRequest): JsonObject {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = body.toString('utf8');
  if (isText(headers['content-type']) && Buffer.from(text, 'utf8').equals(body))
    return { body: text, isBase64Encoded: false };
  return { body: body.toString('base64'), isBase64Encoded: true };
}

/** API Gateway passes these as text and everything else, forms too, in base64. */
function isText(contentType = 'text/plain'): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || /^application\/(?:json|javascript|xml|.+\+json|.+\+xml)$/.test(type);
}

function joinedQuery(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}

function unlessEmpty(name: string, values: Readonly<Record<string, string>>): JsonObject {
  return Object.keys(values).length === 0 ? {} : { [name]: values };
}

function orNull(values: JsonObject): JsonObject | null {
  return Object.keys(values).length === 0 ? null : values;
}

function domainOf(request: ServiceRequest): string {
  return request.headers['host'] ?? 'localhost';
}

/** For example `12/Mar/2020:19:03:58 +0000`. */
function renderTime(time: number): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(time).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
