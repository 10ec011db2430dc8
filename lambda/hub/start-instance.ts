import { startRoute } from '../../lib/hub/http/start-route';
import { apiFunction } from './api-function';

export const handler = apiFunction({ startInstance: startRoute, startInstanceWithId: startRoute });
