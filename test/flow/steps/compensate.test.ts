import { expr, flow } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';
import { failure, run, type Stub } from '../run.js';

const numbers = [1, 2, 3, 4, 5, 6] as const;
const book = (n: number) => activity<string, { readonly id: string }>(`Book${n}`);
const cancel = (n: number) => activity<{ readonly id: string }, null>(`Cancel${n}`);
const report = activity<{ readonly name: string; readonly step: string }, string>('Report');

const stubs: Record<string, Stub> = {
  ...Object.fromEntries(numbers.map((n) => [`Book${n}`, () => ({ id: `b${n}` })])),
  ...Object.fromEntries(numbers.map((n) => [`Cancel${n}`, () => null])),
  Report: ({ name, step }: { name: string; step: string }) => `${name} in ${step}`,
};

const failing = (name: string): Record<string, Stub> => ({
  ...stubs,
  [name]: () => {
    throw failure('NoRoom', `${name} failed`);
  },
});

const saga = flow<string>()
  .step('s1', book(1))
  .compensate(cancel(1))
  .step('s2', book(2), ({ input }) => input)
  .compensate(cancel(2), ({ s2 }) => ({ id: s2.id }))
  .step('s3', book(3), ({ input }) => input)
  .compensate(cancel(3), ({ s3, error }) => ({ id: expr<string>`${s3.id} & ' for ' & ${error.name}` }))
  .step('s4', book(4), ({ input }) => input)
  .compensate(cancel(4))
  .step('s5', book(5), ({ input }) => input)
  .compensate(cancel(5))
  .step('s6', book(6), ({ input }) => input)
  .compensate(cancel(6));

describe('six steps', () => {
  test.each(numbers)('failure of step %i undoes exactly the completed ones, in reverse', async (n) => {
    const { status, error, cause, bench } = await run(compile(saga), failing(`Book${n}`), 'trip');
    expect([status, error]).toEqual(['FAILED', 'NoRoom']);
    expect(JSON.parse(cause!)).toMatchObject({ errorMessage: `Book${n} failed` });
    const completed = numbers.filter((other) => other < n);
    expect(bench.calls.map(({ name }) => name)).toEqual([
      ...numbers.filter((other) => other <= n).map((other) => `Book${other}`),
      ...[...completed].reverse().map((other) => `Cancel${other}`),
    ]);
    expect(bench.inputs('Cancel2')).toEqual(completed.includes(2) ? [{ id: 'b2' }] : []);
    expect(bench.inputs('Cancel3')).toEqual(completed.includes(3) ? [{ id: 'b3 for NoRoom' }] : []);
  });

  test('nothing is undone when all succeed', async () => {
    const { status, output, bench } = await run(compile(saga), stubs, 'trip');
    expect([status, output]).toEqual(['SUCCEEDED', { id: 'b6' }]);
    expect(bench.calls).toHaveLength(6);
  });

  test('costs one state for each compensation and one that fails', () => {
    // The last step has none: when it has completed, the flow has too.
    expect(Object.keys(compile(saga).States)).toEqual([
      ...['s1', 's2', 's3', 's4', 's5', 's6'],
      ...['Cancel5', 'Cancel4', 'Cancel3', 'Cancel2', 'Cancel1', 'Fail'],
    ]);
  });
});

test('two steps, whole', () => {
  const two = flow<string>()
    .step('s1', book(1))
    .compensate(cancel(1))
    .step('s2', book(2), ({ input }) => input);
  expect(essence(compile(two))).toEqual({
    StartAt: 's1',
    States: {
      s1: {
        Type: 'Task Book1',
        Payload: '{% $states.input %}',
        Assign: { s1: '{% $states.result.Payload %}' },
        Next: 's2',
      },
      s2: {
        Type: 'Task Book2',
        Payload: '{% $states.context.Execution.Input %}',
        Catch: [
          { ErrorEquals: ['States.DataLimitExceeded'], Assign: ['failure'], Next: 'Cancel1' },
          { ErrorEquals: ['States.ALL'], Assign: ['failure'], Next: 'Cancel1' },
        ],
        Assign: { s2: '{% $states.result.Payload %}' },
        End: true,
      },
      Cancel1: { Type: 'Task Cancel1', Payload: '{% $s1 %}', Next: 'Fail' },
      Fail: {
        Type: 'Fail',
        Error: "{% $type($failure.name) = 'string' ? $failure.name : 'Error' %}",
        Cause: "{% $type($failure.cause) = 'string' ? $failure.cause : '' %}",
      },
    },
  });
});

test('a `catch` behind runs after the compensations, and sees the error', async () => {
  const caught = saga.catch(report, ({ error }) => ({ name: error.name, step: error.step }));
  const { status, output, bench } = await run(compile(caught), failing('Book3'), 'trip');
  expect([status, output]).toEqual(['SUCCEEDED', 'NoRoom in s3']);
  expect(bench.calls.map(({ name }) => name)).toEqual(['Book1', 'Book2', 'Book3', 'Cancel2', 'Cancel1', 'Report']);
});

test('a compensation that fails ends with its own error', async () => {
  const { error, bench } = await run(
    compile(saga),
    { ...failing('Book4'), ...failing('Cancel2'), Book4: failing('Book4')['Book4']! },
    'trip',
  );
  expect(error).toBe('NoRoom');
  expect(bench.calls.map(({ name }) => name).slice(-2)).toEqual(['Cancel3', 'Cancel2']);
});

describe('a step inside a branch', () => {
  const branched = flow<string>()
    .step('s1', book(1))
    .compensate(cancel(1))
    .choose({
      when: ({ input }) => expr<boolean>`${input} = 'two'`,
      then: (f) => f.step('s2', book(2), ({ input }) => input).compensate(cancel(2)),
    })
    .step('s3', book(3), ({ input }) => input);

  test.each([
    ['two', ['Cancel2', 'Cancel1']],
    ['other', ['Cancel1']],
  ])('input %j: undone where it was taken', async (input, undone) => {
    const { bench } = await run(compile(branched), failing('Book3'), input);
    expect(bench.calls.map(({ name }) => name).filter((name) => name.startsWith('Cancel'))).toEqual(undone);
  });

  test('its own failure undoes what was before', async () => {
    const { bench } = await run(compile(branched), failing('Book2'), 'two');
    expect(bench.calls.map(({ name }) => name)).toEqual(['Book1', 'Book2', 'Cancel1']);
  });
});

test('what a `catch` that continues has seen undone is not undone again', async () => {
  const twice = flow<string>()
    .step('s1', book(1))
    .compensate(cancel(1))
    .step('s2', book(2), ({ input }) => input)
    .catch(report, ({ error }) => ({ name: error.name, step: error.step }), { then: 'continue' })
    .step('s3', book(3), ({ input }) => input);
  const both = { ...failing('Book2'), Book3: failing('Book3')['Book3']! };
  const afterCatch = await run(compile(twice), both, 'trip');
  expect(afterCatch.bench.calls.map(({ name }) => name)).toEqual(['Book1', 'Book2', 'Cancel1', 'Report', 'Book3']);
  const straight = await run(compile(twice), failing('Book3'), 'trip');
  expect(straight.bench.calls.map(({ name }) => name)).toEqual(['Book1', 'Book2', 'Book3', 'Cancel1']);
});

test('is refused where it would be lost', () => {
  expect(() => flow<string>().compensate(report, () => ({ name: '', step: '' }))).toThrow('no step before it');
  const branch = flow<string>().parallel('both', { a: (f) => f.step('s1', book(1)).compensate(cancel(1)) });
  expect(() => compile(branch)).toThrow('no `compensate` inside a parallel branch');
});
