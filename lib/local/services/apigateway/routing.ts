import type { HttpApi, Route, Stage } from './api-model.js';

/** A route that fits a request. */
export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route for a request, by API Gateway's precedence for HTTP APIs: the most specific path first (a literal segment before a variable, a
 * variable before a greedy one), then the exact method before `ANY`, and `$default` last.
 *
 * @param path the decoded path, without the stage
 */
export function tryMatchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  let best: (RouteMatch & { readonly rank: string }) | undefined;
  for (const route of routes) {
    const match = tryMatch(route, method, path);
    if (match !== undefined && (best === undefined || match.rank < best.rank)) best = match;
  }
  return best;
}

/** The stage of a request and what is left of the path: a named stage takes the first segment, `$default` takes the rest. */
export function tryMatchStage(
  api: HttpApi,
  path: string,
): { readonly stage: Stage; readonly path: string } | undefined {
  const [, first = ''] = path.split('/');
  const named = api.stages.find(({ name }) => name === first && name !== '$default');
  if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
  const fallback = api.stages.find(({ name }) => name === '$default');
  return fallback === undefined ? undefined : { stage: fallback, path };
}

function tryMatch(route: Route, method: string, path: string): (RouteMatch & { readonly rank: string }) | undefined {
  if (route.key === '$default') return { route, parameters: {}, rank: '~' };
  const [routeMethod = '', template = ''] = route.key.split(' ');
  if (routeMethod !== 'ANY' && routeMethod !== method) return undefined;
  const parameters = tryMatchPath(template, path);
  if (parameters === undefined) return undefined;
  return { route, parameters, rank: `${rankOf(template)} ${routeMethod === 'ANY' ? 1 : 0}` };
}

function tryMatchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/').slice(1);
  const given = path.split('/').slice(1);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(segment)?.[1];
    if (greedy !== undefined) {
      const rest = given.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [greedy]: rest };
    }
    const value = given[index];
    if (value === undefined) return undefined;
    const variable = /^\{(.+)\}$/.exec(segment)?.[1];
    if (variable === undefined ? value !== segment : value === '') return undefined;
    if (variable !== undefined) parameters[variable] = value;
  }
  return isLength(given, wanted.length) ? parameters : undefined;
}

/** As many segments; one trailing slash is tolerated, as API Gateway does. */
function isLength(given: readonly string[], length: number): boolean {
  return (
    given.length === length || (given.length === length + 1 && length > 0 && given.at(-1) === '' && given[0] !== '')
  );
}

/** Orders templates: segment by segment, a literal before a variable before a greedy variable. */
function rankOf(template: string): string {
  const ranks = template
    .split('/')
    .slice(1)
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'));
  return ranks.join('');
}
