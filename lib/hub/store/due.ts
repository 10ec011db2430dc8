import { createHash } from 'node:crypto';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  DUE_AT_ATTRIBUTE,
  DUE_ATTEMPTS_ATTRIBUTE,
  DUE_INDEX,
  DUE_SHARD_ATTRIBUTE,
  DUE_SHARDS,
  type DueKind,
} from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import { type ItemKey, marshal, unmarshal, updateItem } from './table.js';

/**
 * Side effects that follow a stored fact, as attributes of the fact: an item that owes one says since when, in the write that stores the fact, and no longer in the write that notes the side
 * effect. Whoever stores it makes the side effect at once; the sweeper finds in {@link DUE_INDEX} what they left behind.
 */
export interface DueAttributes {
  readonly dueShard: string;
  readonly dueAt: number;
}

/** The attributes of an item that is due. */
export function due({ pk, sk }: ItemKey, kind: DueKind, at: number): DueAttributes {
  const shard = createHash('sha256').update(`${pk}/${sk}`).digest()[0] ?? 0;
  return { dueShard: `${kind}#${shard % DUE_SHARDS}`, dueAt: at };
}

/** What is removed from an item that owes nothing. */
export const NOTHING_DUE: readonly string[] = [DUE_SHARD_ATTRIBUTE, DUE_AT_ATTRIBUTE, DUE_ATTEMPTS_ATTRIBUTE];

/** An item that is due, as the index tells it. */
export interface DueEntry {
  readonly key: ItemKey;
  readonly dueAt: number;
  /** How often it failed. */
  readonly attempts: number;
}

/** Where the next page of a shard begins. */
type Position = Parameters<typeof unmarshal>[0];

/** A page of a shard's entries, those due first before the others. */
export interface DuePage {
  readonly entries: readonly DueEntry[];
  readonly next: Position | undefined;
}

/** The names of a kind's shards. */
export function shardsOf(kind: DueKind): readonly string[] {
  return Array.from({ length: DUE_SHARDS }, (_, shard) => `${kind}#${shard}`);
}

/** Reads what of a shard is due by now, eventually consistent. */
export async function readDue(hub: Hub, shard: string, most: number, from?: Position): Promise<DuePage> {
  const { Items = [], LastEvaluatedKey } = await hub.dynamodb.send(
    new QueryCommand({
      TableName: hub.settings.tableName,
      IndexName: DUE_INDEX,
      KeyConditionExpression: '#shard = :shard AND #at <= :now',
      ExpressionAttributeNames: { '#shard': DUE_SHARD_ATTRIBUTE, '#at': DUE_AT_ATTRIBUTE },
      ExpressionAttributeValues: marshal({ ':shard': shard, ':now': hub.now() }),
      Limit: most,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    }),
  );
  const entries = Items.map(unmarshal).map(({ pk, sk, dueAt, dueAttempts = 0 }) => ({
    key: { pk: String(pk), sk: String(sk) },
    dueAt: Number(dueAt),
    attempts: Number(dueAttempts),
  }));
  return { entries, next: LastEvaluatedKey };
}

/** Puts off an entry that could not be seen to. One that is not due any more stays as it is. */
export async function putOff(hub: Hub, key: ItemKey, attempts: number, milliseconds: number): Promise<void> {
  const now = hub.now();
  await updateItem(
    hub,
    key,
    { set: { dueAt: now + milliseconds, dueAttempts: attempts } },
    { text: '#dueAt <= :now', values: { ':now': now } },
  );
}

/** Gives an entry up: it stays in the index, where nothing looks for it by itself. */
export async function bury(hub: Hub, key: ItemKey): Promise<void> {
  const { dueShard } = due(key, 'dead', 0);
  await updateItem(hub, key, { set: { dueShard } }, { text: '#dueAt <= :now', values: { ':now': hub.now() } });
}

/** Takes an entry out of the index, unless it has become due anew. */
export async function dropDue(hub: Hub, key: ItemKey): Promise<void> {
  await updateItem(hub, key, { remove: NOTHING_DUE }, { text: '#dueAt <= :now', values: { ':now': hub.now() } });
}

const FIRST_CHECK = 600_000;
const LONGEST_CHECK = 86_400_000;

/** What a record is due for that says that its instance runs: a look at whether its end was missed, when it is twice as old, after ten minutes at the earliest and a day at the latest. */
export function dueForCheck(hub: Hub, key: ItemKey, createdTime: string): DueAttributes {
  const age = hub.now() - Date.parse(createdTime);
  const least = Math.max(FIRST_CHECK, hub.settings.healAfterSeconds * 1000);
  return due(key, 'check', hub.now() + Math.max(least, Math.min(age, LONGEST_CHECK)));
}
