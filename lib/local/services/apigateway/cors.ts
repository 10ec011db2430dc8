import { isLocalHost } from '../../cloud/http-server.js';
import type { ServiceRequest, ServiceResponse } from '../../cloud/service.js';
import type { CorsRules } from './api-model.js';

/**
 * The gateway's own answer to a browser that asks for permission; {@link withCors} gives the permission. Undefined for another request, and for an API
 * without CORS rules.
 *
 * It takes the place of the route's integration, not of its authorizer: a `$default` or `ANY` route with an authorizer refuses preflights, as on AWS.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function tryAnswerPreflight(rules: CorsRules | undefined, request: ServiceRequest): ServiceResponse | undefined {
  return rules !== undefined && isPreflight(request) ? { status: 204 } : undefined;
}

/**
 * Whether a web page of another site, which the API's rules don't name, makes the browser change something. AWS has such an API on the internet, where strangers
 * reach it anyway; here it runs on a developer's machine, which a page visited by chance must not steer.
 */
export function isForeignChange(rules: CorsRules | undefined, { method, headers }: ServiceRequest): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(method)) return false;
  if (rules !== undefined && tryAllowedOrigin(rules, origin) !== undefined) return false;
  // A page that hides its referrer has the origin `null` on its own site too.
  if (origin === 'null') return site !== 'same-origin' && site !== 'same-site';
  return !isLocalHost(origin.replace(/^https?:\/\//, ''));
}

/** API Gateway sets the CORS headers of an answer itself and drops the function's own; a foreign origin gets none. */
export function withCors(rules: CorsRules, request: ServiceRequest, response: ServiceResponse): ServiceResponse {
  const own = Object.entries(response.headers ?? {}).filter(
    ([name]) => !name.toLowerCase().startsWith('access-control-'),
  );
  const origin = tryAllowedOrigin(rules, request.headers['origin']);
  if (origin === undefined) return { ...response, headers: Object.fromEntries(own) };
  return {
    ...response,
    headers: {
      ...Object.fromEntries(own),
      'access-control-allow-origin': origin,
      ...(isPreflight(request) ? permissions(rules) : list('access-control-expose-headers', rules.exposed)),
      ...credentials(rules),
    },
  };
}

function isPreflight({ method, headers }: ServiceRequest): boolean {
  return method === 'OPTIONS' && 'origin' in headers && 'access-control-request-method' in headers;
}

function permissions({ methods, headers, maxAge }: CorsRules): Record<string, string> {
  return {
    ...list('access-control-allow-methods', methods),
    ...list('access-control-allow-headers', headers),
    ...(maxAge === undefined ? {} : { 'access-control-max-age': String(maxAge) }),
  };
}

function tryAllowedOrigin(rules: CorsRules, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (rules.origins.includes('*')) return '*';
  const allowed = rules.origins.some(
    (one) => one === origin || (one.endsWith('://*') && origin.startsWith(one.slice(0, -1))),
  );
  return allowed ? origin : undefined;
}

function list(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(',') };
}

function credentials(rules: CorsRules): Record<string, string> {
  return rules.credentials ? { 'access-control-allow-credentials': 'true' } : {};
}
