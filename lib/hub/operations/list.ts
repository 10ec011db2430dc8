import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { MAX_PAGE_SIZE } from '../../contract/hub-limits.js';
import { instancePartition, LISTING_INDEX, LISTING_SHARDS } from '../../contract/hub-records.js';
import type { RuntimeStatus } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { hubError, quote } from '../hub-error.js';
import { type InstanceRecord, tryParseRecord } from '../store/instance-record.js';
import { isWithinReach } from '../store/reach.js';
import { getItems, type Item, marshal, unmarshal } from '../store/table.js';

/** Which instances. Every condition given has to hold. */
export interface InstanceFilter {
  readonly runtimeStatus?: readonly RuntimeStatus[];
  /** Name of the orchestration. */
  readonly name?: string;
  /** ISO 8601, inclusive. */
  readonly createdTimeFrom?: string;
  /** ISO 8601, inclusive. */
  readonly createdTimeTo?: string;
  readonly instanceIdPrefix?: string;
}

/** Which page. */
export interface ListRequest {
  /** At most so many. @default 100, which is also the most */
  readonly top?: number;
  /** From the page before. @default - the first page */
  readonly continuationToken?: string;
}

/** A page of records, newest first. */
export interface RecordPage {
  readonly records: readonly InstanceRecord[];
  /** Undefined on the last page. A page may be short, or empty, and yet have one. */
  readonly continuationToken?: string;
}

const SCAN_SIZE = 200;
const SCANS_AT_ONCE = 24;
/** After every position's digest in the order of strings. */
const LAST = '~';

/** Lists instances, newest first. Reads the index, eventually consistent, then the records found. */
export async function listRecords(hub: Hub, filter: InstanceFilter, page: ListRequest): Promise<RecordPage> {
  const top = Math.min(page.top ?? MAX_PAGE_SIZE, MAX_PAGE_SIZE);
  const before = page.continuationToken === undefined ? undefined : readToken(page.continuationToken);
  const { found, end } = await scan(hub, filter, before, top);
  const shown = found.slice(0, top);
  const items = await getItems(
    hub,
    shown.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
  );
  const records = shown.flatMap(({ pk }): InstanceRecord[] => {
    const record = tryParseRecord(items.find((item) => item['pk'] === pk));
    return record === undefined || record.purged || !stillMatches(hub, record, filter) ? [] : [record];
  });
  const position = found.length > top ? nextPosition(shown, records) : end;
  return { records, ...(position === undefined ? {} : { continuationToken: writeToken(position) }) };
}

/** Where the next page begins. A token tells no position of what the hub's user may not know of, as long as the page shows anything. */
function nextPosition(read: readonly Item[], shown: readonly InstanceRecord[]): string {
  const last = read.findLast(({ pk }) => shown.some(({ key }) => pk === instancePartition(key))) ?? read.at(-1);
  return String(last?.['listPosition']);
}

function stillMatches(hub: Hub, record: InstanceRecord, filter: InstanceFilter): boolean {
  if (!isWithinReach(hub, record)) return false;
  return filter.runtimeStatus === undefined || filter.runtimeStatus.includes(record.runtimeStatus);
}

interface Shard {
  readonly name: string;
  readonly found: Item[];
  /** Everything at or after this position has been read; undefined when the shard is exhausted. */
  frontier: string | undefined;
}

/** Merges the shards, which are sorted each: what lies before the furthest frontier is complete. */
async function scan(hub: Hub, filter: InstanceFilter, before: string | undefined, top: number) {
  const upper = before ?? (filter.createdTimeTo === undefined ? LAST : `${filter.createdTimeTo}#${LAST}`);
  const shards: readonly Shard[] = LISTING_SHARDS.map((name) => ({ name, found: [], frontier: upper }));
  for (let scans = 0; ; ) {
    const open = shards.filter(({ frontier }) => frontier !== undefined);
    const horizon =
      open
        .map(({ frontier }) => frontier ?? '')
        .sort()
        .at(-1) ?? '';
    const complete = shards
      .flatMap(({ found }) => found)
      .filter(({ listPosition }) => String(listPosition) >= horizon)
      .sort((a, b) => (String(a['listPosition']) > String(b['listPosition']) ? -1 : 1));
    if (complete.length > top || open.length === 0) return { found: complete, end: undefined };
    if (scans >= SCANS_AT_ONCE) return { found: complete, end: horizon };
    const next = open.filter(({ frontier }) => frontier === horizon);
    await Promise.all(next.map((shard) => readOn(hub, shard, filter)));
    scans += next.length;
  }
}

async function readOn(hub: Hub, shard: Shard, filter: InstanceFilter): Promise<void> {
  const conditions = renderFilter(filter);
  const lower = filter.createdTimeFrom ?? '0';
  const upper = shard.frontier ?? '';
  if (lower > upper) {
    shard.frontier = undefined;
    return;
  }
  const { Items, LastEvaluatedKey } = await hub.dynamodb.send(
    new QueryCommand({
      TableName: hub.settings.tableName,
      IndexName: LISTING_INDEX,
      KeyConditionExpression: '#listShard = :shard AND #listPosition BETWEEN :lower AND :upper',
      ExpressionAttributeNames: { '#listShard': 'listShard', '#listPosition': 'listPosition', ...conditions.names },
      ExpressionAttributeValues: {
        ...marshal({ ':shard': shard.name, ':lower': lower, ':upper': upper }),
        ...conditions.values,
      },
      ...(conditions.text === '' ? {} : { FilterExpression: conditions.text }),
      ScanIndexForward: false,
      Limit: SCAN_SIZE,
    }),
  );
  // The upper bound was read before: BETWEEN includes it.
  shard.found.push(...(Items ?? []).map(unmarshal).filter(({ listPosition }) => String(listPosition) < upper));
  const last = LastEvaluatedKey?.['listPosition']?.S;
  shard.frontier = last === upper ? undefined : last;
}

function renderFilter(filter: InstanceFilter) {
  const texts: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const { runtimeStatus, name, instanceIdPrefix } = filter;
  if (runtimeStatus !== undefined) {
    names['#runtimeStatus'] = 'runtimeStatus';
    for (const [index, status] of runtimeStatus.entries()) values[`:status${index}`] = { S: status };
    texts.push(`#runtimeStatus IN (${runtimeStatus.map((_, index) => `:status${index}`).join(', ')})`);
  }
  if (name !== undefined) {
    names['#name'] = 'name';
    values[':name'] = { S: name };
    texts.push('#name = :name');
  }
  if (instanceIdPrefix !== undefined && instanceIdPrefix !== '') {
    names['#instanceId'] = 'instanceId';
    values[':prefix'] = { S: instanceIdPrefix };
    texts.push('begins_with(#instanceId, :prefix)');
  }
  return { text: texts.join(' AND '), names, values };
}

function writeToken(position: string): string {
  return Buffer.from(position).toString('base64url');
}

function readToken(token: string): string {
  const position = Buffer.from(token, 'base64url').toString();
  if (/^[\dTZ:.-]{24}#[0-9a-f]{16}$/.test(position)) return position;
  throw hubError('InvalidRequest', {
    where: 'continuationToken',
    expected: 'the token of the page before',
    got: quote(token),
  });
}
