import { flow } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';
import { failure, run, type Stub } from '../run.js';

const lock = activity<string, { readonly token: string }>('Lock');
const work = activity<{ readonly token: string }, number>('Work');
const release = activity<{ readonly token: { readonly token: string } | null }, null>('Release');
const report = activity<unknown, string>('Report');

const stubs: Record<string, Stub> = {
  Lock: () => ({ token: 't' }),
  Work: () => 42,
  Release: () => 'dropped',
  Report: () => 'reported',
};
const broken: Stub = () => {
  throw failure('Broken', 'no way');
};

const guarded = flow<string>()
  .step('lock', lock)
  .step('work', work)
  .finally(release, ({ lock }) => ({ token: lock }));

test('the step stands behind the success and behind the failure', () => {
  expect(essence(compile(guarded))).toEqual({
    StartAt: 'lock',
    States: {
      lock: {
        Type: 'Task Lock',
        Payload: '{% $states.input %}',
        Catch: [
          { ErrorEquals: ['States.DataLimitExceeded'], Assign: ['pendingError'], Next: 'Release 2' },
          { ErrorEquals: ['States.ALL'], Assign: ['pendingError'], Next: 'Release 2' },
        ],
        Assign: { lock: '{% $states.result.Payload %}' },
        Next: 'work',
      },
      work: {
        Type: 'Task Work',
        Payload: '{% $states.input %}',
        Catch: [
          { ErrorEquals: ['States.DataLimitExceeded'], Assign: ['pendingError'], Next: 'Release 2' },
          { ErrorEquals: ['States.ALL'], Assign: ['pendingError'], Next: 'Release 2' },
        ],
        Assign: { work: '{% $states.result.Payload %}' },
        Next: 'Release',
      },
      Release: { Type: 'Task Release', Payload: { token: '{% $lock %}' }, Output: '{% $work %}', End: true },
      'Release 2': {
        Type: 'Task Release',
        Payload: { token: '{% $exists($lock) ? $lock : null %}' },
        Next: 'Fail',
      },
      Fail: {
        Type: 'Fail',
        Error: "{% $type($pendingError.name) = 'string' ? $pendingError.name : 'Error' %}",
        Cause: "{% $type($pendingError.cause) = 'string' ? $pendingError.cause : '' %}",
      },
    },
  });
});

test('after a success the last result stays', async () => {
  const { output, bench } = await run(compile(guarded), stubs, 'x');
  expect(output).toBe(42);
  expect(bench.inputs('Release')).toEqual([{ token: { token: 't' } }]);
});

test.each([
  ['Work', { token: 't' }],
  ['Lock', null],
])('after a failure of %s the error is thrown again', async (name, token) => {
  const { status, error, cause, bench } = await run(compile(guarded), { ...stubs, [name]: broken }, 'x');
  expect([status, error]).toEqual(['FAILED', 'Broken']);
  expect(JSON.parse(cause!)).toMatchObject({ errorMessage: 'no way' });
  expect(bench.inputs('Release')).toEqual([{ token }]);
});

test('a failure of the step itself is the flow’s', async () => {
  const own = {
    ...stubs,
    Release: () => {
      throw failure('Stuck');
    },
  };
  expect((await run(compile(guarded), own, 'x')).error).toBe('Stuck');
  expect((await run(compile(guarded), { ...own, Work: broken }, 'x')).error).toBe('Stuck');
});

test('it runs behind a handled error too, once', async () => {
  const handled = flow<string>()
    .step('lock', lock)
    .step('work', work)
    .catch(report, ({ error }) => error.name)
    .finally(release, ({ lock }) => ({ token: lock }));
  const { output, bench } = await run(compile(handled), { ...stubs, Work: broken }, 'x');
  expect(output).toBe('reported');
  expect(bench.calls.map(({ name }) => name)).toEqual(['Lock', 'Work', 'Report', 'Release']);
  const fine = await run(compile(handled), stubs, 'x');
  expect(fine.output).toBe(42);
  const worse = await run(
    compile(handled),
    {
      ...stubs,
      Work: broken,
      Report: () => {
        throw failure('Worse');
      },
    },
    'x',
  );
  expect([worse.status, worse.error, worse.bench.inputs('Release').length]).toEqual(['FAILED', 'Worse', 1]);
});

test('inside another flow, its error reaches the `catch` around', async () => {
  const outer = flow<string>()
    .step('inner', guarded)
    .catch(report, ({ error }) => error.name);
  const { status, output, bench } = await run(compile(outer), { ...stubs, Work: broken }, 'x');
  expect([status, output]).toEqual(['SUCCEEDED', 'reported']);
  expect(bench.inputs('Report')).toEqual(['Broken']);
});

test('compensations run before it', async () => {
  const both = flow<string>()
    .step('lock', lock)
    .compensate(report)
    .step('work', work)
    .finally(release, ({ lock }) => ({ token: lock }));
  const { bench } = await run(compile(both), { ...stubs, Work: broken }, 'x');
  expect(bench.calls.map(({ name }) => name)).toEqual(['Lock', 'Work', 'Report', 'Release']);
});

test('is refused where nothing can fail', () => {
  expect(() =>
    compile(
      flow<string>()
        .delay({ seconds: () => 1 })
        .finally(release, () => ({ token: null })),
    ),
  ).toThrow('`Test.finally`: expected a step before it that can fail');
});
