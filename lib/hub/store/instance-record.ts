import { createHash } from 'node:crypto';
import { INLINE_BYTES } from '../../contract/hub-limits.js';
import {
  CUSTOM_STATUS_ATTRIBUTE,
  EXPIRES_AT_ATTRIBUTE,
  INPUT_PART,
  INSTANCE_RECORD,
  instanceOfPartition,
  instancePartition,
  LAST_UPDATED_ATTRIBUTE,
  LISTING_SHARDS,
  OUTPUT_PART,
} from '../../contract/hub-records.js';
import { executionArn, executionName, instanceKey } from '../../contract/instance-id.js';
import { decodeOrder, isFinished, type RuntimeStatus } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { isWithinReach } from './reach.js';
import {
  type Changes,
  getItem,
  type Item,
  type ItemKey,
  putItem,
  queryPartition,
  type Scalar,
  type TableExpression,
} from './table.js';

/** An instance's record, typed. Timestamps are ISO 8601. */
export interface InstanceRecord {
  readonly key: string;
  readonly instanceId: string;
  /** Name of the orchestration. */
  readonly name: string;
  readonly stateMachineArn: string;
  /** Who started it, as far as an API's authorizer knew. */
  readonly owner?: string;
  readonly runtimeStatus: RuntimeStatus;
  /** `encodeOrder` of where the instance stands. */
  readonly statusOrder: number;
  readonly generation: number;
  /** Generation of the last start or restart. */
  readonly epoch: number;
  readonly inputDigest?: string;
  /** JSON text, when small. */
  readonly input?: string;
  /** Generation whose input is in {@link INPUT_PART}. */
  readonly inputPart?: number;
  readonly output?: string;
  /** `statusOrder` whose output is in {@link OUTPUT_PART}. */
  readonly outputPart?: number;
  readonly error?: string;
  readonly cause?: string;
  /** JSON text. */
  readonly customStatus?: string;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  /** Set by terminate: whatever generation runs is to be stopped. */
  readonly terminateReason?: string;
  /** When Step Functions was last asked, epoch milliseconds. */
  readonly checkedAt?: number;
  /** What is left of a purged instance, so that late events don't bring it back and its execution names aren't used again. */
  readonly purged: boolean;
}

const LISTED_UNTIL_DAYS = 366;
const DAY = 86_400;

/** The key of an instance's record. */
export function recordKey(key: string): ItemKey {
  return { pk: instancePartition(key), sk: INSTANCE_RECORD };
}

/** Reads an instance's record for the hub's user: one DynamoDB read. Undefined for no instance, for one out of reach and for a bare custom status. */
export async function tryReadRecord(hub: Hub, instanceId: string): Promise<InstanceRecord | undefined> {
  const record = await tryReadRecordByKey(hub, instanceKey(instanceId));
  return record !== undefined && isWithinReach(hub, record) ? record : undefined;
}

/** Like {@link tryReadRecord}, by key, for the hub itself: every instance is within its reach. */
export async function tryReadRecordByKey(hub: Hub, key: string): Promise<InstanceRecord | undefined> {
  return tryParseRecord(await getItem(hub, recordKey(key)));
}

/** A record with its input and output as JSON text, wherever they are kept. */
export interface WholeInstance {
  readonly record: InstanceRecord;
  readonly input?: string;
  readonly output?: string;
}

/** Reads an instance's record and its large input and output in one DynamoDB read, for the hub's user: undefined for one out of reach. */
export async function tryReadWhole(hub: Hub, key: string): Promise<WholeInstance | undefined> {
  const items = await queryPartition(hub, instancePartition(key), INSTANCE_RECORD);
  const record = tryParseRecord(items.find(({ sk }) => sk === INSTANCE_RECORD));
  if (record === undefined || !isWithinReach(hub, record)) return undefined;
  const input = record.input ?? partText(items, INPUT_PART, record.inputPart);
  const output = record.output ?? partText(items, OUTPUT_PART, record.outputPart);
  return { record, ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) };
}

function partText(items: readonly Item[], sk: string, version: number | undefined): string | undefined {
  const part = items.find((item) => item['sk'] === sk && item['version'] === version);
  return part === undefined ? undefined : String(part['text']);
}

