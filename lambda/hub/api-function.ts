import { HUB_ENVIRONMENT } from '../../lib/contract/hub-environment';
import type { HubOperation } from '../../lib/contract/hub-http';
import { connectHub } from '../../lib/hub/connect';
import { type ApiRoute, serveRoutes } from '../../lib/hub/http/api-answer';
import type { Hub } from '../../lib/hub/hub';

/** A Lambda handler of some of the API's routes. */
export function apiFunction(routes: Partial<Record<HubOperation, ApiRoute<Hub>>>) {
  return serveRoutes(routes, () => ({ context: connectHub(), apiUrl: process.env[HUB_ENVIRONMENT.apiUrl] }));
}
