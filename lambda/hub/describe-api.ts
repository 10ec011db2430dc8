import { HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import { serveRoutes } from '../../lib/hub/http/api-answer.js';
import { describeApiRoute, otherRoute, readApiDescription } from '../../lib/hub/http/describe-route.js';

export const handler = serveRoutes({ describeApi: describeApiRoute, other: otherRoute }, () => ({
  context: readApiDescription(process.env[HUB_ENVIRONMENT.apiDescription]),
  apiUrl: process.env[HUB_ENVIRONMENT.apiUrl],
}));
