import { CONTINUATION_HEADER } from '../../contract/hub-http.js';
import { RUNTIME_STATUSES, type RuntimeStatus } from '../../contract/runtime-status.js';
import { hubError, quote } from '../hub-error.js';
import type { InstanceFilter } from '../operations/list.js';
import type { ApiRequest } from './api-request.js';

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

/** The last time whose ISO form sorts like the others. */
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

function readTime<Name extends string>(request: ApiRequest, name: Name): { readonly [key in Name]?: string } {
  const text = request.query.get(name);
  if (text === null || text === '') return {};
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.replace(' ', '+')) : Number.NaN;
  if (Number.isNaN(time)) {
    throw hubError('InvalidRequest', {
      where: name,
      expected: 'an ISO 8601 time, for example `2026-01-31T08:00:00Z`',
      got: quote(text),
    });
  }
  return { [name]: new Date(Math.min(Math.max(time, 0), LATEST)).toISOString() } as { readonly [key in Name]?: string };
}
