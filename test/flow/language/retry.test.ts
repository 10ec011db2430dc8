import { renderRetrier, renderRetry } from '../../../lib/flow/language/retry.js';
import { seconds } from '../kit.js';

test('attempts are total, the coefficient is 1 unless given, every error is retried unless named', () => {
  expect(renderRetrier({ maxAttempts: 4, firstInterval: seconds(5) }, 'A')).toEqual({
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 5,
    MaxAttempts: 3,
    BackoffRate: 1,
  });
});

test('all options', () => {
  expect(
    renderRetrier(
      { maxAttempts: 2, backoffRate: 1.5, maxInterval: seconds(60), jitter: 'full', errors: ['Busy'] },
      'A',
    ),
  ).toEqual({
    ErrorEquals: ['Busy'],
    IntervalSeconds: 1,
    MaxAttempts: 1,
    BackoffRate: 1.5,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  });
});

test('one attempt means no retry beyond the transient errors of Lambda', () => {
  expect(renderRetry({ maxAttempts: 1 }, 'A')).toEqual(renderRetry(undefined, 'A'));
  expect(renderRetry(undefined, 'A')).toHaveLength(1);
});

test('the cap equal to the first interval is a constant wait', () => {
  expect(
    renderRetrier({ maxAttempts: 3, firstInterval: seconds(5), backoffRate: 2, maxInterval: seconds(5) }, 'A'),
  ).toMatchObject({ IntervalSeconds: 5, BackoffRate: 1 });
});

test.each([
  [{ maxAttempts: 0 }, '`A.retry.maxAttempts`: expected a whole number from 1 to 99999999, got `0`'],
  [{ maxAttempts: 1.5 }, '`A.retry.maxAttempts`'],
  [{ maxAttempts: 2, firstInterval: seconds(0.5) }, '`A.retry.firstInterval`: expected a whole number of seconds'],
  [{ maxAttempts: 2, backoffRate: 0.5 }, '`A.retry.backoffRate`: expected a number of at least 1, got `0.5`'],
  [
    { maxAttempts: 2, firstInterval: seconds(10), maxInterval: seconds(5) },
    '`A.retry.maxInterval`: expected at least the first interval, 10 s, got 5 s',
  ],
  [{ maxAttempts: 2, errors: [] }, '`A.retry.errors`: expected at least one error name, got none'],
  [{ maxAttempts: 2, errors: ['A', 'B', 'A'] }, '`A.retry.errors`: expected different names, got `A` twice'],
  [
    { maxAttempts: 2, errors: ['A', 'States.ALL'] },
    '`A.retry.errors`: expected `States.ALL` alone, since it stands for every error, got it beside 1 more',
  ],
  [{ maxAttempts: 2, retryTimeout: seconds(60) }, '`A.retry.retryTimeout`: expected it to be absent'],
])('refuses %j', (options, message) => {
  expect(() => renderRetry(options as never, 'A')).toThrow(message);
});
