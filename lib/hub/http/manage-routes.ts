import type { Hub } from '../hub.js';
import { restartAsNewInstance, restartInstance } from '../operations/restart.js';
import { rewindInstance } from '../operations/rewind.js';
import { terminateInstance } from '../operations/terminate.js';
import { type ApiRoute, answerEmpty, answerJson } from './api-answer.js';
import { readFlag } from './api-request.js';
import { managementUrls } from './links.js';

/** `POST /instances/{instanceId}/terminate?reason=` */
export const terminateRoute: ApiRoute<Hub> = async (hub, request) => {
  await terminateInstance(hub, request.parameter('instanceId'), request.query.get('reason') ?? 'terminated by request');
  return answerEmpty(202);
};

/** `POST /instances/{instanceId}/rewind` */
export const rewindRoute: ApiRoute<Hub> = async (hub, request) => {
  await rewindInstance(hub, request.parameter('instanceId'));
  return answerEmpty(202);
};

/** `POST /instances/{instanceId}/restart` */
export const restartRoute: ApiRoute<Hub> = async (hub, request) => {
  const asNew = readFlag(request, 'restartWithNewInstanceId', false);
  const given = request.parameter('instanceId');
  const instanceId = asNew ? await restartAsNewInstance(hub, given) : await restartInstance(hub, given);
  const urls = managementUrls(request.baseUrl, instanceId);
  return answerJson(202, urls, { location: urls.statusQueryGetUri, 'retry-after': '10' });
};
