import type { ServiceRequest, ServiceResponse } from '../../cloud/service.js';
import type { CorsRules } from './api-model.js';

/** Whether a browser asks for permission; an API with CORS rules answers such a request itself, whatever its routes. */
export function isPreflight({ method, headers }: ServiceRequest): boolean {
  return method === 'OPTIONS' && 'origin' in headers && 'access-control-request-method' in headers;
}

/** The answer to a preflight request: 204, with no permission in it for a foreign origin. */
export function answerPreflight(rules: CorsRules, { headers }: ServiceRequest): ServiceResponse {
  const origin = tryAllowedOrigin(rules, headers['origin']);
  if (origin === undefined) return { status: 204 };
  return {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      ...list('access-control-allow-methods', rules.methods),
      ...list('access-control-allow-headers', rules.headers),
      ...(rules.maxAge === undefined ? {} : { 'access-control-max-age': String(rules.maxAge) }),
      ...credentials(rules),
    },
  };
}

/** API Gateway sets the CORS headers of an answer itself and drops the function's own. */
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
      ...list('access-control-expose-headers', rules.exposed),
      ...credentials(rules),
    },
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
