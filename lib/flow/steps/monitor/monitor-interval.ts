import { DurableStepsError } from '../../../errors.js';
import type { Kind } from '../../../options/check-options.js';
import { CALLBACK, either, named, needed, number, SPAN, whenHas } from '../../../options/kinds.js';
import type { Ref, Resolvable } from '../../language/reference.js';
import { checkSpan, type Span, type SpanBounds } from '../../language/span.js';

/** An interval that grows: after the n-th poll, `first` times `rate` to the power of n - 1, `max` at most. */
export interface GrowingInterval {
  readonly first: Span;
  /** At least 1. @default 2 */
  readonly rate?: number;
  readonly max: Span;
}

/** An interval that a poll's result chooses. */
export interface ChosenInterval<Result> {
  /** The seconds until the next poll, rounded up. */
  readonly seconds: (result: Ref<Result>) => Resolvable<number>;
  /** Smaller choices are lifted to it. @default - 1 second */
  readonly atLeast?: Span;
}

/** How long a monitor waits between polls. */
export type Interval<Result> = Span | GrowingInterval | ChosenInterval<Result>;

/** What an interval takes. */
export const INTERVAL: Kind = either(
  SPAN,
  named('`{ first, rate, max }`', whenHas('first', { first: needed(SPAN), rate: number(1), max: needed(SPAN) })),
  named('`{ seconds, atLeast }`', whenHas('seconds', { seconds: needed(CALLBACK), atLeast: SPAN })),
);

/** An interval in seconds. */
export type CheckedInterval =
  | { readonly kind: 'fixed'; readonly seconds: number }
  | { readonly kind: 'growing'; readonly first: number; readonly rate: number; readonly max: number }
  // biome-ignore lint/suspicious/noExplicitAny: the callback's own types were checked where the flow was written
  | { readonly kind: 'chosen'; readonly choose: (result: any) => unknown; readonly least: number };

/** Checks an interval; `bounds` hold for the shortest wait. */
export function checkInterval(where: string, interval: Interval<unknown>, bounds: SpanBounds = {}): CheckedInterval {
  const at = `${where}.interval`;
  if ('first' in interval) {
    const first = checkSpan(`${at}.first`, interval.first, bounds);
    const max = checkSpan(`${at}.max`, interval.max);
    const rate = interval.rate ?? 2;
    if (max < first) throw refusal(`${at}.max`, `at least the first interval, ${first} s`, `${max} s`);
    return { kind: 'growing', first, rate, max };
  }
  if ('seconds' in interval) {
    const least = interval.atLeast === undefined ? 1 : checkSpan(`${at}.atLeast`, interval.atLeast, bounds);
    return { kind: 'chosen', choose: interval.seconds, least };
  }
  return { kind: 'fixed', seconds: checkSpan(at, interval, bounds) };
}

function refusal(where: string, expected: string, got: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', { where, expected, got });
}

/** The shortest that the interval can be. */
export function leastSeconds(interval: CheckedInterval): number {
  switch (interval.kind) {
    case 'fixed':
      return interval.seconds;
    case 'growing':
      return interval.first;
    case 'chosen':
      return interval.least;
  }
}

/** The longest that the interval can be, where that is known. */
export function longestSeconds(interval: CheckedInterval): number | undefined {
  switch (interval.kind) {
    case 'fixed':
      return interval.seconds;
    case 'growing':
      return interval.max;
    case 'chosen':
      return undefined;
  }
}

/** How many polls there can be before the deadline. */
export function mostPolls(interval: CheckedInterval, deadline: number): number {
  if (interval.kind !== 'growing') return Math.ceil(deadline / leastSeconds(interval));
  let polls = 0;
  let at = 0;
  for (let wait = interval.first; at < deadline && wait < interval.max && interval.rate > 1; polls++) {
    at += Math.ceil(wait);
    wait *= interval.rate;
  }
  return polls + Math.max(0, Math.ceil((deadline - at) / interval.max));
}

/** JSONata for the seconds to wait after a poll. `chosen` is what the result chose, `polls` the number of polls so far. */
export function renderSeconds(interval: CheckedInterval, polls: string, chosen: (choose: AnyChoose) => string): string {
  switch (interval.kind) {
    case 'fixed':
      return String(interval.seconds);
    case 'growing':
      return renderGrowing(interval, polls);
    case 'chosen':
      return `$ceil($max([${interval.least}, ${chosen(interval.choose)}]))`;
  }
}

/** The cap is asked for first: JSONata fails on a power beyond the largest number, which a long monitor would reach. */
function renderGrowing({ first, rate, max }: Growing, polls: string): string {
  const cappedAfter = growths(first, rate, max);
  if (cappedAfter === 0) return String(max);
  if (cappedAfter === Number.POSITIVE_INFINITY) return String(first);
  return `(${polls} > ${cappedAfter} ? ${max} : $ceil(${first} * $power(${rate}, ${polls} - 1)))`;
}

type Growing = Extract<CheckedInterval, { readonly kind: 'growing' }>;

/** How often the interval grows until it has reached its cap. */
function growths(first: number, rate: number, max: number): number {
  if (first >= max) return 0;
  if (rate === 1) return Number.POSITIVE_INFINITY;
  const estimated = Math.ceil(Math.log(max / first) / Math.log(rate));
  // The logarithms' rounding may give one too many, whose interval would exceed the cap by a hair and be rounded up.
  return estimated > 1 && first * rate ** (estimated - 1) >= max ? estimated - 1 : estimated;
}

// biome-ignore lint/suspicious/noExplicitAny: the callback's own types were checked where the flow was written
type AnyChoose = (result: any) => unknown;
