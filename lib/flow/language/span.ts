import { DurableStepsError } from '../../errors.js';

/** A span of time, as `Duration` of aws-cdk-lib gives it. */
export interface Span {
  toSeconds(options?: { readonly integral?: boolean }): number;
}

/** The longest that an execution lives, in seconds: a year. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LONGEST_LIFE = 31_536_000;

/** What a span must keep to. */
export interface SpanBounds {
  /** @default 1 */
  readonly least?: number;
  /** The orchestration's own time-out. @default - not known */
  readonly timeoutSeconds?: number;
}

/**
 * The seconds of a span within an orchestration. What lasts until its end, or for longer than an execution lives, never comes to its own.
 *
 * @param where the option, for messages
 * @throws DurableStepsError `InvalidOption`
 */
export function checkSpan(where: string, span: Span, { least = 1, timeoutSeconds }: SpanBounds = {}): number {
  const seconds = span.toSeconds({ integral: false });
  if (!(Number.isInteger(seconds) && seconds >= least && seconds <= LONGEST_LIFE)) {
    throw new DurableStepsError('InvalidOption', {
      where,
      expected: `whole seconds, from ${least} to ${LONGEST_LIFE} (a year, the longest that an execution lives)`,
      got: `${seconds} s`,
    });
  }
  if (timeoutSeconds !== undefined && seconds >= timeoutSeconds) {
    throw new DurableStepsError('InvalidOption', {
      where,
      expected: `less than the orchestration's own timeout of ${timeoutSeconds} s, which ends everything and can't be caught`,
      got: `${seconds} s`,
      fix: 'give the orchestration a longer `timeout`',
    });
  }
  return seconds;
}
