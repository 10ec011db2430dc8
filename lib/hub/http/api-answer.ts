import type { ErrorBody, HubOperation } from '../../contract/hub-http.js';
import { HUB_ROUTES } from '../../contract/hub-http.js';
import type { AuditEntry } from '../audit.js';
import { hubError, isThrottled, quote, tryHttpStatus } from '../hub-error.js';
import { type ApiGatewayEvent, type ApiRequest, readRequest } from './api-request.js';

/** An answer in API Gateway's payload format 2.0. */
export interface ApiAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nobody may keep an answer, or take it for something else than it says. */
const GUARDED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Answers with JSON that nobody may cache. */
export function answerJson(
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json; charset=utf-8', ...GUARDED, ...headers },
    body: JSON.stringify(body),
  };
}

/** Answers without a body. */
export function answerEmpty(statusCode: number): ApiAnswer {
  return { statusCode, headers: GUARDED, body: '' };
}

/** One operation of the API. */
export type ApiRoute<Context> = (context: Context, request: ApiRequest) => Promise<ApiAnswer>;

/**
 * Makes a Lambda handler of routes: finds the route, turns what it throws into a JSON answer.
 *
 * @param connect called with the first request, not when the module loads
 */
export function serveRoutes<Context>(
  routes: Partial<Record<HubOperation | 'other', ApiRoute<Context>>>,
  connect: () => {
    readonly contextOf: (request: ApiRequest) => Context;
    readonly apiUrl: string | undefined;
    /** Hears who changes something, or tries to. @default - nobody writes it down */
    readonly audit?: (entry: AuditEntry) => void;
  },
): (event: ApiGatewayEvent) => Promise<ApiAnswer> {
  let connected: ReturnType<typeof connect> | undefined;
  return async (event) => {
    try {
      connected ??= connect();
      const request = readRequest(event, connected.apiUrl);
      const operation = HUB_ROUTES.find(({ method, path }) => `${method} ${path}` === event.routeKey)?.operation;
      const route = routes[operation ?? 'other'];
      if (route === undefined) throw routeNotFound(request);
      const answer = await route(connected.contextOf(request), request).catch(answerError);
      const entry = operation === undefined ? undefined : tryDescribe(operation, request, event, answer);
      if (entry !== undefined) connected.audit?.(entry);
      return answer;
    } catch (error) {
      return answerError(error);
    }
  };
}

/** Who changed something, or tried. Reading changes nothing, and stands in the access log. */
function tryDescribe(
  operation: HubOperation,
  request: ApiRequest,
  event: ApiGatewayEvent,
  { statusCode, body }: ApiAnswer,
): AuditEntry | undefined {
  const permission = HUB_ROUTES.find((route) => route.operation === operation)?.permission;
  if (permission === undefined || permission === 'read') return undefined;
  const answer = body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>);
  const told = ['id', 'error', 'instancesDeleted'].flatMap((name) => {
    const value = answer[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [];
  });
  const named = Object.entries(event.pathParameters ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    operation,
    subject: request.subject ?? null,
    object: Object.fromEntries(named),
    result: { status: statusCode, ...Object.fromEntries(told) },
  };
}

/** The API has no such route. */
export function routeNotFound({ method, path }: ApiRequest): Error {
  return hubError('RouteNotFound', {
    where: 'route',
    expected: 'a route of this API',
    got: quote(`${method} ${path}`),
    fix: 'GET /openapi.json lists them',
  });
}

/** What went wrong, in JSON; of an unexpected error nothing but that it happened. */
export function answerError(error: unknown): ApiAnswer {
  const status = tryHttpStatus(error);
  if (status !== undefined && error instanceof Error && 'code' in error) {
    return answerProblem(status, { error: String(error.code), message: error.message });
  }
  if (isThrottled(error)) {
    return answerProblem(429, { error: 'Throttled', message: 'AWS takes no more requests just now; try again' });
  }
  console.error(JSON.stringify({ level: 'ERROR', error: describeForLog(error) }));
  return answerProblem(500, {
    error: 'InternalError',
    message: 'something failed inside the task hub; its log says what',
  });
}

function answerProblem(status: number, body: ErrorBody): ApiAnswer {
  return answerJson(status, body, status === 429 || status === 503 ? { 'retry-after': '1' } : {});
}

function describeForLog(error: unknown): unknown {
  return error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : String(error);
}
