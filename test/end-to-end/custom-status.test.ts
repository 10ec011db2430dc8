import { App, Duration, Stack } from 'aws-cdk-lib';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { fanOutFanIn, flow } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

/** Each item says that it is being packed, in an execution of its own. */
class PackingStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub');
  readonly pack = new Chain(this, 'Pack', {
    hub: this.hub,
    steps: flow<readonly string[]>()
      .customStatus('begun')
      .step(
        'packed',
        fanOutFanIn({
          items: ({ input }) => input,
          each: flow<string>()
            .customStatus(({ input }) => ({ packing: input }))
            .delay(Duration.minutes(1)),
          mode: 'distributed',
          maxConcurrency: 1,
        }),
      )
      .customStatus('done'),
  });
}

test('what the children of a distributed fan-out show is shown by the instance, and leaves nothing behind', async () => {
  const stack = new PackingStack(new App(), 'Packing');
  const env = await TestEnvironment.create(stack);
  try {
    const instance = await env.start(stack.pack, ['cup', 'pot'], { instanceId: 'order/1' });
    await env.advance({ seconds: 90 });
    const status = await env.client().status('order/1');
    expect(status).toMatchObject({ runtimeStatus: 'Running', customStatus: { packing: 'pot' } });
    // The time at which the second child began, after a minute.
    const after = Date.parse(status.lastUpdatedTime) - Date.parse(status.createdTime);
    expect(Math.round(after / 1000)).toBe(60);
    await instance.completed();
    expect(instance.customStatuses).toEqual(['begun', { packing: 'cup' }, { packing: 'pot' }, 'done']);
    expect((await env.client().list()).instances.map(({ instanceId }) => instanceId)).toEqual(['order/1']);
  } finally {
    await env.close();
  }
});
