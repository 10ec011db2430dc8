import { inboxSortKey, instancePartition } from '../../lib/contract/hub-records.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { awaitEvent, raiseEvent } from '../../lib/hub/operations/events.js';
import { restartInstance } from '../../lib/hub/operations/restart.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { updateItem } from '../../lib/hub/store/table.js';
import { awsError } from './fake-step-functions.js';
import { Crash, createHub, type HubKit, startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: HubKit;
let tokens = 0;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createHub(dynamo.client);
  await startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' });
});

const raise = (payload: unknown, eventId?: string, eventName = 'go') =>
  raiseEvent(kit.hub, {
    instanceId: 'one',
    eventName,
    payload: JSON.stringify(payload),
    ...(eventId === undefined ? {} : { eventId }),
  });

interface WaitOptions {
  readonly wait?: string;
  readonly name?: string;
  readonly enteredAt?: string;
  readonly timeoutSeconds?: number;
  readonly token?: string;
}

/** A workflow's state begins to wait; gives its token. */
async function wait(options: WaitOptions = {}): Promise<string> {
  const token = options.token ?? `token-${++tokens}`;
  if (!kit.stepFunctions.tokens.has(token)) kit.stepFunctions.openToken(token);
  const { wait: state = 'Wait', name = 'go', enteredAt, timeoutSeconds } = options;
  await awaitEvent(kit.hub, {
    taskToken: token,
    instanceKey: 'one',
    wait: state,
    name,
    ...(enteredAt === undefined ? {} : { enteredAt }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  });
  return token;
}

const received = (token: string): unknown => {
  const output = kit.stepFunctions.tokens.get(token)?.output;
  return output === undefined ? undefined : JSON.parse(output);
};

test('an event meets the wait', async () => {
  const token = await wait();
  expect(received(token)).toBeUndefined();
  await raise({ ok: true });
  expect(received(token)).toEqual({ ok: true });
});

test('events raised before the wait are kept, and delivered in order', async () => {
  for (const number of [1, 2, 3]) await raise(number);
  expect([
    received(await wait({ enteredAt: 'a' })),
    received(await wait({ enteredAt: 'b' })),
    received(await wait({ enteredAt: 'c' })),
  ]).toEqual([1, 2, 3]);
  expect(received(await wait({ enteredAt: 'd' }))).toBeUndefined();
});

test('waits at the same time are served in the order in which they began', async () => {
  const waiting = [await wait({ wait: 'A' }), await wait({ wait: 'B' })];
  await raise('first');
  await raise('second');
  expect(waiting.map(received)).toEqual(['first', 'second']);
});

test('events of different names don’t meet', async () => {
  const token = await wait({ name: 'other' });
  await raise(1);
  expect(received(token)).toBeUndefined();
});

test('a payload of 200 KB arrives whole', async () => {
  const token = await wait();
  await raise('x'.repeat(200_000));
  expect(received(token)).toBe('x'.repeat(200_000));
});

test('an event raised twice with one id is taken once', async () => {
  await raise(1, 'same');
  await raise(1, 'same');
  expect(received(await wait({ enteredAt: 'a' }))).toBe(1);
  expect(received(await wait({ enteredAt: 'b' }))).toBeUndefined();
});

test('a wait that is tried again gets the event by its new token', async () => {
  const first = await wait({ enteredAt: 'a' });
  kit.stepFunctions.tokens.set(first, { state: 'closed' });
  const second = await wait({ enteredAt: 'a' });
  await raise('late');
  expect(received(second)).toBe('late');
});

test('an event that meets a wait whose time is up is kept for the next', async () => {
  const enteredAt = new Date(kit.hub.now()).toISOString();
  const first = await wait({ enteredAt, timeoutSeconds: 90 });
  kit.advance(91_000);
  kit.stepFunctions.tokens.set(first, { state: 'closed' });
  await raise('late');
  const second = await wait({ enteredAt: new Date(kit.hub.now()).toISOString(), timeoutSeconds: 90 });
  expect(received(second)).toBe('late');
});

test('a wait whose time is up leaves the event to another wait that is open', async () => {
  const enteredAt = new Date(kit.hub.now()).toISOString();
  const first = await wait({ wait: 'A', enteredAt, timeoutSeconds: 1 });
  const second = await wait({ wait: 'B', enteredAt, timeoutSeconds: 90 });
  kit.advance(2_000);
  kit.stepFunctions.tokens.set(first, { state: 'closed' });
  await raise('for B');
  expect(received(second)).toBe('for B');
});

describe('while Step Functions is throttled', () => {
  const throttle = (error = awsError('ThrottlingException')) =>
    kit.stepFunctions.refusals.push({ call: 'SendTaskSuccess', error });

  test('an event is kept, and raised again at once with its id it is delivered', async () => {
    const token = await wait();
    throttle();
    await expect(raise('kept', 'event-1')).rejects.toThrow('ThrottlingException');
    expect(received(token)).toBeUndefined();
    await raise('kept', 'event-1');
    expect(received(token)).toBe('kept');
    expect(received(await wait({ enteredAt: 'later' }))).toBeUndefined();
  });

  test('an event is kept, and the next one to the inbox brings it along, in order', async () => {
    const waiting = [await wait({ wait: 'A' }), await wait({ wait: 'B' })];
    throttle();
    await expect(raise('first')).rejects.toThrow('ThrottlingException');
    await raise('second');
    expect(waiting.map(received)).toEqual(['first', 'second']);
  });

  test('deliveries behind the one that failed are released with it', async () => {
    const waiting = [await wait({ wait: 'A' }), await wait({ wait: 'B' })];
    throttle();
    await expect(raise('first', '1')).rejects.toThrow('ThrottlingException');
    throttle();
    await expect(raise('second', '2')).rejects.toThrow('ThrottlingException');
    await raise('second', '2');
    expect(waiting.map(received)).toEqual(['first', 'second']);
  });
});

test('an unknown instance and a finished one are refused', async () => {
  await expect(raiseEvent(kit.hub, { instanceId: 'two', eventName: 'go', payload: '1' })).rejects.toMatchObject({
    code: 'InstanceNotFound',
  });
  await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '1' }));
  await expect(raise(1)).rejects.toMatchObject({ code: 'InstanceFinished' });
});

