import { getInstanceRoute, listInstancesRoute } from '../../lib/hub/http/query-routes';
import { apiFunction } from './api-function';

export const handler = apiFunction({ getInstance: getInstanceRoute, listInstances: listInstancesRoute });
