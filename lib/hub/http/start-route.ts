import { MAX_WAIT_SECONDS } from '../../contract/hub-limits';
import { isFinished } from '../../contract/runtime-status';
import { waitForCompletion } from '../completion';
import type { Hub } from '../hub';
import { showInstance } from '../instance-status';
import { checkInstanceId, startInstance } from '../start';
import { type ApiRoute, answerJson } from './api-answer';
import { readFlag, tryReadNumber } from './api-request';
import { managementUrls } from './links';

const RETRY_AFTER = '10';

/** `POST /orchestrations/{name}` and `POST /orchestrations/{name}/{instanceId}`. */
export const startRoute: ApiRoute<Hub> = async (hub, request) => {
  const seconds = tryReadNumber(request, 'waitForCompletion', 1, MAX_WAIT_SECONDS);
  const failAs500 = readFlag(request, 'returnInternalServerErrorOnFailure', false);
  const given = request.parameter('instanceId');
  const instanceId = await startInstance(hub, {
    name: request.parameter('name'),
    input: request.text(),
    ...(given === '' ? {} : { instanceId: checkInstanceId(given) }),
  });
  if (seconds !== undefined) {
    const status = showInstance(await waitForCompletion(hub, instanceId, seconds));
    if (isFinished(status.runtimeStatus)) {
      return answerJson(status.runtimeStatus === 'Failed' && failAs500 ? 500 : 200, status);
    }
  }
  const urls = managementUrls(request.baseUrl, instanceId);
  return answerJson(202, urls, { location: urls.statusQueryGetUri, 'retry-after': RETRY_AFTER });
};