test.each([
  ['{', 'go', 'InvalidJson'],
  ['1', '', 'InvalidRequest'],
  ['1', 'a\u0000', 'InvalidRequest'],
  [`"${'x'.repeat(262_144)}"`, 'go', 'PayloadTooLarge'],
])('the event %.10j named %j is refused', async (payload, eventName, code) => {
  await expect(raiseEvent(kit.hub, { instanceId: 'one', eventName, payload })).rejects.toMatchObject({ code });
});

test.each(['', 'x'.repeat(257), '\ud800', 'a\nb'])('the event id %j is refused', async (id) => {
  await expect(raise(1, id)).rejects.toMatchObject({ code: 'InvalidRequest' });
});

test('an event id of 256 characters of any script, with a large payload, is taken once', async () => {
  const id = '注'.repeat(256);
  await raise('x'.repeat(2_000), id);
  await raise('x'.repeat(2_000), id);
  expect(received(await wait({ enteredAt: 'a' }))).toBe('x'.repeat(2_000));
  expect(received(await wait({ enteredAt: 'b' }))).toBeUndefined();
});

test('an inbox keeps 500 large events for waits to come, in order', async () => {
  for (let number = 0; number < 500; number++) await raise(`${number}${'x'.repeat(1_000)}`);
  for (const number of [0, 1, 2]) {
    expect(received(await wait({ enteredAt: `${number}` }))).toBe(`${number}${'x'.repeat(1_000)}`);
  }
}, 30_000);

test('an inbox that nobody reads is full one day, says so, and has room again once an event is taken', async () => {
  const inbox = { pk: instancePartition('one'), sk: inboxSortKey(1, 'go') };
  await raise(1);
  // As after 9,997 events more.
  await updateItem(kit.hub, inbox, { set: { arrived: 9_998 } }, { text: 'attribute_exists(#pk)' });
  for (const number of [2, 3]) await raise(number);
  await expect(raise(4)).rejects.toMatchObject({
    code: 'InboxFull',
    message: expect.stringContaining('expected at most 10000 events that the orchestration hasn’t taken'),
  });
  expect(received(await wait({ enteredAt: 'a' }))).toBe(1);
  await raise(5);
  await expect(raise(6)).rejects.toMatchObject({ code: 'InboxFull' });
  for (const number of [2, 3, 5]) expect(received(await wait({ enteredAt: `${number}` }))).toBe(number);
});

