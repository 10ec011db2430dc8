import { EXPIRES_AT_ATTRIBUTE, instancePartition, queuePrefix, queueSortKey } from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import type { RaisedEvent } from './inbox.js';
import { expiryOfLive } from './instance-record.js';
import { deleteItems, type ItemKey, putItem, queryPartition } from './table.js';

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

/** Queues an event. */
export async function addToQueue(hub: Hub, address: QueueAddress, { number, event }: QueuedEvent): Promise<void> {
  const { payload, ...rest } = event;
  const item = { ...rest, number, ...(payload === undefined ? {} : { payload }) };
  await putItem(
    hub,
    { ...keyOf(address, number), ...item, [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub) },
    { text: 'attribute_not_exists(#pk)' },
  );
}

/** The first events of a queue. */
export async function readQueue(hub: Hub, address: QueueAddress, most: number): Promise<readonly QueuedEvent[]> {
  const { key, epoch, eventName } = address;
  const items = await queryPartition(hub, instancePartition(key), queuePrefix(epoch, eventName), most);
  return items.map((item) => ({
    number: Number(item['number']),
    event: {
      id: String(item['id']),
      raisedAt: Number(item['raisedAt']),
      ...(item['payload'] === undefined ? {} : { payload: String(item['payload']) }),
    },
  }));
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
