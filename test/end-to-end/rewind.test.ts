import { App, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Activity } from '../../lib/constructs/activity.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { type AnyStep, fail, fanOutFanIn, flow, monitor } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

type Work = Activity<(input: unknown) => unknown>;

/** One orchestration for each place where a step may fail. */
class CompositionsStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub');
  readonly flaky = this.work('Flaky');
  readonly undo = this.work('Undo');
  readonly child = this.chain(
    'Child',
    flow<unknown>().step('flaky', this.flaky, () => 1),
  );
  private readonly step = flow<unknown>().step('flaky', this.flaky, () => 1);

  constructor(app: App) {
    super(app, 'Compositions');
    const { flaky, undo, step } = this;
    const items = () => [1, 2];
    this.chain('Plain', step);
    this.chain('Inner', flow<unknown>().step('inner', step));
    this.chain(
      'Parallel',
      flow<unknown>().parallel('both', { one: step, other: flow<unknown>().delay(Duration.seconds(1)) }),
    );
    this.chain('Inline', flow<unknown>().step('all', fanOutFanIn({ items, each: flaky })));
    this.chain(
      'Undoing',
      flow<unknown>()
        .step('one', this.work('One'), () => 1)
        .compensate(flaky)
        .step('rejected', fail('No', 'no')),
    );
    this.chain(
      'Caught',
      step.catch(undo, () => 1, { then: 'fail' }),
    );
    this.chain(
      'Finally',
      step.finally(undo, () => 1),
    );
    this.chain(
      'Saga',
      flow<unknown>()
        .step('one', this.work('First'), () => 1)
        .compensate(undo)
        .step('flaky', flaky, () => 1),
    );
    this.chain(
      'Tolerating',
      flow<unknown>().step('all', fanOutFanIn({ items, each: flaky, toleratedFailures: { count: 0 } })),
    );
    this.chain('Distributed', flow<unknown>().step('all', fanOutFanIn({ items, each: flaky, mode: 'distributed' })));
    this.chain(
      'Parent',
      flow<unknown>().step('child', this.child, () => 1),
    );
    const every = { interval: Duration.seconds(1), deadline: Duration.hours(2) };
    this.chain(
      'Windowed',
      flow<unknown>().step('watch', monitor({ poll: flaky, until: (done) => done as never, ...every })),
    );
  }

  private chain(id: string, steps: AnyStep): Chain<AnyStep> {
    return new Chain(this, id, { hub: this.hub, steps });
  }

  private work(id: string): Work {
    return new Activity(this, id, {
      function: new lambda.Function(this, `${id}Function`, {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => true'),
      }),
    });
  }
}

const stack = new CompositionsStack(new App());
let env: TestEnvironment;
beforeAll(async () => {
  env = await TestEnvironment.create(stack);
});
afterEach(() => env.reset());
afterAll(() => env.close());

test.each(['Plain', 'Inner', 'Parallel', 'Inline', 'Undoing'])(
  '%s: a rewind goes on from the step that failed, as often as it fails',
  async (name) => {
    env.activity(stack.flaky).fails('Broken');
    const instance = await env.start(name, {});
    await instance.failed();
    await instance.rewind();
    await instance.failed();
    env.reset();
    await instance.rewind();
    if (name === 'Undoing') expect(await instance.failed()).toMatchObject({ name: 'No' });
    else await instance.completed();
  },
);

test.each([
  ['Caught', 'Fail'],
  ['Finally', 'Fail'],
  ['Saga', 'Fail'],
  ['Tolerating', 'Too many failed'],
  ['Distributed', 'all failed'],
  ['Parent', 'child failed'],
  ['Windowed', 'watch failed'],
])(
  '%s: the error was thrown again by a Fail state, so that a rewind is refused with the reason',
  async (name, state) => {
    env.activity(stack.flaky).fails('Broken');
    const instance = await env.start(name, {});
    expect(await instance.failed()).toMatchObject({
      name: name === 'Tolerating' ? 'States.ExceedToleratedFailureThreshold' : 'Broken',
    });
    await expect(instance.rewind()).rejects.toMatchObject({
      code: 'NotRewindable',
      message: expect.stringContaining(`which ended in the Fail state \`${state}\` and would end there again`),
    });
  },
);
