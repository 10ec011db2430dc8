import { tryOwn } from '../../../asl/language/json.js';
import type { GatewayCall } from './proxy-event.js';

/** The values of an authorizer's identity sources; undefined when one of them is missing, which is a 401 without asking the authorizer. */
export function tryReadIdentities(sources: readonly string[], call: GatewayCall): readonly string[] | undefined {
  const values = sources.map((source) => tryReadIdentity(source, call));
  return values.every((value): value is string => value !== undefined && value !== '') ? values : undefined;
}

function tryReadIdentity(source: string, { request, stage, requestId, route }: GatewayCall): string | undefined {
  const [, kind = '', name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'request.header':
      return tryOwn(request.headers, name.toLowerCase());
    case 'request.querystring':
      return request.query.get(name) ?? undefined;
    case 'stageVariables':
      return tryOwn(stage.variables, name);
    case 'context':
      return tryOwn({ stage: stage.name, requestId, routeKey: route.key, httpMethod: request.method }, name);
    default:
      return undefined;
  }
}
