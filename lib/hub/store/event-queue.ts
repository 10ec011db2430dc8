import { GRACE } from '../../contract/hub-limits.js';
import {
  EXPIRES_AT_ATTRIBUTE,
  instanceOfPartition,
  instancePartition,
  queuePrefix,
  queueSortKey,
} from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import { due, NOTHING_DUE } from './due.js';
import type { RaisedEvent } from './inbox.js';
import { expiryOfLive } from './instance-record.js';
import { deleteItems, getItem, type Item, type ItemKey, putItem, queryPartition, updateItem } from './table.js';

/** Whose queue, for events of which name. */
export interface QueueAddress {
  readonly key: string;
  readonly epoch: number;
  readonly eventName: string;
}

/** An event that no wait has met. */
export interface QueuedEvent {
  /** Its place in the order. */
  readonly number: number;
  readonly event: RaisedEvent;
}

/** Queues an event, and with it the debt that a wait that is open gets it. */
export async function addToQueue(hub: Hub, address: QueueAddress, { number, event }: QueuedEvent): Promise<void> {
  const { payload, ...rest } = event;
  const key = keyOf(address, number);
  const item = {
    ...rest,
    number,
    // The sort key has a digest of a long name.
    eventName: address.eventName,
    ...(payload === undefined ? {} : { payload }),
    ...due(key, 'owed', hub.now() + GRACE),
  };
  await putItem(
    hub,
    { ...key, ...item, [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub) },
    { text: 'attribute_not_exists(#pk)' },
  );
}

/** No wait was open: the event stays for the next, which looks for it. */
export async function leaveInQueue(hub: Hub, address: QueueAddress, number: number): Promise<void> {
  await updateItem(hub, keyOf(address, number), { remove: NOTHING_DUE }, { text: 'attribute_exists(#pk)' });
}

/** Whose queue an item is in, and its number there. */
export async function tryReadQueued(
  hub: Hub,
  key: ItemKey,
): Promise<{ readonly address: QueueAddress; readonly number: number } | undefined> {
  const item = await getItem(hub, key);
  if (item === undefined) return undefined;
  const address = {
    key: instanceOfPartition(key.pk),
    epoch: Number(key.sk.split('#')[1]),
    eventName: String(item['eventName']),
  };
  return { address, number: Number(item['number']) };
}

/** The first events of a queue. */
export async function readQueue(hub: Hub, address: QueueAddress, most: number): Promise<readonly QueuedEvent[]> {
  const { key, epoch, eventName } = address;
  const items = await queryPartition(hub, instancePartition(key), queuePrefix(epoch, eventName), most);
  return items.map(parseQueued);
}

function parseQueued(item: Item): QueuedEvent {
  return {
    number: Number(item['number']),
    event: {
      id: String(item['id']),
      raisedAt: Number(item['raisedAt']),
      ...(item['payload'] === undefined ? {} : { payload: String(item['payload']) }),
    },
  };
}

/** Removes events that the inbox has. Safe to repeat. */
export async function removeFromQueue(hub: Hub, address: QueueAddress, queued: readonly QueuedEvent[]): Promise<void> {
  await deleteItems(
    hub,
    queued.map(({ number }) => keyOf(address, number)),
  );
}

function keyOf({ key, epoch, eventName }: QueueAddress, number: number): ItemKey {
  return { pk: instancePartition(key), sk: queueSortKey(epoch, eventName, number) };
}
