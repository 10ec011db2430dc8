import { TestEnvironment } from '../../lib/testing/index.js';
import { inlineFunction } from '../local/local-app.js';
import { ask, call, closeEnvironments, machine, startEnvironment, writeDemo } from './app.js';

jest.setTimeout(30_000);
afterEach(closeEnvironments);

const greet = inlineFunction('exports.handler = async (name) => `Hello ${name}!`');
const fails = inlineFunction(
  'exports.handler = async () => { console.log("about to decline"); throw Object.assign(new Error("no cover"), { name: "Declined" }) }',
);
const waits = (seconds: number) => ({ Type: 'Wait', Seconds: seconds, End: true });
const DAY = 86_400;

describe('an instance', () => {
  test('runs the real code of its activities and gives the output', async () => {
    const env = await startEnvironment({ Greet: greet, Hello: machine({ Say: call('Greet') }) });
    const instance = await env.start<string>('Hello', 'Ada');
    expect(await instance.completed()).toBe('Hello Ada!');
    expect(instance).toMatchObject({
      id: 'test-1',
      status: 'Completed',
      input: 'Ada',
      output: 'Hello Ada!',
      steps: ['Say'],
    });
    expect(instance.error).toBeUndefined();
  });

  test('that fails says how, to whoever expects it', async () => {
    const env = await startEnvironment({ Pay: fails, Shop: machine({ Charge: call('Pay') }) });
    const instance = await env.start('Shop');
    expect(await instance.failed()).toMatchObject({ name: 'Declined', message: 'no cover' });
    expect(await instance.finished()).toBe('Failed');
  });

  test('that fails where completion is expected shows what happened, and what its activities printed', async () => {
    const env = await startEnvironment({
      Greet: greet,
      Pay: fails,
      Shop: machine({ Say: call('Greet', { Next: 'Charge' }), Charge: keyed('Pay') }),
    });
    const instance = await env.start('Shop', 'Ada');
    const error = (await instance.completed().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(/^`Shop\/test-1`: expected it to complete, got Failed with Declined: no cover/);
    expect(error.message).toContain('✔ Say');
    expect(error.message).toContain('✘ Charge  attempt 1: Declined: no cover');
    expect(error.message).toContain('Demo/Pay: about to decline');
  });

  test('that completes where failure is expected shows its output', async () => {
    const env = await startEnvironment({ Nothing: machine({ Pass: { Type: 'Pass', Output: 7, End: true } }) });
    await expect((await env.start('Nothing')).failed()).rejects.toThrow('expected it to fail, got Completed with 7');
  });

  test('shows what its sub-orchestrations did, too', async () => {
    const child = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: '${Child}', Input: {} },
      End: true,
    };
    const env = await startEnvironment({
      Pay: fails,
      Child: machine({ Charge: keyed('Pay') }),
      Parent: machine({ Nested: child }),
    });
    const instance = await env.start('Parent');
    const error = (await instance.completed().catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toContain('▸ Nested  runs a sub-orchestration');
    expect(error.message).toContain('  ✘ Charge  attempt 1: Declined: no cover');
    expect(error.message).toContain('Demo/Pay: about to decline');
  });

  test('can be rewound once what made it fail is mended', async () => {
    const env = await startEnvironment({ Greet: greet, Hello: machine({ Say: call('Greet') }) });
    env.activity('Greet').failOnCall(1, 'Broken');
    const instance = await env.start('Hello', 'Ada');
    await instance.failed();
    await instance.rewind();
    expect(await instance.completed()).toBe('Hello Ada!');
  });

  test('can be terminated', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(DAY) }) });
    const instance = await env.start('Sleepy');
    await instance.terminate('enough');
    expect(instance.status).toBe('Terminated');
    expect(instance.error).toMatchObject({ message: 'enough' });
  });

  test('without a hub takes no events, and says what it needs', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(DAY) }) });
    const instance = await env.start('Sleepy');
    await expect(instance.raiseEvent('Code', 1)).rejects.toThrow('give it the option `hub`');
  });
});

