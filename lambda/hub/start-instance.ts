import { startRoute } from '../../lib/hub/http/start-route.js';
import { apiFunction } from './api-function.js';

export const handler = apiFunction({ startInstance: startRoute, startInstanceWithId: startRoute });
