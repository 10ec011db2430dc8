import type { Hub } from '../hub';
import { restartAsNewInstance, restartInstance } from '../restart';
import { rewindInstance } from '../rewind';
import { terminateInstance } from '../terminate';
import { type ApiRoute, answerEmpty, answerJson } from './api-answer';
import { readFlag } from './api-request';
import { managementUrls } from './links';

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
