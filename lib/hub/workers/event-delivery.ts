import { randomInt } from 'node:crypto';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { EXPIRES_AT_ATTRIBUTE, eventSortKey, inboxSortKey, instancePartition } from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import { busy, errorName, hubError } from '../hub-error.js';
import {
  type Delivery,
  type DeliveryOutcome,
  EMPTY_INBOX,
  type Inbox,
  type InboxChange,
  release,
  settle,
  takeOver,
} from '../store/inbox.js';
import { expiryOfLive } from '../store/instance-record.js';
import { getItem, putItem } from '../store/table.js';

/** Which inbox. */
export interface InboxAddress {
  readonly key: string;
  readonly epoch: number;
  readonly eventName: string;
}

/** How long a change is tried against other writers, and the longest pause between two attempts, in milliseconds. */
const PATIENCE = 15_000;
const LONGEST_PAUSE = 250;

/** An item holds 400 KB; what one change may add fits in the rest. */
const MAX_INBOX_BYTES = 300_000;

/**
 * Changes an inbox by one conditional write, tried again when another writer was faster, and makes the deliveries that follow from it: those of the
 * change, and late ones that somebody else left behind.
 */
export async function changeInbox(
  hub: Hub,
  address: InboxAddress,
  change: (inbox: Inbox) => InboxChange,
): Promise<void> {
  const deliver = await storeChange(hub, address, (inbox) => {
    const takenOver = takeOver(inbox, hub.now());
    const changed = change(takenOver.inbox);
    return { inbox: changed.inbox, deliver: [...takenOver.deliver, ...changed.deliver] };
  });
  await makeDeliveries(hub, address, deliver);
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
      pending.push(...(await storeChange(hub, address, (inbox) => settle(inbox, made, outcome, hub.now()))));
    } catch (error) {
      await tryRelease(hub, address, [made, ...pending]);
      throw error;
    }
  }
}

/** Releases deliveries if the table can be written; otherwise their leases run out. */
async function tryRelease(hub: Hub, address: InboxAddress, given: readonly Delivery[]): Promise<void> {
  try {
    await storeChange(hub, address, (inbox) => release(inbox, given));
  } catch {
    // The error that led here is the one to tell.
  }
}

async function storeChange(
  hub: Hub,
  address: InboxAddress,
  change: (inbox: Inbox) => InboxChange,
): Promise<readonly Delivery[]> {
  const key = { pk: instancePartition(address.key), sk: inboxSortKey(address.epoch, address.eventName) };
  const until = hub.now() + PATIENCE;
  for (let attempt = 0; hub.now() < until; attempt++) {
    const item = await getItem(hub, key);
    const before: Inbox = item === undefined ? EMPTY_INBOX : JSON.parse(String(item['inbox']));
    const version = Number(item?.['version'] ?? 0);
    const { inbox, deliver } = change(before);
    if (inbox === before) return deliver;
    const text = JSON.stringify(inbox);
    refuseOverfull(address, text, inbox.queue.length > before.queue.length);
    const stored = await putItem(
      hub,
      { ...key, inbox: text, version: version + 1, [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub) },
      item === undefined
        ? { text: 'attribute_not_exists(#pk)' }
        : { text: '#version = :version', values: { ':version': version } },
    );
    if (stored) return deliver;
    await hub.sleep(randomInt(Math.min(5 * 2 ** attempt, LONGEST_PAUSE)));
  }
  throw busy(address.key);
}

function refuseOverfull({ eventName }: InboxAddress, text: string, grew: boolean): void {
  if (!grew || Buffer.byteLength(text) <= MAX_INBOX_BYTES) return;
  throw hubError('InboxFull', {
    where: `events.${eventName}`,
    expected: 'an inbox with room',
    got: 'more events than the orchestration has taken',
    fix: 'wait until it has',
  });
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
