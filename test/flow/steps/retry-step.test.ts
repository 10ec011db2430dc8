import { flow, retry } from '../../../lib/flow/index.js';
import { activity, compile, seconds } from '../kit.js';
import { failure, run, type Stub } from '../run.js';

const first = activity<string, string>('First');
const second = activity<string, string>('Second', { maxAttempts: 2 });

/** Fails so many times, then gives the number of calls. */
const failing = (times: number): Stub => {
  let calls = 0;
  return () => {
    calls += 1;
    if (calls <= times) throw failure('Busy');
    return `after ${calls}`;
  };
};

test('an activity gets a retrier more', async () => {
  const steps = flow<string>().step(
    'first',
    retry(first, { maxAttempts: 4, firstInterval: seconds(5), backoffRate: 2 }),
  );
  const { output, bench } = await run(compile(steps), { First: failing(3) }, 'x');
  expect(output).toBe('after 4');
  expect(bench.calls.map(({ at }) => at)).toEqual([0, 5, 15, 35]);
});

test('it takes the place of the activity’s own', () => {
  const steps = flow<string>().step('second', retry(second, { maxAttempts: 5 }));
  expect((compile(steps).States['second']!['Retry'] as readonly unknown[]).slice(1)).toEqual([
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 4, BackoffRate: 1 },
  ]);
});

test('several states are tried again as a whole', async () => {
  const both = flow<string>().step('first', first).step('second', second);
  const steps = flow<string>()
    .step('both', retry(both, { maxAttempts: 3 }))
    .output(({ both }) => ({ both }));
  const { output, bench } = await run(compile(steps), { First: () => 'one', Second: failing(2) }, 'x');
  expect(output).toEqual({ both: 'after 3' });
  expect(bench.calls.map(({ name }) => name)).toEqual(['First', 'Second', 'Second', 'First', 'Second']);
});

test('one attempt is no retry', () => {
  expect(retry(first, { maxAttempts: 1 })).toBe(first);
});
