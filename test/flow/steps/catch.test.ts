import { flow } from '../../../lib/flow/index.js';
import { activity, compile, essence, seconds } from '../kit.js';
import { run } from '../run.js';

const list = activity<unknown, { items: string[] }>('List');
const copy = activity<{ items: string[] }, { copied: number }>('Copy');
const cleanUp = activity<
  { items: { items: string[] } | null; copied: { copied: number } | null; reason: string | null },
  { cleaned: boolean }
>('CleanUp');
const finish = activity<{ copied: { copied: number } | null }, null>('Finish');

const group = flow<unknown>()
  .step('items', list)
  .delay(seconds(1))
  .step('copied', copy, ({ items }) => items);

test('every state that can fail gets a catcher; the handler sees partial results, else null; the flow completes with its result', () => {
  const steps = group.catch(cleanUp, ({ items, copied, error }) => ({ items, copied, reason: error.message }));
  expect(essence(compile(steps))).toEqual({
    StartAt: 'items',
    States: {
      items: {
        Type: 'Task List',
        Payload: '{% $states.input %}',
        Catch: [
          { ErrorEquals: ['States.DataLimitExceeded'], Assign: ['caughtError'], Next: 'CleanUp' },
          { ErrorEquals: ['States.ALL'], Assign: ['caughtError'], Next: 'CleanUp' },
        ],
        Assign: { items: '{% $states.result.Payload %}' },
        Next: 'Wait 1 second',
      },
      'Wait 1 second': { Type: 'Wait', Seconds: 1, Next: 'copied' },
      copied: {
        Type: 'Task Copy',
        Payload: '{% $items %}',
        Catch: [
          { ErrorEquals: ['States.DataLimitExceeded'], Assign: ['caughtError'], Next: 'CleanUp' },
          { ErrorEquals: ['States.ALL'], Assign: ['caughtError'], Next: 'CleanUp' },
        ],
        Assign: { copied: '{% $states.result.Payload %}' },
        End: true,
      },
      CleanUp: {
        Type: 'Task CleanUp',
        Payload:
          '{% {"items": ($exists($items) ? $items : null), "copied": ($exists($copied) ? $copied : null), "reason": $caughtError.message} %}',
        End: true,
      },
    },
  });
});

test('the caught error names the failed state', () => {
  const steps = group.catch(cleanUp, ({ error }) => ({ items: null, copied: null, reason: error.name }), {
    errors: ['Broken'],
  });
  const [catcher] = compile(steps).States['copied']!.Catch!;
  expect(catcher!.ErrorEquals).toEqual(['Broken']);
  expect(catcher!.Assign!['caughtError']).toMatchObject({ name: '{% $states.errorOutput.Error %}', step: 'copied' });
});

test('fail: the error is thrown again behind the handler', () => {
  const { States } = compile(
    group.catch(cleanUp, () => ({ items: null, copied: null, reason: null }), { then: 'fail' }),
  );
  expect(States['CleanUp']!.Next).toBe('Fail');
  expect(States['Fail']).toMatchObject({
    Type: 'Fail',
    Error: expect.stringContaining('$caughtError.name'),
    Cause: expect.stringContaining('$caughtError.cause'),
  });
});

test('continue: the flow goes on with results that may be missing', () => {
  const { States } = compile(
    group
      .catch(cleanUp, () => ({ items: null, copied: null, reason: null }), { then: 'continue' })
      .step('finish', finish, ({ copied }) => ({ copied })),
  );
  expect(States['CleanUp']!.Next).toBe('finish');
  expect(States['copied']!.Next).toBe('finish');
  expect(States['finish']!['Arguments']).toMatchObject({
    Payload: { copied: '{% $exists($copied) ? $copied : null %}' },
  });
});

test('steps behind a catch are not covered by it; a second catch covers those and the first handler', () => {
  const { States } = compile(
    group
      .catch(cleanUp, () => ({ items: null, copied: null, reason: null }), { then: 'continue', name: 'First' })
      .step('finish', finish, () => ({ copied: null }))
      .catch(cleanUp, () => ({ items: null, copied: null, reason: null }), { name: 'Second' }),
  );
  const handlers = (name: string) => States[name]!.Catch?.map(({ Next }) => Next);
  expect(handlers('items')).toEqual(['First', 'First']);
  expect(handlers('First')).toEqual(['Second', 'Second']);
  expect(handlers('finish')).toEqual(['Second', 'Second']);
  expect(handlers('Second')).toBeUndefined();
});

test('every error takes two catchers: `States.ALL` stands alone and last, data over the limit before it', () => {
  const nothing = () => ({ items: null, copied: null, reason: null });
  const names = (steps: Parameters<typeof compile>[0]) =>
    compile(steps).States['items']!.Catch!.map(({ ErrorEquals }) => ErrorEquals);
  expect(names(group.catch(cleanUp, nothing))).toEqual([['States.DataLimitExceeded'], ['States.ALL']]);
  const named = group.catch(cleanUp, nothing, { errors: ['States.DataLimitExceeded', 'Broken'], name: 'Named' });
  expect(names(named.catch(cleanUp, nothing))).toEqual([['States.DataLimitExceeded', 'Broken'], ['States.ALL']]);
});

test('a result over the limit of 256 KiB reaches the handler', async () => {
  const steps = group.catch(cleanUp, ({ error }) => ({ items: null, copied: null, reason: error.name }));
  const stubs = { List: () => ({ items: ['x'.repeat(300_000)] }), CleanUp: ({ reason }: { reason: string }) => reason };
  expect((await run(compile(steps), stubs)).output).toBe('States.DataLimitExceeded');
});

test('a catch inside a flow ends that flow only', () => {
  const steps = flow<unknown>()
    .step(
      'inner',
      group.catch(cleanUp, () => ({ items: null, copied: null, reason: null })),
    )
    .step('finish', finish, () => ({ copied: null }));
  const { States } = compile(steps);
  expect(States['CleanUp']).toMatchObject({ Next: 'finish', Assign: { inner: '{% $states.result.Payload %}' } });
});

test('refuses a catch with nothing to catch, and one without error names', () => {
  expect(() =>
    compile(
      flow<unknown>()
        .delay(seconds(1))
        .catch(cleanUp, () => ({ items: null, copied: null, reason: null })),
    ),
  ).toThrow('`Test.catch`: expected a step before it that can fail, got none');
  expect(() => group.catch(cleanUp, () => ({ items: null, copied: null, reason: null }), { errors: [] })).toThrow(
    'at least one error name',
  );
});
