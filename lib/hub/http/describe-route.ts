import { HUB_ROUTES } from '../../contract/hub-http.js';
import { type ApiDescription, renderOpenApi } from '../../contract/openapi/document.js';
import { hubError, quote } from '../hub-error.js';
import { type ApiRoute, answerError, answerJson, routeNotFound } from './api-answer.js';

/** `GET /openapi.json` */
export const describeApiRoute: ApiRoute<ApiDescription> = async (description, request) =>
  answerJson(200, renderOpenApi({ ...description, url: request.baseUrl }));

/** Everything that is no route: 405 where another method would be one, else 404. */
export const otherRoute: ApiRoute<ApiDescription> = async (_description, request) => {
  const allowed = [
    ...new Set(HUB_ROUTES.filter(({ path }) => patternOf(path).test(request.path)).map(({ method }) => method)),
  ];
  if (allowed.length === 0 || allowed.some((method) => method === request.method)) throw routeNotFound(request);
  const answer = answerError(
    hubError('MethodNotAllowed', { where: 'method', expected: allowed.join(' or '), got: quote(request.method) }),
  );
  return { ...answer, headers: { ...answer.headers, allow: allowed.join(', ') } };
};

function patternOf(path: string): RegExp {
  return new RegExp(
    `^${path
      .replace(/\{\w+\+\}/g, '.+')
      .replace(/\{\w+\}/g, '[^/]+')
      .replace('.json', '\\.json')}$`,
  );
}
