import { HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import type { HubOperation } from '../../lib/contract/hub-http.js';
import { writeAudit } from '../../lib/hub/audit.js';
import { connectHub } from '../../lib/hub/connect.js';
import { type ApiRoute, serveRoutes } from '../../lib/hub/http/api-answer.js';
import type { Hub } from '../../lib/hub/hub.js';

/** A Lambda handler of some of the API's routes. */
export function apiFunction(routes: Partial<Record<HubOperation, ApiRoute<Hub>>>) {
  return serveRoutes(routes, () => {
    const hub = connectHub();
    return {
      audit: writeAudit,
      contextOf: ({ subject }) => (subject === undefined ? hub : { ...hub, caller: subject }),
      apiUrl: process.env[HUB_ENVIRONMENT.apiUrl],
    };
  });
}
