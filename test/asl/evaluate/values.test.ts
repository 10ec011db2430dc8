import { parseCsv } from '../../../lib/asl/language/csv.js';
import { exceedsJsonSize } from '../../../lib/asl/language/json-size.js';
import { matchesError, readRetryPolicies, retryDelaySeconds } from '../../../lib/asl/language/retry.js';
import { StatesError, taskError } from '../../../lib/asl/language/states-error.js';
import { tryReadTaskResource } from '../../../lib/asl/language/task-resource.js';

describe('CSV', () => {
  it('has quoted fields with delimiters, quotes and line ends, and rows of any length', () => {
    expect(parseCsv('a,"b,""c""","d\ne"\r\n\n1,2\n', ',')).toEqual([
      ['a', 'b,"c"', 'd\ne'],
      ['1', '2'],
    ]);
  });

  it('has another delimiter on demand', () => {
    expect(parseCsv('a|b', '|')).toEqual([['a', 'b']]);
  });
});

describe('the size of a payload', () => {
  it('counts bytes of JSON, not characters', () => {
    const quotes = 2;
    expect(exceedsJsonSize('x'.repeat(262_144 - quotes))).toBe(false);
    expect(exceedsJsonSize('x'.repeat(262_145 - quotes))).toBe(true);
    expect(exceedsJsonSize('é'.repeat(131_072))).toBe(true);
    expect(exceedsJsonSize('é'.repeat(131_071))).toBe(false);
  });

  it('counts the structure too', () => {
    const items = Array.from({ length: 65_536 }, () => 'a');
    expect(exceedsJsonSize(items)).toBe(true);
    expect(exceedsJsonSize(items.slice(1))).toBe(false);
  });
});

describe('a retry', () => {
  const [policy] = readRetryPolicies([
    { ErrorEquals: ['X'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, JitterStrategy: 'FULL' },
  ]);

  it('waits by interval and rate, up to the longest delay, times the jitter', () => {
    expect([0, 1, 2].map((attempt) => retryDelaySeconds(policy!, attempt, () => 0.5))).toEqual([1, 3, 5]);
    expect(
      [0, 1, 2].map((attempt) => retryDelaySeconds({ ...policy!, fullJitter: false }, attempt, () => 0.5)),
    ).toEqual([2, 6, 10]);
  });

  it("has AWS's defaults: 3 retries after 1, 2 and 4 seconds", () => {
    const [plain] = readRetryPolicies([{ ErrorEquals: ['X'] }]);
    expect(plain!.maxAttempts).toBe(3);
    expect([0, 1, 2].map((attempt) => retryDelaySeconds(plain!, attempt, Math.random))).toEqual([1, 2, 4]);
  });
});

describe('the names of errors', () => {
  const named = (error: string | undefined, names: readonly string[]) =>
    matchesError(names, new StatesError(error, undefined));

  it("States.ALL is all but what nothing catches, and but data over the limit that is no task's result", () => {
    expect(named('X', ['States.ALL'])).toBe(true);
    expect(named(undefined, ['States.ALL'])).toBe(true);
    expect(named('States.DataLimitExceeded', ['States.ALL'])).toBe(false);
    expect(named('States.DataLimitExceeded', ['States.DataLimitExceeded'])).toBe(true);
    expect(matchesError(['States.ALL'], taskError('States.DataLimitExceeded', undefined))).toBe(true);
    expect(named('States.Runtime', ['States.ALL'])).toBe(false);
    expect(named('States.Runtime', ['States.Runtime'])).toBe(false);
  });

  it('States.TaskFailed is all but a timeout', () => {
    expect(named('X', ['States.TaskFailed'])).toBe(true);
    expect(named('States.Timeout', ['States.TaskFailed'])).toBe(false);
    expect(named('States.Timeout', ['States.Timeout'])).toBe(true);
  });
});

describe('a resource', () => {
  it.each([
    ['arn:aws:lambda:us-east-1:123456789012:function:f', { kind: 'lambda' }],
    ['arn:aws:lambda:us-east-1:123456789012:function:f:live', { kind: 'lambda' }],
    ['arn:aws:states:us-east-1:123456789012:activity:a', { kind: 'activity' }],
    [
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
      { service: 'lambda', action: 'invoke', sdk: false, pattern: 'waitForTaskToken' },
    ],
    [
      'arn:aws-cn:states:::states:startExecution.sync:2',
      { service: 'states', action: 'startExecution', pattern: 'sync:2' },
    ],
    [
      'arn:aws:states:::aws-sdk:dynamodb:putItem',
      { service: 'dynamodb', action: 'putItem', sdk: true, pattern: 'request' },
    ],
  ])('%s is read', (arn, expected) => {
    expect(tryReadTaskResource(arn)).toMatchObject(expected);
  });

  it.each(['lambda', 'arn:aws:s3:::bucket', 'arn:aws:states:::lambda', 'arn:aws:states:::lambda:invoke.later'])(
    '%s is none',
    (arn) => {
      expect(tryReadTaskResource(arn)).toBeUndefined();
    },
  );
});
