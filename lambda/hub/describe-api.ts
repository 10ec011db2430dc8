import { API_DESCRIPTION_FILE, HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import { readBeside } from '../../lib/hub/code-file.js';
import { serveRoutes } from '../../lib/hub/http/api-answer.js';
import { describeApiRoute, otherRoute } from '../../lib/hub/http/describe-route.js';

export const handler = serveRoutes({ describeApi: describeApiRoute, other: otherRoute }, () => {
  const description = JSON.parse(readBeside(API_DESCRIPTION_FILE));
  return { contextOf: () => description, apiUrl: process.env[HUB_ENVIRONMENT.apiUrl] };
});
