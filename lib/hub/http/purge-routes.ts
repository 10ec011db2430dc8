import { CONTINUATION_HEADER, type PurgeResult } from '../../contract/hub-http';
import type { Hub } from '../hub';
import { hubError } from '../hub-error';
import { purgeInstance, purgeInstances } from '../purge';
import { type ApiRoute, answerJson } from './api-answer';
import { readContinuation, readFilter } from './filter';

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
