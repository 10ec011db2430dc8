import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../contract/hub-environment.js';
import { HUB_ROUTES } from '../../contract/hub-http.js';

/** The key that a text is. Takes as long for a wrong one as for a right one. */
export function tryFindApiKey(text: string | undefined, keys: readonly ApiKey[]): ApiKey | undefined {
  if (text === undefined || text === '') return undefined;
  const digest = createHash('sha256').update(text).digest();
  let found: ApiKey | undefined;
  for (const key of keys) {
    const other = Buffer.from(key.sha256, 'hex');
    if (other.length === digest.length && timingSafeEqual(other, digest)) found = key;
  }
  return found;
}

/** Whether a key may do what a route does. Routes that take no permission, the API's document among them, are open to every key. */
export function mayUseRoute({ permissions }: ApiKey, routeKey: string): boolean {
  const permission = HUB_ROUTES.find(({ method, path }) => `${method} ${path}` === routeKey)?.permission;
  return permission === undefined || permissions === undefined || permissions.includes(permission);
}
