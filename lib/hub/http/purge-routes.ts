import { CONTINUATION_HEADER, type PurgeResult } from '../../contract/hub-http.js';
import type { Hub } from '../hub.js';
import { hubError } from '../hub-error.js';
import { purgeInstance, purgeInstances } from '../operations/purge.js';
import { type ApiRoute, answerJson } from './api-answer.js';
import { readContinuation, readFilter } from './filter.js';

/** `DELETE /instances/{instanceId}` */
export const purgeInstanceRoute: ApiRoute<Hub> = async (hub, request) => {
  await purgeInstance(hub, request.parameter('instanceId'));
  return answerJson(200, { instancesDeleted: 1 } satisfies PurgeResult);
};

/** `DELETE /instances?createdTimeFrom=…` */
export const purgeInstancesRoute: ApiRoute<Hub> = async (hub, request) => {
  const filter = readFilter(request);
  if (filter.createdTimeFrom === undefined) {
    throw hubError('InvalidRequest', {
      where: 'createdTimeFrom',
      expected: 'a time from which to purge',
      got: 'nothing',
    });
  }
  const { instancesDeleted, continuationToken } = await purgeInstances(hub, filter, readContinuation(request));
  const headers: Record<string, string> =
    continuationToken === undefined ? {} : { [CONTINUATION_HEADER]: continuationToken };
  if (instancesDeleted === 0 && continuationToken === undefined) {
    throw hubError('InstanceNotFound', {
      where: 'filter',
      expected: 'a filter that finds finished instances',
      got: 'one that finds none',
    });
  }
  return answerJson(200, { instancesDeleted } satisfies PurgeResult, headers);
};
