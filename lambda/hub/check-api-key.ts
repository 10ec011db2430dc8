import { type ApiKey, HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import { mayUseRoute, tryFindApiKey } from '../../lib/hub/http/api-key.js';

/** The part of a Lambda authorizer's request (payload format 2.0) that is read. */
interface AuthorizerRequest {
  readonly routeKey: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A Lambda authorizer's simple answer. */
interface AuthorizerAnswer {
  readonly isAuthorized: boolean;
  readonly context?: { readonly name: string };
}

export async function handler({ headers, routeKey }: AuthorizerRequest): Promise<AuthorizerAnswer> {
  const keys: readonly ApiKey[] = JSON.parse(process.env[HUB_ENVIRONMENT.apiKeys] ?? '[]');
  const key = tryFindApiKey(headers?.['x-api-key'], keys);
  if (key === undefined || !mayUseRoute(key, routeKey)) return { isAuthorized: false };
  return { isAuthorized: true, context: { name: key.name } };
}
