/**
 * The inbox of one instance for one event name, as data: waits that no event met yet, deliveries, that is events promised to a wait until Step Functions has
 * taken them, and events that came back from a wait that was over.
 *
 * Events that no wait has met are items of their own, outside: raising one is in nobody's way, however many do so at once. They are taken in here when a wait
 * is open, by whoever comes last: an event is stored before its raiser looks for waits, a wait before its state looks for events.
 *
 * Invariants:
 * 1. There are never both an event queued here and a wait open; nor, once whoever raised or waits is done, an event queued outside and a wait open.
 * 2. Events are delivered in the order in which they were raised, waits served in the order in which they were registered.
 * 3. An event is queued, in one delivery, or gone for good; only {@link settle} lets it go. It may be queued outside, too, until that is tidied up: {@link Inbox.seen}
 *    keeps it from being taken twice.
 * 4. Of one wait (state and item index) at most one registration is open: the latest token.
 *
 * All functions are pure; `event-delivery.ts` stores the result with one conditional write.
 */

import { GRACE } from '../../contract/hub-limits.js';

/** An event that was raised. */
export interface RaisedEvent {
  readonly id: string;
  readonly raisedAt: number;
  /** JSON text; undefined when the payload is in an item of its own. */
  readonly payload?: string;
}

/** A state of a workflow that waits for an event. */
export interface EventWait {
  /** State name, and item index inside a fan-out. */
  readonly wait: string;
  readonly token: string;
  /** One value for each time the state was entered, the same for its retries. */
  readonly entry: string;
  /** When the wait ends by itself, epoch milliseconds. */
  readonly deadline?: number;
}

/** An event promised to a wait. */
export interface Delivery {
  readonly event: RaisedEvent;
  readonly to: EventWait;
  /** Until then, epoch milliseconds, whoever made the promise is trusted to keep it. */
  readonly leasedUntil: number;
}

/** See the head of this file. */
export interface Inbox {
  readonly queue: readonly RaisedEvent[];
  readonly waits: readonly EventWait[];
  readonly deliveries: readonly Delivery[];
  /** Ids of the latest events, so that one that is raised twice is taken once. */
  readonly seen: readonly string[];
}

/** An inbox and the deliveries that the caller has to make once it is stored. */
export interface InboxChange {
  readonly inbox: Inbox;
  readonly deliver: readonly Delivery[];
}

export const EMPTY_INBOX: Inbox = { queue: [], waits: [], deliveries: [], seen: [] };

const SEEN = 50;

/** An event arrives. One with an id already seen changes nothing. */
export function raise(inbox: Inbox, event: RaisedEvent, now: number): InboxChange {
  if (inbox.seen.includes(event.id)) return { inbox, deliver: [] };
  return match({ ...inbox, queue: [...inbox.queue, event], seen: [...inbox.seen, event.id].slice(-SEEN) }, now);
}

/** An inbox after events of the queue outside. */
export interface Taking extends InboxChange {
  /** How many of the events, from the first on, need not be queued any more: they are in the inbox, or were before. */
  readonly taken: number;
}

/** Takes the first of the events that are queued outside: as many as waits are open. */
export function take(inbox: Inbox, events: readonly RaisedEvent[], now: number): Taking {
  let current: Taking = { inbox, deliver: [], taken: 0 };
  for (const event of events) {
    if (current.inbox.waits.length === 0) break;
    const { inbox: next, deliver } = raise(current.inbox, event, now);
    current = { inbox: next, deliver: [...current.deliver, ...deliver], taken: current.taken + 1 };
  }
  return current;
}

/**
 * A state starts to wait. A state that waits again, after a retry or a redrive, replaces its earlier token; an event promised to that token, but not
 * known to have arrived, goes to the new one.
 */
export function register(inbox: Inbox, wait: EventWait, now: number): InboxChange {
  const sameEntry = (other: EventWait) => other.wait === wait.wait && other.entry === wait.entry;
  const broken = inbox.deliveries.filter(({ to }) => sameEntry(to) && to.token !== wait.token);
  return match(
    {
      ...inbox,
      queue: [...broken.map(({ event }) => event), ...inbox.queue],
      deliveries: inbox.deliveries.filter((delivery) => !broken.includes(delivery)),
      waits: [...inbox.waits.filter((other) => other.wait !== wait.wait), wait],
    },
    now,
  );
}

/** What became of a delivery: the workflow has it, or the wait was over and the event is as good as never delivered. */
export type DeliveryOutcome = 'delivered' | 'refused';

/** Ends a delivery. A refused event goes back to the head of the queue, and on to the next wait if there is one. */
export function settle(inbox: Inbox, { event, to }: Delivery, outcome: DeliveryOutcome, now: number): InboxChange {
  const rest = inbox.deliveries.filter((other) => other.event.id !== event.id || other.to.token !== to.token);
  if (rest.length === inbox.deliveries.length) return { inbox, deliver: [] };
  const settled = { ...inbox, deliveries: rest };
  return outcome === 'delivered'
    ? { inbox: settled, deliver: [] }
    : match({ ...settled, queue: [event, ...inbox.queue] }, now);
}

/** Gives up the lease of deliveries that their maker could not make: whoever comes next to the inbox makes them at once. */
export function release(inbox: Inbox, given: readonly Delivery[], now: number): InboxChange {
  const isGiven = ({ event, to }: Delivery) =>
    given.some((other) => other.event.id === event.id && other.to.token === to.token);
  if (!inbox.deliveries.some(isGiven)) return { inbox, deliver: [] };
  const deliveries = inbox.deliveries.map((delivery) =>
    isGiven(delivery) ? { ...delivery, leasedUntil: now } : delivery,
  );
  return { inbox: { ...inbox, deliveries }, deliver: [] };
}

/** Takes over the deliveries whose maker is late: it crashed between the promise and the call, or between the call and its record. */
export function takeOver(inbox: Inbox, now: number): InboxChange {
  const late = inbox.deliveries.filter(({ leasedUntil }) => leasedUntil <= now);
  if (late.length === 0) return { inbox, deliver: [] };
  const deliver = late.map((delivery) => ({ ...delivery, leasedUntil: now + GRACE }));
  const deliveries = inbox.deliveries.map((delivery) => deliver[late.indexOf(delivery)] ?? delivery);
  return { inbox: { ...inbox, deliveries }, deliver };
}

/** Promises queued events to open waits, first to first. */
function match(inbox: Inbox, now: number): InboxChange {
  const pairs = Math.min(inbox.queue.length, inbox.waits.length);
  const deliver = inbox.queue.slice(0, pairs).flatMap((event, index): Delivery[] => {
    const to = inbox.waits[index];
    return to === undefined ? [] : [{ event, to, leasedUntil: now + GRACE }];
  });
  return {
    inbox: {
      ...inbox,
      queue: inbox.queue.slice(pairs),
      waits: inbox.waits.slice(pairs),
      deliveries: [...inbox.deliveries, ...deliver],
    },
    deliver,
  };
}
