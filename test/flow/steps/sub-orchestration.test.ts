import { type AnyStep, type Flow, fanOutFanIn, flow, type Step, start } from '../../../lib/flow/index.js';
import { compileSubOrchestration, type SubOrchestration } from '../../../lib/flow/steps/sub-orchestration.js';
import { activity, compile, seconds } from '../kit.js';
import { Bench, failure } from '../run.js';

const prefix = 'arn:aws:states:us-east-1:123456789012';
const asChild: SubOrchestration = {
  stateMachineArn: `${prefix}:stateMachine:Child`,
  executionsArn: `${prefix}:execution:Child:*`,
  eventRuleArn: 'arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
  path: 'Stack/Child',
};
const child: Step<number, number> & { readonly asChild: SubOrchestration } = {
  stepName: 'Child',
  asChild,
  compile: (site) => compileSubOrchestration(site, asChild),
};
const work = activity<number, number>('Work');
const report = activity<unknown, unknown>('Report');
const childMachine = compile(flow<number>().step('work', work));

function deploy(bench: Bench, parent: AnyStep): string {
  bench.deploy('Child', childMachine);
  return bench.deploy('Test', compile(parent));
}

test('runs the child to its end; its id follows from the parent’s', async () => {
  const bench = new Bench({ Work: (n: number) => n * 2 });
  const parent = deploy(
    bench,
    flow<number>()
      .step('double', child)
      .output(({ double }) => ({ double })),
  );
  expect(await bench.start(parent, 21, 'order 7'.replace(' ', '-'))).toMatchObject({
    status: 'SUCCEEDED',
    output: { double: 42 },
  });
  expect(bench.ended.map(({ name }) => name)).toEqual(['order-7!!double', 'order-7']);
});

test.each([
  ['uncaught, the parent fails with it', flow<number>().step('double', child), { status: 'FAILED', error: 'Declined' }],
  [
    'a `catch` of that name sees it',
    flow<number>()
      .step('double', child)
      .catch(report, ({ error }) => ({ name: error.name, message: error.message }), { errors: ['Declined'] }),
    { status: 'SUCCEEDED', output: { name: 'Declined', message: 'no funds' } },
  ],
  [
    'a `catch` of States.TaskFailed sees it',
    flow<number>()
      .step('double', child)
      .catch(report, ({ error }) => error.step, { errors: ['States.TaskFailed'] }),
    { status: 'SUCCEEDED', output: 'double' },
  ],
  [
    'a `catch` of another name does not',
    flow<number>()
      .step('double', child)
      .catch(report, ({ error }) => error.name, { errors: ['Other'] }),
    { status: 'FAILED', error: 'Declined' },
  ],
])('a failed child’s error keeps its name and message: %s', async (_, parent, expected) => {
  const bench = new Bench({
    Work: () => {
      throw failure('Declined', 'no funds');
    },
    Report: (input: unknown) => input,
  });
  const outcome = await bench.start(deploy(bench, parent), 1);
  expect(outcome).toMatchObject(expected);
  if (outcome.cause !== undefined) expect(JSON.parse(outcome.cause)).toMatchObject({ errorMessage: 'no funds' });
});

test.each([
  ['itself', flow<number>().step('double', child), 'double'],
  ['inside an inline fan-out', flow<readonly number[]>().step('all', fanOutFanIn({ each: child })), 'all'],
  [
    'inside a distributed fan-out',
    flow<readonly number[]>().step('all', fanOutFanIn({ each: child, mode: 'distributed' })),
    'Child',
  ],
] as const)('a child that takes longer than its timeout fails as a time-out does: %s', async (_, steps, step) => {
  const bench = new Bench({ Work: (n: number) => n, Report: (input: unknown) => input });
  bench.deploy('Child', { ...compile(flow<number>().delay(seconds(60))), TimeoutSeconds: 10 });
  const caught = (steps as Flow<readonly number[]>).catch(report, ({ error }) => error, { errors: ['States.Timeout'] });
  const { output } = await bench.start(bench.deploy('Test', compile(caught)), [1]);
  expect(output).toMatchObject({
    name: 'States.Timeout',
    message: 'The sub-orchestration took longer than its timeout.',
    step,
  });
});