/** Reads an item as a record. */
export function tryParseRecord(item: Item | undefined): InstanceRecord | undefined {
  if (item?.['statusOrder'] === undefined) return undefined;
  const { pk, ...rest } = item;
  const key = instanceOfPartition(String(pk));
  return { ...(rest as unknown as InstanceRecord), key, purged: item['purged'] === true };
}

/** Whether the instance has ended. */
export function isOver(record: InstanceRecord): boolean {
  return isFinished(record.runtimeStatus);
}

/** The execution that is, or was last, the instance. */
export function currentExecutionArn(record: InstanceRecord, generation = record.generation): string {
  return executionArn(record.stateMachineArn, executionName({ key: record.key, generation }));
}

/** A condition: the record is where it was when read. */
export function unchanged(record: InstanceRecord): TableExpression {
  return { text: '#statusOrder = :seen', values: { ':seen': record.statusOrder } };
}

/** How often the execution that the record knows was redriven. */
export function redrivesOf(record: InstanceRecord): number {
  return decodeOrder(record.statusOrder).redrive;
}

/** Attributes by which an instance is listed, newest first; the position tells nothing of the id. */
export function listingAttributes(key: string, createdTime: string): { listShard: string; listPosition: string } {
  const digest = createHash('sha256').update(key).digest('hex');
  const shard = LISTING_SHARDS[Number.parseInt(digest.slice(0, 4), 16) % LISTING_SHARDS.length] ?? LISTING_SHARDS[0];
  return { listShard: shard, listPosition: `${createdTime}#${digest.slice(4, 20)}` };
}

/** When the record of a finished instance may go, epoch seconds. */
export function expiryOfFinished(hub: Hub, finished: number): number {
  return Math.ceil(finished / 1000) + Math.ceil(hub.settings.retentionDays * DAY);
}

/** When a record may go that nothing ever finished: an execution lives a year at most. */
export function expiryOfLive(hub: Hub): number {
  return expiryOfFinished(hub, hub.now()) + LISTED_UNTIL_DAYS * DAY;
}

/** Where a text goes: into the record when small, else into an item of its own that is written first. */
export interface PlacedText {
  readonly changes: Changes;
  /** Writes the item; a later version is never overwritten by an earlier one. */
  readonly write: () => Promise<void>;
}

/** Places an input (`version`: its generation) or an output (`version`: its status order). */
export function placeText(
  hub: Hub,
  key: string,
  kind: 'input' | 'output',
  text: string,
  version: number,
  expiresAt: number,
): PlacedText {
  if (Buffer.byteLength(text) <= INLINE_BYTES) {
    return { changes: { set: { [kind]: text }, remove: [`${kind}Part`] }, write: async () => {} };
  }
  const item: Item & ItemKey = {
    pk: instancePartition(key),
    sk: kind === 'input' ? INPUT_PART : OUTPUT_PART,
    text,
    version,
    [EXPIRES_AT_ATTRIBUTE]: expiresAt,
  };
  const condition = { text: 'attribute_not_exists(#pk) OR #version <= :version', values: { ':version': version } };
  return {
    changes: { set: { [`${kind}Part`]: version }, remove: [kind] },
    write: async () => {
      await putItem(hub, item, condition);
    },
  };
}

/** Merges changes; the later ones win. */
export function mergeChanges(...all: readonly Changes[]): Changes {
  const set: Record<string, Scalar> = {};
  const remove = new Set<string>();
  for (const changes of all) {
    for (const name of changes.remove ?? []) {
      remove.add(name);
      delete set[name];
    }
    for (const [name, value] of Object.entries(changes.set ?? {})) {
      if (value === undefined) continue;
      set[name] = value;
      remove.delete(name);
    }
  }
  return { set, remove: [...remove] };
}

/** Attributes that belong to one run and go when the next begins. */
export const RUN_ATTRIBUTES: readonly string[] = [
  'output',
  'outputPart',
  'error',
  'cause',
  'terminateReason',
  'checkedAt',
  'purged',
  CUSTOM_STATUS_ATTRIBUTE,
];

/** A time as the records write it. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** `lastUpdatedTime`, never earlier than it was. */
export function updatedTime(record: InstanceRecord | undefined, at: number): { [LAST_UPDATED_ATTRIBUTE]: string } {
  const time = isoTime(at);
  return {
    [LAST_UPDATED_ATTRIBUTE]: record !== undefined && record.lastUpdatedTime > time ? record.lastUpdatedTime : time,
  };
}
