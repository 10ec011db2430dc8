import { purgeInstanceRoute, purgeInstancesRoute } from '../../lib/hub/http/purge-routes.js';
import { apiFunction } from './api-function.js';

export const handler = apiFunction({ purgeInstance: purgeInstanceRoute, purgeInstances: purgeInstancesRoute });
