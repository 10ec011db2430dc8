import { strict as assert } from 'node:assert';
import type { Definition } from '../../lib/flow/compiler/machine.js';
import { expr, fanOutFanIn, flow, monitor, type Step } from '../../lib/flow/index.js';
import { activity, compile, seconds } from '../flow/kit.js';
import { Bench as Engine, failure, type Stub } from '../flow/run.js';
import { type Bench, cost, type Figure } from './bench.js';

/** A pattern, and the same work written by hand with as few states as the language allows. */
interface Comparison {
  readonly name: string;
  readonly flow: Step<never, unknown>;
  readonly byHand: Definition;
  readonly stubs: Readonly<Record<string, Stub>>;
  readonly input: unknown;
}

const call = (name: string, fields: object = { End: true }) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: `arn:aws:lambda:us-east-1:123456789012:function:${name}`, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...fields,
});
const machine = (StartAt: string, States: Definition['States']): Definition => ({
  QueryLanguage: 'JSONata',
  StartAt,
  States,
});
const only = (name: string) => ({ StartAt: name, States: { [name]: call(name) } });

const a = activity<unknown, number>('A');
const b = activity<unknown, number>('B');
const c = activity<unknown, number>('C');
const poll = activity<unknown, { readonly done: boolean }>('Poll');

/** A Map or Parallel state is a transition, and so is each state inside. */
const comparisons: readonly Comparison[] = [
  {
    name: 'chain',
    flow: flow<number>()
      .step('a', a)
      .step('b', b, ({ a, input }) => ({ a, input }))
      .step('c', c, ({ a, b }) => ({ a, b })),
    byHand: machine('A', { A: call('A', { Next: 'B' }), B: call('B', { Next: 'C' }), C: call('C') }),
    stubs: { A: () => 1, B: () => 2, C: () => 3 },
    input: 1,
  },
  {
    name: 'choice',
    flow: flow<number>().choose({ when: ({ input }) => expr<boolean>`${input} > 1`, then: a, otherwise: b }),
    byHand: machine('If', {
      If: { Type: 'Choice', Choices: [{ Condition: '{% $states.input > 1 %}', Next: 'A' }], Default: 'B' },
      A: call('A'),
      B: call('B'),
    }),
    stubs: { A: () => 1, B: () => 2 },
    input: 2,
  },
  {
    name: 'fan-out-fan-in',
    flow: flow<readonly number[]>().step('all', fanOutFanIn({ each: a, aggregate: b })),
    byHand: machine('All', {
      All: { Type: 'Map', Items: '{% $states.input %}', ItemProcessor: only('A'), Next: 'B' },
      B: call('B'),
    }),
    stubs: { A: () => 1, B: () => 2 },
    input: [1, 2, 3, 4, 5],
  },
  {
    name: 'parallel',
    flow: flow<number>().parallel('both', { a, b }),
    byHand: machine('Both', { Both: { Type: 'Parallel', Branches: [only('A'), only('B')], End: true } }),
    stubs: { A: () => 1, B: () => 2 },
    input: 1,
  },
  {
    name: 'monitor',
    flow: flow<number>().step(
      'poll',
      monitor({ poll, until: (result) => result.done, interval: seconds(10), deadline: seconds(600) }),
    ),
    byHand: machine('Poll', {
      Poll: call('Poll', { Next: 'Done?' }),
      'Done?': { Type: 'Choice', Choices: [{ Condition: '{% $states.input.done %}', Next: 'Done' }], Default: 'Wait' },
      Wait: { Type: 'Wait', Seconds: 10, Next: 'Poll' },
      Done: { Type: 'Succeed' },
    }),
    stubs: { Poll: (_input, { execution }) => ({ done: counted(execution.arn) >= 5 }) },
    input: 1,
  },
  {
    name: 'saga',
    flow: flow<number>()
      .step('a', a)
      .compensate(b)
      .step('c', c, ({ input }) => input),
    byHand: machine('A', {
      A: call('A', { Next: 'C' }),
      C: call('C', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
      B: call('B', { Next: 'Fail' }),
      Fail: { Type: 'Fail', Error: 'Broken' },
    }),
    stubs: {
      A: () => 1,
      B: () => 2,
      C: () => {
        throw failure('Broken');
      },
    },
    input: 1,
  },
  {
    name: 'catch',
    flow: flow<number>()
      .step('a', a)
      .step('c', c)
      .catch(b, ({ error }) => error.name),
    byHand: machine('A', {
      A: call('A', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Next: 'C' }),
      C: call('C', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true }),
      B: call('B'),
    }),
    stubs: {
      A: () => 1,
      B: () => 2,
      C: () => {
        throw failure('Broken');
      },
    },
    input: 1,
  },
];

const counts = new Map<string, number>();

function counted(key: string): number {
  counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts.get(key)!;
}

/** State transitions, which is what a Standard workflow is paid by: each pattern (`value`) beside the same work written by hand (`peer`). */
export const benches: readonly Bench[] = [{ name: 'transitions', run: () => inTurn(comparisons) }];

async function compare({ name, flow, byHand, stubs, input }: Comparison): Promise<Figure> {
  const value = await countTransitions(compile(flow as Parameters<typeof compile>[0]), stubs, input);
  const peer = await countTransitions(byHand, stubs, input);
  assert.ok(value <= peer, `${name}: ${value} transitions, by hand ${peer}`);
  return cost(`transitions-${name}`, value, 'states', peer);
}

async function countTransitions(definition: Definition, stubs: Comparison['stubs'], input: unknown): Promise<number> {
  counts.clear();
  const engine = new Engine(stubs);
  let entered = 0;
  engine.service.onEvent((_arn, { type }) => {
    if (type.endsWith('StateEntered')) entered += 1;
  });
  await engine.start(engine.deploy('Test', definition), input);
  return entered;
}

async function inTurn(all: readonly Comparison[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const one of all) figures.push(await compare(one));
  return figures;
}
