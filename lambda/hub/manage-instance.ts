import { restartRoute, rewindRoute, terminateRoute } from '../../lib/hub/http/manage-routes.js';
import { apiFunction } from './api-function.js';

export const handler = apiFunction({
  terminateInstance: terminateRoute,
  rewindInstance: rewindRoute,
  restartInstance: restartRoute,
});
