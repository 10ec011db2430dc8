import { App, Duration, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../lib/clock.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { STUDIO_TOKEN_HEADER } from '../../lib/contract/studio.js';
import { fanOutFanIn, flow, waitForEvent } from '../../lib/flow/index.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

const timeout = Duration.hours(1);

/** A hub without an HTTP API: events come from the app's own code. */
class EventsStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub');
  readonly waits = new Chain(this, 'Waits', {
    hub: this.hub,
    steps: flow<unknown>()
      .step('paid', waitForEvent<number>('Paid', { timeout }))
      .parallel('both', {
        odd: waitForEvent<number>('{% $odd %}', { timeout }),
        other: waitForEvent('über', { timeout }),
      })
      .output(({ paid, both }) => [paid.payload, both.odd.payload]),
  });
  readonly never = new Chain(this, 'Never', {
    hub: this.hub,
    steps: flow<unknown>().delay(Duration.days(1)),
  });
  readonly each = new Chain(this, 'Each', {
    hub: this.hub,
    steps: flow<readonly string[]>().step(
      'all',
      fanOutFanIn({ each: flow<string>().step('wait', waitForEvent('Inner', { timeout })) }),
    ),
  });
}

const app = new App();
const stack = new EventsStack(app, 'Events');
let env: TestEnvironment;

beforeAll(async () => {
  env = await TestEnvironment.create(stack);
});

afterAll(() => env.close());

test('an event of a name that is awaited arrives, in a hub without an HTTP API', async () => {
  const instance = await env.start(stack.waits, null);
  await instance.raiseEvent('Paid', 1);
  await instance.raiseEvent('{% $odd %}', 2);
  await instance.raiseEvent('über', 3);
  expect(await instance.completed()).toEqual([1, 2]);
});

test.each([
  ['paid', /`Paid`.*`paid`.*did you mean `Paid`/s],
  ['Piad', /did you mean `Paid`/],
  ['Shipped', /`Paid`, `{% \$odd %}`, `über`.*got `Shipped`; event names are matched exactly;/s],
  ['Paid ', /did you mean `Paid`/],
])('an event %j that no wait has is refused, with the names that are awaited', async (name, message) => {
  const instance = await env.start(stack.waits, null);
  await expect(instance.raiseEvent(name, 1)).rejects.toMatchObject({
    code: 'UnknownEvent',
    message: expect.stringMatching(message),
  });
  await instance.terminate('done');
});

test.each(['', 7, null, undefined, {}])('%j is no name of an event: the hub says so', async (name) => {
  const instance = await env.start(stack.waits, null);
  await expect(instance.raiseEvent(name as string, 1)).rejects.toMatchObject({ code: 'InvalidRequest' });
  await instance.terminate('done');
});

test('an event for an orchestration that awaits none is refused', async () => {
  const instance = await env.start(stack.never, null);
  await expect(instance.raiseEvent('Paid', 1)).rejects.toThrow(
    /expected no event, since the orchestration waits for none, got `Paid`/,
  );
  await instance.terminate('done');
});

test('waits inside a fan-out count', async () => {
  const instance = await env.start(stack.each, ['a', 'b']);
  await expect(instance.raiseEvent('inner', 1)).rejects.toThrow(/did you mean `Inner`/);
  await instance.raiseEvent('Inner', 1);
  await instance.raiseEvent('Inner', 2);
  await instance.completed();
});

test('Studio refuses it too, and raises what is awaited', async () => {
  const cloud = await LocalCloud.load(app.synth().directory, { clock: new VirtualClock() });
  try {
    const page = await (await fetch(cloud.endpoint.replace('127.0.0.1', 'localhost'))).text();
    const token = /studio-token" content="([^"]+)"/.exec(page)![1]!;
    const ask = async (path: string, body: unknown) => {
      const answer = await fetch(`${cloud.endpoint.replace('127.0.0.1', 'localhost')}/studio/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [STUDIO_TOKEN_HEADER]: token },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.text() };
    };
    const started = await ask('orchestrations/Waits/start', { input: null, id: 'one' });
    const { key } = JSON.parse(started.body) as { key: string };
    const raise = (name: string) => ask(`instances/${encodeURIComponent(key)}/raise`, { name, payload: 1 });
    expect(await raise('paid')).toMatchObject({ status: 409, body: expect.stringContaining('did you mean `Paid`') });
    expect(await raise('Paid')).toMatchObject({ status: 200 });
  } finally {
    await cloud.close();
  }
});

test('a deployed hub, as its client reaches it, keeps any event', async () => {
  const instance = await env.start(stack.waits, null);
  await env.client(stack.waits).raiseEvent(instance.id, 'Later', 1);
  expect(instance.status).toBe('Running');
});