describe('time', () => {
  test('begins in 2026, or when the test says', async () => {
    const app = writeDemo({ Now: machine({ Read: { Type: 'Pass', Output: '{% $now() %}', End: true } }) });
    const [first, second] = await Promise.all([
      TestEnvironment.create(app),
      TestEnvironment.create(app, { time: '2030-05-06T07:08:09Z' }),
    ]);
    try {
      expect(await (await first.start('Now')).completed()).toBe('2026-01-01T00:00:00.000Z');
      expect(await (await second.start('Now')).completed()).toBe('2030-05-06T07:08:09.000Z');
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  test('stands still until the test waits for something', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(30 * DAY) }) });
    const instance = await env.start('Sleepy');
    await env.settle();
    expect(instance.status).toBe('Running');
    expect(env.now).toEqual(new Date('2026-01-01T00:00:00Z'));
    await instance.completed();
    expect(env.now).toEqual(new Date('2026-01-31T00:00:00Z'));
  });

  test('stops in the very moment that was waited for', async () => {
    const env = await startEnvironment({
      Short: machine({ Sleep: waits(10) }),
      Long: machine({ Sleep: waits(11) }),
    });
    const long = await env.start('Long');
    await (await env.start('Short')).completed();
    expect(long.status).toBe('Running');
    expect(env.now).toEqual(new Date('2026-01-01T00:00:10Z'));
  });

  test('moves as far as the test advances it', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(3600) }) });
    const instance = await env.start('Sleepy');
    await env.advance({ minutes: 59, seconds: 59 });
    expect(instance.status).toBe('Running');
    await env.advance({ toMilliseconds: () => 1000 });
    expect(instance).toMatchObject({ status: 'Completed', duration: 3_600_000 });
    await env.advanceTo('2026-02-01T00:00:00Z');
    expect(env.now).toEqual(new Date('2026-02-01T00:00:00Z'));
    await expect(env.advanceTo('2026-01-01T00:00:00Z')).rejects.toThrow('not before 2026-02-01');
    await expect(env.advance({ hour: 1 } as object)).rejects.toThrow('`hour: 1`');
  });

  test('holds while an answer is awaited, and passes when the test advances it', async () => {
    const env = await startEnvironment({ Post: greet, Ask: machine({ Question: ask('Post') }) });
    const instance = await env.start('Ask');
    expect(await instance.waiting()).toMatchObject([{ state: 'Question' }]);
    await expect(instance.completed()).rejects.toThrow('an answer is awaited by `Question`');
    expect(env.now).toEqual(new Date('2026-01-01T00:00:00Z'));
    await env.advance({ hours: 1 });
    expect(await instance.failed()).toMatchObject({ name: 'States.Timeout' });
    expect(instance.pendingAnswers).toEqual([]);
  });

  test('passes until a condition holds, for a given time at most', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(60) }) });
    const instance = await env.start('Sleepy');
    await expect(env.runUntil(() => instance.status === 'Completed', { within: { seconds: 59 } })).rejects.toThrow(
      'the end of the given time',
    );
    await env.runUntil(() => instance.status === 'Completed');
    await expect(env.runUntil(() => false)).rejects.toThrow('nothing is left to happen');
    await env.runUntilIdle();
  });

  test('of an orchestration that begins again and again is not waited for', async () => {
    const again = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Arguments: { StateMachineArn: '{% $states.context.StateMachine.Id %}' },
      End: true,
    };
    const env = await startEnvironment({
      Endless: machine({ Sleep: { Type: 'Wait', Seconds: 1, Next: 'Again' }, Again: again }),
    });
    await env.start('Endless');
    await expect(env.runUntilIdle()).rejects.toThrow('event after event, without an end');
  });
});

describe('an environment', () => {
  test('is isolated: two of one app know nothing of each other', async () => {
    const app = writeDemo({ Greet: greet, Hello: machine({ Say: call('Greet') }) });
    const [first, second] = await Promise.all([TestEnvironment.create(app), TestEnvironment.create(app)]);
    try {
      first.stub('Greet', () => 'stubbed');
      const instances = await Promise.all([first.start('Hello', 'Ada'), second.start('Hello', 'Ada')]);
      expect(await Promise.all(instances.map((instance) => instance.completed()))).toEqual(['stubbed', 'Hello Ada!']);
      expect(first.instances('Hello')).toHaveLength(1);
      expect(second.activity('Greet').callCount).toBe(1);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  test('leaves nothing open', async () => {
    const before = openResources();
    const env = await TestEnvironment.create(writeDemo({ Greet: greet, Hello: machine({ Say: call('Greet') }) }));
    await (await env.start('Hello', 'Ada')).completed();
    expect(openResources()).not.toEqual(before);
    await env.close();
    expect(openResources()).toEqual(before);
  });

  test.each([
    ['a directory without an app', () => '/nowhere', 'has no manifest.json'],
    ['a construct outside of an app', () => ({ node: { root: {} } }), 'not inside an App'],
  ])('refuses %s', async (_name, app, message) => {
    await expect(TestEnvironment.create(app())).rejects.toThrow(message);
  });

  test('takes an app, or anything inside of one, and lets it synthesize', async () => {
    const app = { synth: () => ({ directory: writeDemo({ Sleepy: machine({ Sleep: waits(1) }) }) }) };
    for (const given of [app, { node: { root: app } }]) {
      const env = await TestEnvironment.create(given);
      await (await env.start('Sleepy')).completed();
      await env.close();
    }
  });

  test('suggests the orchestration that was meant', async () => {
    const env = await startEnvironment({ Sleepy: machine({ Sleep: waits(1) }) });
    await expect(env.start('Sleepi')).rejects.toThrow('did you mean `Sleepy`?');
  });
});

/** A call with an idempotency key, as activities have it: their output is told by it. */
function keyed(logicalId: string): unknown {
  const key =
    "{% $base64encode($string({'idempotencyKey': $states.context.Execution.Name & '/' & $states.context.State.Name})) %}";
  return call(logicalId, {
    Arguments: { FunctionName: `\${${logicalId}.Arn}`, Payload: '{% $states.input %}', ClientContext: key },
    End: true,
  });
}

/** Servers and threads of this process. */
function openResources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /Server|MessagePort|Worker/.test(name))
    .sort();
}
