import { MAX_WAIT_SECONDS } from '../../contract/hub-limits.js';
import { isFinished } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { waitForCompletion } from '../operations/completion.js';
import { showInstance } from '../operations/instance-status.js';
import { checkInstanceId, startInstance } from '../operations/start.js';
import { type ApiRoute, answerJson } from './api-answer.js';
import { readFlag, tryReadNumber } from './api-request.js';
import { managementUrls } from './links.js';

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
    const status = await showInstance(hub, await waitForCompletion(hub, instanceId, seconds));
    if (isFinished(status.runtimeStatus)) {
      return answerJson(status.runtimeStatus === 'Failed' && failAs500 ? 500 : 200, status);
    }
  }
  const urls = managementUrls(request.baseUrl, instanceId);
  return answerJson(202, urls, { location: urls.statusQueryGetUri, 'retry-after': RETRY_AFTER });
};
