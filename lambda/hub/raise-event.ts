import { raiseEventRoute } from '../../lib/hub/http/raise-event-route';
import { apiFunction } from './api-function';

export const handler = apiFunction({ raiseEvent: raiseEventRoute });
