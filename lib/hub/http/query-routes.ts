import { CONTINUATION_HEADER, type InstanceStatus } from '../../contract/hub-http.js';
import { MAX_PAGE_SIZE, MAX_WAIT_SECONDS } from '../../contract/hub-limits.js';
import { isFinished } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { waitForCompletion } from '../operations/completion.js';
import { readHistory } from '../operations/history.js';
import { readInstance, showInstance } from '../operations/instance-status.js';
import { listRecords } from '../operations/list.js';
import { type ApiRoute, answerJson } from './api-answer.js';
import { readFlag, tryReadNumber } from './api-request.js';
import { readContinuation, readFilter } from './filter.js';

const RETRY_AFTER = '5';

/** `GET /instances/{instanceId}` */
export const getInstanceRoute: ApiRoute<Hub> = async (hub, request) => {
  const failAs500 = readFlag(request, 'returnInternalServerErrorOnFailure', false);
  const showInput = readFlag(request, 'showInput', true);
  const showHistory = readFlag(request, 'showHistory', false);
  const showHistoryOutput = readFlag(request, 'showHistoryOutput', false);
  const seconds = tryReadNumber(request, 'waitForCompletion', 1, MAX_WAIT_SECONDS);
  const instanceId = request.parameter('instanceId');
  const whole = await (seconds === undefined
    ? readInstance(hub, instanceId)
    : waitForCompletion(hub, instanceId, seconds));
  const shown = await showInstance(hub, whole);
  const body: InstanceStatus = {
    ...shown,
    input: showInput ? shown.input : null,
    ...(showHistory ? { historyEvents: await readHistory(hub, whole.record, showHistoryOutput) } : {}),
  };
  if (!isFinished(body.runtimeStatus)) return answerJson(202, body, { 'retry-after': RETRY_AFTER });
  return answerJson(body.runtimeStatus === 'Failed' && failAs500 ? 500 : 200, body);
};

/** `GET /instances` */
export const listInstancesRoute: ApiRoute<Hub> = async (hub, request) => {
  const top = tryReadNumber(request, 'top', 1, MAX_PAGE_SIZE);
  const continuationToken = readContinuation(request);
  const showInput = readFlag(request, 'showInput', true);
  const page = await listRecords(hub, readFilter(request), {
    ...(top === undefined ? {} : { top }),
    ...(continuationToken === undefined ? {} : { continuationToken }),
  });
  const body = await Promise.all(
    page.records.map((record) =>
      showInstance(hub, {
        record,
        ...(record.input === undefined || !showInput ? {} : { input: record.input }),
        ...(record.output === undefined ? {} : { output: record.output }),
      }),
    ),
  );
  return answerJson(
    200,
    body,
    page.continuationToken === undefined ? {} : { [CONTINUATION_HEADER]: page.continuationToken },
  );
};
