import { raiseEventRoute } from '../../lib/hub/http/raise-event-route.js';
import { apiFunction } from './api-function.js';

export const handler = apiFunction({ raiseEvent: raiseEventRoute });
