import { getInstanceRoute, listInstancesRoute } from '../../lib/hub/http/query-routes.js';
import { apiFunction } from './api-function.js';

export const handler = apiFunction({ getInstance: getInstanceRoute, listInstances: listInstancesRoute });
