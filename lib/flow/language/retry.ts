import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOptions } from '../../options/check-options.js';
import { ANYTHING, listOf, needed, number, oneOf, SPAN, text, whole } from '../../options/kinds.js';
import type { Span } from './span.js';

/** How an activity is tried again, in the terms of Durable Functions. */
export interface RetryOptions {
  /** How often it is called in total, the first call included; 1 means no retry. */
  readonly maxAttempts: number;
  /** The wait before the second attempt; whole seconds, at least 1. @default - 1 second */
  readonly firstInterval?: Span;
  /** What each wait is multiplied by to give the next; at least 1. @default 1 */
  readonly backoffRate?: number;
  /** No wait is longer than this. @default - no bound */
  readonly maxInterval?: Span;
  /** Spreads each wait at random between 0 and its length. @default 'none' */
  readonly jitter?: 'none' | 'full';
  /** Names of the errors that are tried again. @default ['States.ALL'], every error */
  readonly errors?: readonly string[];
  /** Step Functions can't bound the total time of retries: bound the attempts instead. Giving it is refused. */
  readonly retryTimeout?: never;
}

/** A retrier of Amazon States Language. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/**
 * Errors of Lambda itself rather than of the function: throttling, and faults on the way.
 * The list is AWS's own recommendation plus throttling: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
export const lambdaTransientErrors: readonly string[] = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/**
 * How the kit calls again what AWS throttled, or what failed inside AWS: after 2 s, 4 s, 8 s and so on, a minute at most, each at random between nothing and that, so that those
 * who were throttled together don't come back together.
 */
export function patientRetrier(errors: readonly string[], maxAttempts: number, maxDelaySeconds = 60): Retrier {
  return {
    ErrorEquals: errors,
    IntervalSeconds: 2,
    MaxAttempts: maxAttempts,
    BackoffRate: 2,
    MaxDelaySeconds: maxDelaySeconds,
    JitterStrategy: 'FULL',
  };
}

/**
 * The same for what a service throttled, over some 10 minutes, 19 at most: a fan-out may want more than the account's concurrency for as long as its items run. Longer pauses rather than more
 * of them, since each attempt takes its place in the history.
 */
export function throttleRetrier(errors: readonly string[]): Retrier {
  return patientRetrier(errors, 12, 180);
}

const transientRetrier = throttleRetrier(lambdaTransientErrors);

const RETRY: Checks<RetryOptions> = {
  maxAttempts: needed(whole(1, 99_999_999)),
  firstInterval: SPAN,
  backoffRate: number(1),
  maxInterval: SPAN,
  jitter: oneOf('none', 'full'),
  errors: listOf(text('the name of an error')),
  retryTimeout: ANYTHING,
};

/** The retriers of a Lambda task: the user's, and always those for Lambda's transient errors. */
export function renderRetry(retry: RetryOptions | undefined, where: string): readonly Retrier[] {
  if (retry === undefined) return [transientRetrier];
  const own = renderRetrier(retry, where);
  return retry.maxAttempts === 1 ? [transientRetrier] : [transientRetrier, own];
}

/** One retrier from the terms of Durable Functions. */
export function renderRetrier(retry: RetryOptions, where: string): Retrier {
  const at = `${where}.retry`;
  checkOptions(at, retry, RETRY);
  refuseTotalTime(at, retry);
  const attempts = retry.maxAttempts;
  const interval = readFirstInterval(at, retry);
  const longest = readLongest(at, retry, interval);
  return {
    ErrorEquals: readErrors(at, retry),
    IntervalSeconds: interval,
    MaxAttempts: attempts - 1,
    // Step Functions wants the cap to be above the first interval: an equal one means a constant wait.
    BackoffRate: longest === interval ? 1 : (retry.backoffRate ?? 1),
    ...(longest !== undefined && longest > interval && { MaxDelaySeconds: longest }),
    ...(retry.jitter === 'full' && { JitterStrategy: 'FULL' as const }),
  };
}

function refuseTotalTime(at: string, { retryTimeout }: RetryOptions): void {
  if (retryTimeout === undefined) return;
  throw new DurableStepsError('InvalidOption', {
    where: `${at}.retryTimeout`,
    expected: "it to be absent, since Step Functions can't bound the total time of retries",
    got: 'a value',
    fix: 'bound `maxAttempts` and `maxInterval`, or give the orchestration a `timeout`',
  });
}

function readFirstInterval(at: string, { firstInterval }: RetryOptions): number {
  return integerBetween(`${at}.firstInterval`, seconds(firstInterval) ?? 1, 1, 99_999_999, ' of seconds');
}

function readLongest(at: string, { maxInterval }: RetryOptions, interval: number): number | undefined {
  const longest = seconds(maxInterval);
  if (longest === undefined) return undefined;
  integerBetween(`${at}.maxInterval`, longest, 1, 31_622_399, ' of seconds');
  if (longest >= interval) return longest;
  throw new DurableStepsError('InvalidOption', {
    where: `${at}.maxInterval`,
    expected: `at least the first interval, ${interval} s`,
    got: `${longest} s`,
  });
}

function readErrors(at: string, { errors = [ALL] }: RetryOptions): readonly string[] {
  const where = `${at}.errors`;
  if (errors.length === 0) {
    throw new DurableStepsError('InvalidOption', {
      where,
      expected: 'at least one error name',
      got: 'none',
      fix: 'omit it to retry every error',
    });
  }
  const twice = errors.find((name, index) => errors.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new DurableStepsError('InvalidOption', { where, expected: 'different names', got: `\`${twice}\` twice` });
  }
  if (errors.length === 1 || !errors.includes(ALL)) return errors;
  throw new DurableStepsError('InvalidOption', {
    where,
    expected: `\`${ALL}\` alone, since it stands for every error`,
    got: `it beside ${errors.length - 1} more`,
    fix: 'omit the others, or omit `errors` to retry every error',
  });
}

/** Stands for every error; Step Functions takes it alone. */
const ALL = 'States.ALL';

function seconds(span: Span | undefined): number | undefined {
  return span?.toSeconds({ integral: false });
}

function integerBetween(where: string, value: number, least: number, most: number, what = ''): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new DurableStepsError('InvalidOption', {
    where,
    expected: `a whole number${what} from ${least} to ${most}`,
    got: `\`${value}\``,
  });
}