test('stopping the parent stops the child', async () => {
  const bench = new Bench({
    Work: (n: number) => {
      bench.service.stopExecution({ executionArn: `${prefix}:execution:Test:run-1` });
      return n;
    },
  });
  const { status } = await bench.start(deploy(bench, flow<number>().step('double', child)), 1);
  expect(status).toBe('ABORTED');
  await bench.clock.settled();
  expect(bench.ended).toMatchObject([
    { name: 'run-1!!double', status: 'ABORTED' },
    { name: 'run-1', status: 'ABORTED' },
  ]);
});

test('`start` goes on at once, with the id of the instance', async () => {
  const bench = new Bench({ Work: (n: number) => n });
  const parent = deploy(bench, flow<number>().step('audit', start(child)));
  expect(await bench.start(parent, 1)).toMatchObject({ output: { instanceId: 'run-1!!audit' } });
});

const echo = activity<unknown, unknown>('Echo');
const anything: Step<unknown, unknown> & { readonly asChild: SubOrchestration } = {
  stepName: 'Child',
  asChild,
  compile: (site) => compileSubOrchestration(site, asChild),
};
const VALUES: readonly unknown[] = [
  ...['', '90210', '{}', 'null', '"quoted"', '[1]', 'a "b" \\ \n ☃ 😀 {% $x %}', ' '],
  ...[null, true, false, 0, -1.5, 0.1 + 0.2, 2 ** 53, -(2 ** 53)],
  ...[[], [null], ['1'], {}, { a: null, b: ['2', { c: '{}' }] }],
];

describe('a child gets its input as it was given', () => {
  const ways = [
    ['as a step', flow<unknown>().step('child', anything)],
    ['out of an object', flow<{ readonly value: unknown }>().step('child', anything, ({ input }) => input.value)],
    ['by `start`', flow<unknown>().step('child', start(anything))],
    ['from an inline fan-out', flow<readonly unknown[]>().step('all', fanOutFanIn({ each: anything }))],
    [
      'from a distributed fan-out',
      flow<readonly unknown[]>().step('all', fanOutFanIn({ each: anything, mode: 'distributed' })),
    ],
    ['from a batch', flow<readonly unknown[]>().step('all', fanOutFanIn({ each: anything, batch: { maxItems: 3 } }))],
  ] as const;

  test.each(ways)('%s', async (way, steps) => {
    const seen: unknown[] = [];
    const bench = new Bench({
      Echo: (value: unknown) => {
        seen.push(value);
        return value;
      },
    });
    bench.deploy('Child', compile(flow<unknown>().step('echo', echo)));
    const machine = bench.deploy('Test', compile(steps as AnyStep));
    const many = way.startsWith('from');
    const inputs = many ? [VALUES] : VALUES.map((value) => (way === 'out of an object' ? { value } : value));
    for (const [index, input] of inputs.entries()) {
      const { status, output } = await bench.start(machine, input, `run-${index}`);
      expect(status).toBe('SUCCEEDED');
      if (way !== 'by `start`') expect(output).toEqual(way === 'out of an object' ? VALUES[index] : input);
    }
    await bench.clock.settled();
    expect(seen).toEqual(VALUES);
  });

  test('also where it is written out', async () => {
    const literal = (value: unknown) => compile(flow<unknown>().step('child', anything, () => value as never));
    const inputOf = (value: unknown) => literal(value).States['child']!['Arguments'] as { readonly Input: unknown };
    expect(inputOf('90210').Input).toBe('"90210"');
    expect(inputOf(null).Input).toBe('null');
    expect(inputOf({ zip: '90210' }).Input).toEqual({ zip: '90210' });
  });
});
