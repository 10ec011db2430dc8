import { GRACE } from '../../lib/contract/hub-limits.js';
import {
  type Delivery,
  EMPTY_INBOX,
  type Inbox,
  type InboxChange,
  raise,
  register,
  settle,
  take,
  takeOver,
} from '../../lib/hub/store/inbox.js';

/** Numbers that look random and are the same each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('a thousand random stories: no event lost, doubled or overtaken, and never both an event and a wait left over', () => {
  for (let seed = 1; seed <= 1_000; seed++) {
    const random = generator(seed);
    let inbox: Inbox = EMPTY_INBOX;
    let now = 0;
    let raised = 0;
    let waits = 0;
    let open: Delivery[] = [];
    const delivered: string[] = [];
    const apply = ({ inbox: next, deliver }: InboxChange) => {
      inbox = next;
      open.push(...deliver);
    };
    const step = [
      () => apply(raise(inbox, { id: String(++raised), raisedAt: now }, now)),
      () => apply(register(inbox, { wait: `W${++waits}`, token: `t${waits}`, entry: '' }, now)),
      () => {
        const delivery = open.shift();
        if (delivery === undefined) return;
        const before = inbox.deliveries.length;
        apply(settle(inbox, delivery, 'delivered', now));
        if (inbox.deliveries.length < before) delivered.push(delivery.event.id);
      },
      () => {
        // Whoever had promised is gone: somebody takes over once the lease has run out.
        open = [];
        now += GRACE;
        apply(takeOver(inbox, now));
      },
    ];
    for (let at = 0; at < 60; at++) {
      step[random(step.length)]?.();
      expect(inbox.queue.length === 0 || inbox.waits.length === 0).toBe(true);
    }
    const kept = [
      ...delivered,
      ...inbox.deliveries.map(({ event }) => event.id),
      ...inbox.queue.map(({ id }) => id),
    ].map(Number);
    expect([...kept].sort((a, b) => a - b)).toEqual(Array.from({ length: raised }, (_, index) => index + 1));
    expect(inbox.queue.map(({ id }) => Number(id))).toEqual(
      inbox.queue.map(({ id }) => Number(id)).sort((a, b) => a - b),
    );
  }
});

test('a refused event goes back to the head of the queue', () => {
  const waiting = register(EMPTY_INBOX, { wait: 'A', token: 't', entry: '' }, 0).inbox;
  const { inbox, deliver } = raise(waiting, { id: '1', raisedAt: 0 }, 0);
  const more = raise(inbox, { id: '2', raisedAt: 1 }, 1).inbox;
  const { inbox: after } = settle(more, deliver[0] as Delivery, 'refused', 2);
  expect(after.queue.map(({ id }) => id)).toEqual(['1', '2']);
});

test('a delivery under lease is not taken over', () => {
  const waiting = register(EMPTY_INBOX, { wait: 'A', token: 't', entry: '' }, 0).inbox;
  const { inbox } = raise(waiting, { id: '1', raisedAt: 0 }, 0);
  expect(takeOver(inbox, GRACE - 1).deliver).toEqual([]);
  expect(takeOver(inbox, GRACE).deliver.map(({ event }) => event.id)).toEqual(['1']);
});

test('queued events are taken for open waits only, and one that was taken before is dropped', () => {
  const [one, two, three] = ['1', '2', '3'].map((id) => ({ id, raisedAt: 0 }));
  const open = (inbox: Inbox, wait: string) => register(inbox, { wait, token: wait, entry: '' }, 0).inbox;
  expect(take(EMPTY_INBOX, [one!, two!], 0)).toEqual({ inbox: EMPTY_INBOX, deliver: [], taken: 0 });
  const taking = take(open(EMPTY_INBOX, 'A'), [one!, two!], 0);
  expect([taking.deliver.map(({ event }) => event.id), taking.taken]).toEqual([['1'], 1]);
  const again = take(open(open(taking.inbox, 'B'), 'C'), [one!, two!, three!], 0);
  expect([again.deliver.map(({ event }) => event.id), again.taken]).toEqual([['2', '3'], 3]);
});
