import { compileMachine } from '../../../lib/flow/compiler/machine.js';
import type { AnyStep } from '../../../lib/flow/compiler/step.js';
import { deadlineIn, flow, present, waitForEvent } from '../../../lib/flow/index.js';
import { activity, seconds } from '../kit.js';
import { Bench } from '../run.js';

const surroundings = {
  partition: 'aws',
  hubFunctions: { awaitEvent: 'arn:aws:lambda:x:y:function:Await' },
  timeoutSeconds: 604_800,
};
const compile = (step: AnyStep) =>
  compileMachine('Test', { stepName: 'Test', compile: (site) => step.compile({ ...site, name: '' }) }, surroundings)
    .definition;

test('a wait is one state, with its outcome as a value either way', () => {
  const definition = compile(
    flow<unknown>().step('paid', waitForEvent<{ readonly amount: number }>('Payment', { timeout: seconds(60) })),
  );
  expect(definition.States['paid']).toMatchObject({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: {
      FunctionName: 'arn:aws:lambda:x:y:function:Await',
      Payload: {
        taskToken: '{% $states.context.Task.Token %}',
        instanceKey: '{% $states.context.Execution.Name %}',
        wait: 'paid',
        name: 'Payment',
        enteredAt: '{% $states.context.State.EnteredTime %}',
        timeoutSeconds: 60,
      },
    },
    TimeoutSeconds: 60,
    Catch: [{ ErrorEquals: ['States.Timeout'], Output: { received: false, timedOut: true, payload: null } }],
    Output: { received: true, timedOut: false, payload: '{% $states.result %}' },
  });
});

test('a wait with a deadline takes what is left of it, at least a second', () => {
  const shared = flow<unknown>()
    .step('until', deadlineIn(seconds(90)))
    .step('first', waitForEvent<string>('Code'), ({ until }) => ({ deadline: until }));
  const { until, first } = compile(shared).States;
  expect(until).toMatchObject({ Type: 'Pass', Output: '{% $fromMillis($millis() + 90000) %}' });
  const left = '{% $max([1, $ceil(($toMillis($until) - $millis()) / 1000)]) %}';
  expect(first).toMatchObject({ TimeoutSeconds: left, Arguments: { Payload: { timeoutSeconds: left } } });
  const piped = compile(flow<{ readonly deadline: string }>().step('code', waitForEvent('Code')));
  expect(piped.States['code']?.['TimeoutSeconds']).toBe(
    '{% $max([1, $ceil(($toMillis($states.input.deadline) - $millis()) / 1000)]) %}',
  );
});

test.each([
  ['', { timeout: seconds(1) }, /name of an event/],
  ['a\nb', { timeout: seconds(1) }, /name of an event/],
  ['Code', { timeout: seconds(0) }, /whole seconds/],
  ['Code', { timeout: seconds(604_800) }, /less than the orchestration's own timeout/],
])('refuses the event %j with %j', (name, props, message) => {
  expect(() => compile(flow<unknown>().step('code', waitForEvent(name, props)))).toThrow(message);
});

test('refuses an orchestration without a hub', () => {
  const step = flow<unknown>().step('code', waitForEvent('Code', { timeout: seconds(1) }));
  const whole = { stepName: 'Test', compile: step.compile.bind(step) };
  expect(() => compileMachine('Test', whole, { partition: 'aws' })).toThrow(/an orchestration with a hub/);
});

test('in the engine: received, then timed out, and a branch that takes the payload', async () => {
  const ship = activity<{ readonly amount: number }, string>('Ship');
  const definition = compile(
    flow<unknown>()
      .step('paid', waitForEvent<{ readonly amount: number }>('Payment', { timeout: seconds(60) }))
      .choose({
        when: ({ paid }) => paid.received,
        then: (f) => f.step('shipped', ship, ({ paid }) => present(paid.payload)),
        otherwise: (f) => f.output(() => 'cancelled'),
      }),
  );
  for (const paid of [true, false]) {
    const tokens: string[] = [];
    const bench = new Bench({
      Await: ((payload: { taskToken: string }) => void tokens.push(payload.taskToken)) as never,
      Ship: (({ amount }: { amount: number }) => `shipped for ${amount}`) as never,
    });
    const outcome = bench.start(bench.deploy('Test', definition), {});
    await bench.clock.settled();
    if (paid) bench.service.sendTaskSuccess({ taskToken: tokens[0]!, output: '{"amount":7}' });
    else await bench.clock.advanceBy(60_000);
    expect(await outcome).toMatchObject({ output: paid ? 'shipped for 7' : 'cancelled', seconds: paid ? 0 : 60 });
  }
});

test('a function of the hub that runs out of its own time is asked again, and only the wait’s own time-out ends it as one', async () => {
  const definition = compile(flow<unknown>().step('paid', waitForEvent<number>('Payment', { timeout: seconds(600) })));
  for (const answered of [true, false]) {
    const tokens: string[] = [];
    const late = () => {
      throw Object.assign(new Error('Task timed out after 30.00 seconds'), { name: 'Sandbox.Timedout' });
    };
    const bench = new Bench({
      Await: (({ taskToken }: { taskToken: string }) => {
        if (tokens.push(taskToken) === 1) late();
      }) as never,
    });
    const outcome = bench.start(bench.deploy('Test', definition), {});
    await bench.clock.advanceBy(60_000);
    expect(tokens.length).toBe(2);
    if (answered) bench.service.sendTaskSuccess({ taskToken: tokens[1]!, output: '7' });
    else await bench.clock.advanceBy(600_000);
    expect((await outcome).output).toEqual(
      answered ? { received: true, timedOut: false, payload: 7 } : { received: false, timedOut: true, payload: null },
    );
  }
});

test('options without a time-out are refused, rather than taken for a deadline in the input', () => {
  expect(() => waitForEvent('Code', { timout: seconds(5) } as never)).toThrow(
    /`waitForEvent\('Code'\)\.timeout`: expected how long to wait.*got none/,
  );
});
