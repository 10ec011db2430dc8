import { App, Duration, Stack } from 'aws-cdk-lib';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { flow } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

class LongStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub');
  readonly long = new Chain(this, 'Long', {
    hub: this.hub,
    timeout: Duration.days(60),
    steps: flow<null>().delay(Duration.days(30)),
  });
}

const stack = new LongStack(new App(), 'Long');
let env: TestEnvironment;
/** When the sweep was called, in minutes since the beginning. */
let sweeps: number[];

beforeEach(async () => {
  env = await TestEnvironment.create(stack);
  const begun = env.now.getTime();
  sweeps = [];
  env.cloud.functions.onCall(({ function: { path } }) => {
    if (path.endsWith('/Sweep')) sweeps.push((env.now.getTime() - begun) / 60_000);
  });
});
afterEach(() => env.close());

/** Status events of one kind are lost. */
function lose(status: string): void {
  env.cloud.functions.intercept(({ function: { path }, payload }) =>
    path.endsWith('/FollowStatus') && JSON.parse(payload).detail.status === status
      ? Promise.resolve({ payload: 'null' })
      : undefined,
  );
}

test('the sweep of each minute runs only when it has something to do: not once in the thirty days of a wait', async () => {
  const instance = await env.start(stack.long, null);
  await instance.completed();
  expect(instance.duration).toBe(30 * 86_400_000);
  expect(sweeps).toEqual([]);
});

test('an instance whose start was not noted is seen to after half a minute, while virtual time runs by itself', async () => {
  lose('RUNNING');
  const instance = await env.start(stack.long, null, { instanceId: 'one' });
  expect((await env.client().status('one')).runtimeStatus).toBe('Pending');
  await env.advance({ minutes: 2 });
  expect((await env.client().status('one')).runtimeStatus).toBe('Running');
  await instance.completed();
  expect(sweeps).toEqual([1]);
});

test('an instance whose end was missed is found, though nobody asks for it', async () => {
  lose('SUCCEEDED');
  const instance = await env.start(stack.long, null, { instanceId: 'one' });
  await instance.completed();
  const shown = async () => (await env.client().list()).instances.map(({ runtimeStatus }) => runtimeStatus);
  expect(await shown()).toEqual(['Running']);
  await env.advance({ days: 1 });
  expect(await shown()).toEqual(['Completed']);
  expect(sweeps).toHaveLength(1);
});
