import { type AnyStep, expr, fail, fanOutFanIn, flow, type ScopedStep } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';
import { run, type Stub } from '../run.js';

interface Order {
  readonly id: string;
  readonly left: number;
}

const book = activity<unknown, string>('Book');
const cancel = activity<unknown, null>('Cancel');
const report = activity<unknown, string>('Report');
const release = activity<unknown, null>('Release');

const stubs: Readonly<Record<string, Stub>> = {
  Book: () => 'b-1',
  Cancel: () => null,
  Report: (input: unknown) => input,
  Release: () => null,
};
const soldOut = fail('SoldOut', 'nothing is left');

test('is one Fail state', () => {
  const steps = flow<Order>().step('booked', book).step('reject', soldOut);
  expect(essence(compile(steps))).toEqual({
    StartAt: 'booked',
    States: {
      booked: {
        Type: 'Task Book',
        Payload: '{% $states.input %}',
        Assign: { booked: '{% $states.result.Payload %}' },
        Next: 'reject',
      },
      reject: { Type: 'Fail', Error: 'SoldOut', Cause: 'nothing is left' },
    },
  });
});

test('name and message may read the flow around; a text that looks like an expression stays a text', async () => {
  const steps = flow<Order>()
    .step('booked', book)
    .step(
      'reject',
      fail(
        ({ input }) => expr<string>`'Rejected' & ${input.left}`,
        ({ booked }) => booked,
      ),
    );
  expect(compile(steps).States['reject']).toMatchObject({
    Error: "{% $string(('Rejected' & $states.context.Execution.Input.left)) %}",
    Cause: '{% $string($booked) %}',
  });
  expect(await run(compile(steps), stubs, { id: 'o', left: 3 })).toMatchObject({ error: 'Rejected3', cause: 'b-1' });
  const literal = flow<Order>().step('odd', fail('a {% 1 %}', '{% $no %} "quoted" é\n'));
  expect(await run(compile(literal), stubs)).toMatchObject({ error: 'a {% 1 %}', cause: '{% $no %} "quoted" é\n' });
});

const scarce = flow<Order>().choose({ when: ({ input }) => expr<boolean>`${input.left} = 0`, then: soldOut });

/** Each composition around a branch that fails: what comes out, and who was called. */
const compositions: readonly (readonly [string, AnyStep, unknown, readonly string[]])[] = [
  ['nothing', scarce, { error: 'SoldOut', cause: 'nothing is left' }, []],
  [
    'catch',
    scarce.catch(report, ({ error }) => ({ name: error.name, text: error.message, at: error.step })),
    { output: { name: 'SoldOut', text: 'nothing is left', at: 'SoldOut' } },
    ['Report'],
  ],
  [
    'catch right behind it, by name',
    flow<Order>()
      .step('reject', soldOut)
      .catch(report, ({ error }) => error.name, { errors: ['SoldOut'] }),
    { output: 'SoldOut' },
    ['Report'],
  ],
  [
    'catch of another error',
    flow<Order>()
      .step('booked', book)
      .step('reject', soldOut)
      .catch(report, () => '', { errors: ['Other'] }),
    { error: 'SoldOut' },
    ['Book'],
  ],
  [
    'compensate',
    flow<Order>()
      .step('booked', book)
      .compensate(cancel)
      .choose({ when: ({ input }) => expr<boolean>`${input.left} = 0`, then: soldOut }),
    { error: 'SoldOut', cause: 'nothing is left' },
    ['Book', 'Cancel'],
  ],
  ['finally', scarce.finally(release, () => null), { error: 'SoldOut', cause: 'nothing is left' }, ['Release']],
  [
    'finally right behind it',
    flow<Order>()
      .step('reject', soldOut)
      .finally(release, () => null),
    { error: 'SoldOut' },
    ['Release'],
  ],
  [
    'an inline fan-out',
    flow<Order>().step('all', fanOutFanIn({ items: () => [1], each: soldOut })),
    { error: 'SoldOut' },
    [],
  ],
  [
    'a distributed fan-out',
    flow<Order>().step('all', fanOutFanIn({ items: () => [1], each: soldOut, mode: 'distributed' })),
    { error: 'SoldOut', cause: 'nothing is left' },
    [],
  ],
  [
    'a tolerating fan-out',
    flow<Order>().step('all', fanOutFanIn({ items: () => [1], each: soldOut, toleratedFailures: 'all' })),
    { output: { succeeded: [], failed: [{ index: 0, error: { name: 'SoldOut', message: 'nothing is left' } }] } },
    [],
  ],
];

test.each(compositions)('inside %s', async (_title, steps, outcome, calls) => {
  const { bench, ...rest } = await run(compile(steps), stubs, { id: 'o', left: 0 });
  expect(rest).toMatchObject(outcome as object);
  expect(bench.calls.map(({ name }) => name)).toEqual(calls);
});

test('refuses a name that is empty, and steps behind it', () => {
  expect(() => fail('', 'x')).toThrow('`fail.name`: expected a text, or a callback that gives one, got ``');
  expect(() => fail(7 as never, 'x')).toThrow('`fail.name`');
  const steps = flow<Order>()
    .step('reject', soldOut)
    .step('booked', book, () => 1);
  expect(() => compile(steps)).toThrow('`Test.booked`: expected a step that can be reached');
});

test('its types: nothing comes out, and the branch that goes on gives the result', () => {
  const scoped: ScopedStep<unknown, never> = fail(() => 'A', 'b');
  expect(scoped.stepName).toBe('Fail');
  const branched = flow<Order>()
    .step('booked', book)
    .choose({ when: ({ input }) => expr<boolean>`${input.left} = 0`, then: soldOut, otherwise: book });
  const out: AnyStep = branched.step('reported', report);
  expect(out.stepName).toBe('Flow');
});
