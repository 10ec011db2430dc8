import { DurableStepsError } from '../../../errors.js';
import type { Span } from '../../language/span.js';

/** A stretch of an approval between two mails: a callback task of its own. */
export type WindowPlan = {
  /** When it ends, counted from the request. @default - at the deadline, which is known only when the workflow runs */
  readonly until: Span | undefined;
  readonly isLast: boolean;
} & (
  | { readonly kind: 'ask' }
  | { readonly kind: 'remind'; readonly number: number }
  | { readonly kind: 'escalate'; readonly approvers: unknown }
);

/** What decides over an approval's windows. */
export interface TimelineOptions {
  readonly timeout?: Span;
  readonly reminders?: readonly Span[] | { readonly every: Span; readonly atMost?: number };
  readonly escalation?: { readonly after: Span; readonly approvers: unknown };
  readonly onTimeout?: string | { readonly escalateTo: unknown; readonly timeout: Span };
}

const MOST_REMINDERS = 20;

type Beginning = { readonly at: number } & (
  | { readonly kind: 'remind'; readonly number: number }
  | { readonly kind: 'escalate'; readonly approvers: unknown }
);

/**
 * The windows of an approval in order.
 *
 * @throws DurableStepsError `InvalidOption` for what comes after the deadline, twice, or too often
 */
export function approvalTimeline(where: string, options: TimelineOptions): readonly WindowPlan[] {
  const { onTimeout } = options;
  const first = options.timeout?.toSeconds({ integral: false });
  const extra = typeof onTimeout === 'object' ? onTimeout : undefined;
  if (extra !== undefined && first === undefined) {
    throw refusal(where, 'onTimeout', 'a `timeout` beside an escalation at its end', 'a `deadline`');
  }
  if (extra !== undefined && options.escalation !== undefined) {
    throw refusal(where, 'onTimeout', 'one escalation', 'another one in `escalation`');
  }
  const end =
    first === undefined
      ? undefined
      : first + (extra === undefined ? 0 : secondsOf(where, 'onTimeout.timeout', extra.timeout));
  const beginnings = [...reminders(where, options.reminders, first), ...escalations(where, options, extra, first)].sort(
    (one, other) => one.at - other.at,
  );
  const starts = [{ kind: 'ask' as const }, ...beginnings.map(({ at: _at, ...window }) => window)];
  return starts.map((window, index) => {
    const next = beginnings[index]?.at ?? end;
    return { ...window, until: next === undefined ? undefined : spanOf(next), isLast: index === beginnings.length };
  });
}

function reminders(where: string, given: TimelineOptions['reminders'], end: number | undefined): readonly Beginning[] {
  if (given === undefined) return [];
  const times = isList(given) ? given.map((span) => secondsOf(where, 'reminders', span)) : repeated(where, given, end);
  if (times.length > MOST_REMINDERS) {
    throw refusal(
      where,
      'reminders',
      `at most ${MOST_REMINDERS}`,
      String(times.length),
      'each is a state; remind less often',
    );
  }
  const sorted = [...times].sort((one, other) => one - other);
  for (const [index, at] of sorted.entries()) {
    if (at === sorted[index - 1]) throw refusal(where, 'reminders', 'different times', `${at} s twice`);
    checkBefore(where, 'reminders', at, end);
  }
  return sorted.map((at, index) => ({ kind: 'remind', at, number: index + 1 }));
}

function isList(given: NonNullable<TimelineOptions['reminders']>): given is readonly Span[] {
  return Array.isArray(given);
}

function repeated(
  where: string,
  { every, atMost }: { readonly every: Span; readonly atMost?: number },
  end: number | undefined,
): readonly number[] {
  const interval = secondsOf(where, 'reminders.every', every);
  if (atMost === undefined && end === undefined) {
    throw refusal(
      where,
      'reminders.atMost',
      'a number, since the deadline is known only when the workflow runs',
      'nothing',
    );
  }
  if (atMost !== undefined && !(Number.isInteger(atMost) && atMost >= 1)) {
    throw refusal(where, 'reminders.atMost', 'a whole number of at least 1', `\`${atMost}\``);
  }
  const fitting = end === undefined ? Number.POSITIVE_INFINITY : Math.ceil(end / interval) - 1;
  const count = Math.min(atMost ?? MOST_REMINDERS + 1, fitting);
  return Array.from({ length: count }, (_, index) => interval * (index + 1));
}

function escalations(
  where: string,
  { escalation }: TimelineOptions,
  extra: { readonly escalateTo: unknown } | undefined,
  first: number | undefined,
): readonly Beginning[] {
  if (extra !== undefined) return [{ kind: 'escalate', at: first!, approvers: extra.escalateTo }];
  if (escalation === undefined) return [];
  const at = secondsOf(where, 'escalation.after', escalation.after);
  checkBefore(where, 'escalation.after', at, first);
  return [{ kind: 'escalate', at, approvers: escalation.approvers }];
}

function checkBefore(where: string, option: string, at: number, end: number | undefined): void {
  if (end === undefined || at < end) return;
  throw refusal(where, option, `a time before the deadline, ${end} s`, `${at} s`);
}

function secondsOf(where: string, option: string, span: Span): number {
  const seconds = span.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw refusal(where, option, 'whole seconds, at least 1', `${seconds} s`);
}

function spanOf(seconds: number): Span {
  return { toSeconds: () => seconds };
}

function refusal(where: string, option: string, expected: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', {
    where: `${where}.${option}`,
    expected,
    got,
    ...(fix !== undefined && { fix }),
  });
}
