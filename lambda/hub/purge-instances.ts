import { purgeInstanceRoute, purgeInstancesRoute } from '../../lib/hub/http/purge-routes';
import { apiFunction } from './api-function';

export const handler = apiFunction({ purgeInstance: purgeInstanceRoute, purgeInstances: purgeInstancesRoute });
