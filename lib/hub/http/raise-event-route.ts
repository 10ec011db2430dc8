import { IDEMPOTENCY_HEADER } from '../../contract/hub-http.js';
import type { Hub } from '../hub.js';
import { hubError } from '../hub-error.js';
import { raiseEvent } from '../operations/events.js';
import { type ApiRoute, answerEmpty } from './api-answer.js';
import type { ApiRequest } from './api-request.js';

const MAX_KEY_LENGTH = 128;

/** `POST /instances/{instanceId}/raiseEvent/{eventName}` */
export const raiseEventRoute: ApiRoute<Hub> = async (hub, request) => {
  const eventId = readEventId(request);
  await raiseEvent(hub, {
    instanceId: request.parameter('instanceId'),
    eventName: request.parameter('eventName'),
    payload: request.text(),
    ...(eventId === undefined ? {} : { eventId }),
  });
  return answerEmpty(202);
};

function readEventId(request: ApiRequest): string | undefined {
  const key = request.header(IDEMPOTENCY_HEADER);
  if (key === undefined || (key !== '' && key.length <= MAX_KEY_LENGTH)) return key;
  throw hubError('InvalidRequest', {
    where: IDEMPOTENCY_HEADER,
    expected: `1 to ${MAX_KEY_LENGTH} characters`,
    got: `${key.length}`,
  });
}
