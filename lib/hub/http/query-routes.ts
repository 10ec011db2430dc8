import { CONTINUATION_HEADER, type InstanceStatus } from '../../contract/hub-http';
import { MAX_PAGE_SIZE, MAX_WAIT_SECONDS } from '../../contract/hub-limits';
import { isFinished, RUNTIME_STATUSES, type RuntimeStatus } from '../../contract/runtime-status';
import { waitForCompletion } from '../completion';
import { readHistory } from '../history';
import type { Hub } from '../hub';
import { hubError, quote } from '../hub-error';
import { readInstance, showInstance } from '../instance-status';
import { type InstanceFilter, listRecords } from '../list';
import { type ApiRoute, answerJson } from './api-answer';
import { type ApiRequest, readFlag, tryReadNumber } from './api-request';

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
  const shown = showInstance(whole);
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
  const body = page.records.map((record) => {
    const shown = showInstance({
      record,
      ...(record.input === undefined || !showInput ? {} : { input: record.input }),
      ...(record.output === undefined ? {} : { output: record.output }),
    });
    return shown;
  });
  return answerJson(
    200,
    body,
    page.continuationToken === undefined ? {} : { [CONTINUATION_HEADER]: page.continuationToken },
  );
};

/** The continuation token of a request: header, or query parameter. */
export function readContinuation(request: ApiRequest): string | undefined {
  const token = request.query.get('continuationToken') ?? request.header(CONTINUATION_HEADER);
  return token === undefined || token === '' ? undefined : token;
}

/** The filter in a request's query. */
export function readFilter(request: ApiRequest): InstanceFilter {
  const statuses = request.query
    .getAll('runtimeStatus')
    .flatMap((text) => text.split(','))
    .filter((text) => text !== '');
  const name = request.query.get('name');
  const prefix = request.query.get('instanceIdPrefix');
  return {
    ...(statuses.length === 0 ? {} : { runtimeStatus: statuses.map(readStatus) }),
    ...(name === null || name === '' ? {} : { name }),
    ...(prefix === null || prefix === '' ? {} : { instanceIdPrefix: prefix }),
    ...readTime(request, 'createdTimeFrom'),
    ...readTime(request, 'createdTimeTo'),
  };
}

function readStatus(text: string): RuntimeStatus {
  const status = RUNTIME_STATUSES.find((known) => known.toLowerCase() === text.trim().toLowerCase());
  if (status !== undefined) return status;
  throw hubError('InvalidRequest', {
    where: 'runtimeStatus',
    expected: `some of ${RUNTIME_STATUSES.join(', ')}`,
    got: quote(text),
  });
}

function readTime<Name extends string>(request: ApiRequest, name: Name): { readonly [key in Name]?: string } {
  const text = request.query.get(name);
  if (text === null || text === '') return {};
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.replace(' ', '+')) : Number.NaN;
  if (!(time >= 0)) {
    throw hubError('InvalidRequest', {
      where: name,
      expected: 'an ISO 8601 time, for example `2026-01-31T08:00:00Z`',
      got: quote(text),
    });
  }
  return { [name]: new Date(time).toISOString() } as { readonly [key in Name]?: string };
}