test.each([50, 200])(
  '%d events raised at once: none is refused or lost, and each costs few calls',
  async (count) => {
    kit = { ...kit, hub: { ...kit.hub, sleep: () => new Promise((resolve) => setImmediate(resolve)) } };
    const first = await wait({ enteredAt: 'first' });
    const before = kit.calls.length;
    await Promise.all(Array.from({ length: count }, (_, index) => raise(index)));
    expect((kit.calls.length - before) / count).toBeLessThan(9);
    const all = [received(first)];
    for (let at = 1; at < count; at++) all.push(received(await wait({ enteredAt: `${at}` })));
    expect(all.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(received(await wait({ enteredAt: 'last' }))).toBeUndefined();
  },
  60_000,
);

test('a restarted instance has a fresh inbox', async () => {
  await raise('old');
  await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '1' }));
  await restartInstance(kit.hub, 'one');
  expect(received(await wait())).toBeUndefined();
});

test('continue-as-new keeps the inbox', async () => {
  await raise('kept');
  const { hub, stepFunctions } = kit;
  await applyStatusChange(hub, stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' }));
  await applyStatusChange(
    hub,
    stepFunctions.startDirectly('arn:aws:states:us-east-1:123456789012:stateMachine:Hello1A2B', 'one..2', '2'),
  );
  stepFunctions.openToken('later');
  await awaitEvent(hub, { taskToken: 'later', instanceKey: 'one..2', wait: 'Wait', name: 'go' });
  expect(received('later')).toBe('kept');
});

test('12 waits and 12 events at once: each event reaches one wait, each wait gets one', async () => {
  // Their pauses pass side by side, so they don't add up on the clock.
  kit = { ...kit, hub: { ...kit.hub, sleep: () => new Promise((resolve) => setImmediate(resolve)) } };
  const [waiting] = await Promise.all([
    Promise.all(Array.from({ length: 12 }, (_, index) => wait({ wait: `Wait[${index}]` }))),
    Promise.all(Array.from({ length: 12 }, (_, index) => raise(index))),
  ]);
  expect(waiting.map(received).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 12 }, (_, index) => index),
  );
}, 30_000);

describe('a crash after any call', () => {
  const crashes = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act();
      return false;
    } catch (error) {
      if (error instanceof Crash) return true;
      throw error;
    }
  };

  /** Sets the scene anew, crashes the act after 0, 1, 2, … calls until it gets through, and then lets `mend` mend it. */
  async function crashEverywhere(
    scene: () => Promise<void>,
    act: () => Promise<unknown>,
    mend: () => Promise<void>,
  ): Promise<number> {
    for (let calls = 0; ; calls++) {
      kit = await createHub(dynamo.client);
      await startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' });
      await scene();
      kit.crashAfter(calls);
      const crashed = await crashes(act);
      kit.recover();
      kit.advance(31_000);
      await mend();
      if (!crashed) return calls;
    }
  }

  test.each([
    ['small', 'yes'],
    ['large', 'x'.repeat(5_000)],
  ])('of raising a %s event to a wait: raised again, it arrives once', async (_size, payload) => {
    let token = '';
    const calls = await crashEverywhere(
      async () => {
        token = await wait({ enteredAt: 'a' });
      },
      () => raise(payload, 'event-1'),
      async () => {
        await raise(payload, 'event-1');
        expect(received(token)).toBe(payload);
        expect(received(await wait({ enteredAt: 'b' }))).toBeUndefined();
      },
    );
    expect(calls).toBeGreaterThan(4);
  });

  test('of registering a wait for a queued event: tried again with a new token, it arrives once', async () => {
    let first = '';
    await crashEverywhere(
      async () => {
        await raise('queued');
        first = `token-${++tokens}`;
        kit.stepFunctions.openToken(first);
      },
      () => wait({ token: first, enteredAt: 'a' }),
      async () => {
        if (received(first) !== undefined) return;
        // The function failed, so the state fails and is retried: its first token is closed.
        kit.stepFunctions.tokens.set(first, { state: 'closed' });
        const second = await wait({ enteredAt: 'a' });
        expect(received(second)).toBe('queued');
      },
    );
  });

  test('of raising an event: what it left undone, the next event to the inbox does', async () => {
    let token = '';
    await crashEverywhere(
      async () => {
        token = await wait({ enteredAt: 'a' });
      },
      () => raise('first', 'event-1'),
      async () => {
        await raise('second', 'event-2');
        expect(['first', 'second']).toContain(received(token));
      },
    );
  });
});
