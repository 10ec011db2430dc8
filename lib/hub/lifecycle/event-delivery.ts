import { randomInt } from 'node:crypto';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { MAX_QUEUED_EVENTS } from '../../contract/hub-limits.js';
import {
  EXPIRES_AT_ATTRIBUTE,
  eventSortKey,
  inboxSortKey,
  instanceOfPartition,
  instancePartition,
} from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import { busy, errorName, hubError } from '../hub-error.js';
import { type DueAttributes, due, NOTHING_DUE } from '../store/due.js';
import { addToQueue, leaveInQueue, readQueue, removeFromQueue } from '../store/event-queue.js';
import {
  type Delivery,
  type DeliveryOutcome,
  EMPTY_INBOX,
  type EventWait,
  type Inbox,
  type InboxChange,
  type RaisedEvent,
  register,
  release,
  settle,
  take,
  takeOver,
} from '../store/inbox.js';
import { expiryOfLive } from '../store/instance-record.js';
import { getItem, type Item, type ItemKey, tryCountUp, updateItem } from '../store/table.js';

/** Which inbox. */
export interface InboxAddress {
  readonly key: string;
  readonly epoch: number;
  readonly eventName: string;
}

/** How long a change is tried against other writers, and the longest pause between two attempts, in milliseconds. */
const PATIENCE = 15_000;
const LONGEST_PAUSE = 250;

/** Most events that are read at once for the waits that are open. */
const MOST_TAKEN = 25;

/** How far the horizon may stay behind when events are dropped that were taken before. */
const LAG = 100;

/** Queues an event, and brings it to a wait if one is open. */
export async function bringEvent(hub: Hub, address: InboxAddress, event: RaisedEvent): Promise<void> {
  const number = await takeNumber(hub, address);
  await addToQueue(hub, address, { number, event });
  const takenUpTo = await bringTogether(hub, address, unchanged);
  if (takenUpTo < number) await leaveInQueue(hub, address, number);
}

/**
 * Sees to what others left behind: brings together events and waits, makes deliveries that are late, and removes events from the queue that the inbox has had. Safe to repeat.
 */
export async function tendInbox(hub: Hub, address: InboxAddress): Promise<void> {
  await bringTogether(hub, address, unchanged);
  // Whoever took events, and crashed before they were out of the queue, left deliveries, for which the inbox is tended.
  const queued = await readQueue(hub, address, 2 * MOST_TAKEN);
  if (queued.length === 0) return;
  const { seen } = parseInbox(await getItem(hub, inboxKey(address)));
  await removeFromQueue(
    hub,
    address,
    queued.filter(({ event }) => seen.includes(event.id)),
  );
}

/** Whose inbox an item is. */
export function addressOfInbox({ pk, sk }: ItemKey): InboxAddress {
  const [, epoch, ...name] = sk.split('#');
  return { key: instanceOfPartition(pk), epoch: Number(epoch), eventName: name.join('#') };
}

function unchanged(inbox: Inbox): InboxChange {
  return { inbox, deliver: [] };
}

/** Opens a wait, and brings it the first event if one is queued. */
export async function openWait(hub: Hub, address: InboxAddress, wait: EventWait): Promise<void> {
  await bringTogether(hub, address, (inbox) => register(inbox, wait, hub.now()));
}

/** The number of a new event. One whose raiser crashes before the event is queued stays unused, which is no harm. */
async function takeNumber(hub: Hub, address: InboxAddress): Promise<number> {
  const number = await tryCountUp(hub, inboxKey(address), {
    counter: 'arrived',
    limit: 'horizon',
    initialLimit: MAX_QUEUED_EVENTS,
    set: { [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub) },
  });
  if (number !== undefined) return number;
  throw hubError('InboxFull', {
    where: `events.${address.eventName}`,
    expected: `at most ${MAX_QUEUED_EVENTS} events that the orchestration hasn’t taken`,
    got: 'one more',
    fix: 'wait until it has',
  });
}

/**
 * Makes a change, and the deliveries that follow from it, and late ones that somebody else left behind; then takes queued events as long as a wait is open.
 *
 * @returns the number of the last event that it took out of the queue; 0 for none
 */
async function bringTogether(hub: Hub, address: InboxAddress, change: (inbox: Inbox) => InboxChange): Promise<number> {
  let takenUpTo = 0;
  let stored = await storeChange(hub, address, (inbox) => {
    const takenOver = takeOver(inbox, hub.now());
    const changed = change(takenOver.inbox);
    return { inbox: changed.inbox, deliver: [...takenOver.deliver, ...changed.deliver] };
  });
  await makeDeliveries(hub, address, stored.deliver);
  while (stored.inbox.waits.length > 0) {
    const queued = await readQueue(hub, address, Math.min(stored.inbox.waits.length, MOST_TAKEN));
    if (queued.length === 0) break;
    let taken = 0;
    stored = await storeChange(hub, address, (inbox) => {
      const taking = take(
        inbox,
        queued.map(({ event }) => event),
        hub.now(),
      );
      taken = taking.taken;
      return { ...taking, upTo: queued[taken - 1]?.number };
    });
    await removeFromQueue(hub, address, queued.slice(0, taken));
    takenUpTo = queued[taken - 1]?.number ?? takenUpTo;
    await makeDeliveries(hub, address, stored.deliver);
  }
  return takenUpTo;
}

