import { restartRoute, rewindRoute, terminateRoute } from '../../lib/hub/http/manage-routes';
import { apiFunction } from './api-function';

export const handler = apiFunction({
  terminateInstance: terminateRoute,
  rewindInstance: rewindRoute,
  restartInstance: restartRoute,
});