/**
 * Makes deliveries, and those that follow from them. When Step Functions can't be told, what is left is released, so that a retry makes it without waiting
 * for the lease to run out.
 */
async function makeDeliveries(hub: Hub, address: InboxAddress, first: readonly Delivery[]): Promise<void> {
  const pending = [...first];
  for (let delivery = pending.shift(); delivery !== undefined; delivery = pending.shift()) {
    const made = delivery;
    try {
      const outcome = await send(hub, address, made);
      const { deliver } = await storeChange(hub, address, (inbox) => settle(inbox, made, outcome, hub.now()));
      pending.push(...deliver);
    } catch (error) {
      await tryRelease(hub, address, [made, ...pending]);
      throw error;
    }
  }
}

/** Releases deliveries if the table can be written; otherwise their leases run out. */
async function tryRelease(hub: Hub, address: InboxAddress, given: readonly Delivery[]): Promise<void> {
  try {
    await storeChange(hub, address, (inbox) => release(inbox, given, hub.now()));
  } catch {
    // The error that led here is the one to tell.
  }
}

/** A change of an inbox; `upTo` is the number of the last event that the queue needs no more. */
type QueueChange = InboxChange & { readonly upTo?: number | undefined };

/** Changes an inbox by one conditional write, tried again when another writer was faster. Gives the inbox as it is then. */
async function storeChange(
  hub: Hub,
  address: InboxAddress,
  change: (inbox: Inbox) => QueueChange,
): Promise<InboxChange> {
  const until = hub.now() + PATIENCE;
  for (let attempt = 0; hub.now() < until; attempt++) {
    const item = await getItem(hub, inboxKey(address));
    const before = parseInbox(item);
    const { inbox, deliver, upTo = 0 } = change(before);
    const horizon = Number(item?.['horizon'] ?? MAX_QUEUED_EVENTS);
    const ahead = upTo + MAX_QUEUED_EVENTS;
    if (inbox === before && ahead < horizon + LAG) return { inbox, deliver };
    const version = Number(item?.['version'] ?? 0);
    const stored = await updateItem(
      hub,
      inboxKey(address),
      {
        set: {
          inbox: JSON.stringify(inbox),
          version: version + 1,
          horizon: Math.max(horizon, ahead),
          [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub),
          ...dueOf(address, inbox),
        },
        ...(inbox.deliveries.length === 0 ? { remove: NOTHING_DUE } : {}),
      },
      version === 0
        ? { text: 'attribute_not_exists(#version)' }
        : { text: '#version = :version', values: { ':version': version } },
    );
    if (stored) return { inbox, deliver };
    await hub.sleep(randomInt(Math.min(5 * 2 ** attempt, LONGEST_PAUSE)));
  }
  throw busy(address.key);
}

function parseInbox(item: Item | undefined): Inbox {
  return item?.['inbox'] === undefined ? EMPTY_INBOX : JSON.parse(String(item['inbox']));
}

/** An inbox owes its deliveries, from when the first lease is over. */
function dueOf(address: InboxAddress, { deliveries }: Inbox): Partial<DueAttributes> {
  if (deliveries.length === 0) return {};
  return due(inboxKey(address), 'owed', Math.min(...deliveries.map(({ leasedUntil }) => leasedUntil)));
}

function inboxKey({ key, epoch, eventName }: InboxAddress): ItemKey {
  return { pk: instancePartition(key), sk: inboxSortKey(epoch, eventName) };
}

/**
 * Hands an event to Step Functions.
 *
 * `TaskTimedOut` has two meanings: the wait ended without this event (its time was up), or it ended with this event and whoever sent it didn't live
 * to note it. The wait's deadline tells them apart; a wait without one can only have ended with the event.
 */
async function send(hub: Hub, { key, epoch }: InboxAddress, { event, to }: Delivery): Promise<DeliveryOutcome> {
  const output = event.payload ?? (await readPayload(hub, key, epoch, event.id));
  try {
    await hub.stepFunctions.send(new SendTaskSuccessCommand({ taskToken: to.token, output }));
    return 'delivered';
  } catch (error) {
    const name = errorName(error);
    if (name === 'TaskTimedOut') return to.deadline !== undefined && hub.now() >= to.deadline ? 'refused' : 'delivered';
    if (name === 'TaskDoesNotExist' || name === 'InvalidToken') return 'refused';
    throw error;
  }
}

async function readPayload(hub: Hub, key: string, epoch: number, eventId: string): Promise<string> {
  const item = await getItem(hub, { pk: instancePartition(key), sk: eventSortKey(epoch, eventId) });
  return item === undefined ? 'null' : String(item['payload']);
}
