import { tryOwn } from '../../../asl/language/json.js';
import { DurableStepsError } from '../../../errors.js';
import { parseCron } from './cron.js';

/** When a schedule is due. */
export interface Schedule {
  /** The first due time after a moment (milliseconds since the epoch), or undefined when there is none any more. */
  nextAfter(moment: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)`, `cron(0 3 ? * MON *)` or `at(2026-12-24T18:00:00)`; refuses anything else.
 *
 * @param options.start the beginning of a rate, in milliseconds since the epoch
 * @param options.timeZone an IANA name, for cron and at
 */
export function parseSchedule(
  expression: string,
  where: string,
  { start, timeZone = 'UTC' }: { readonly start: number; readonly timeZone?: string },
): Schedule {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  const schedule = kind === 'rate' ? tryRate(argument, start) : kind === 'at' ? tryAt(argument, timeZone) : undefined;
  if (schedule !== undefined) return schedule;
  if (kind === 'cron') return cronSchedule(argument, where, timeZone);
  throw refusal(where, '`rate(…)`, `cron(…)` or `at(…)`', expression);
}

/** The moment at which clocks of a time zone show a local time (given as if it were UTC). */
function toUtc(local: number, timeZone: string): number {
  // The offset at the guess may differ from the one at the result, next to a change of daylight saving: the second round settles it.
  const guess = local - offsetAt(local, timeZone);
  return local - offsetAt(guess, timeZone);
}

/** What clocks of a time zone show at a moment, as if it were UTC. */
function toLocal(moment: number, timeZone: string): number {
  return moment + offsetAt(moment, timeZone);
}

function tryRate(argument: string, start: number): Schedule | undefined {
  const [, count = '', unit = '', plural] = /^(\d+) (minute|hour|day)(s?)$/.exec(argument) ?? [];
  const period = Number(count) * (tryOwn(UNIT_MS, unit) ?? 0);
  if (period <= 0 || (Number(count) === 1) !== (plural === '')) return undefined;
  return { nextAfter: (moment) => start + (Math.floor(Math.max(0, moment - start) / period) + 1) * period };
}

function tryAt(argument: string, timeZone: string): Schedule | undefined {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument) ? Date.parse(`${argument}Z`) : Number.NaN;
  if (Number.isNaN(local)) return undefined;
  const due = toUtc(local, timeZone);
  return { nextAfter: (moment) => (due > moment ? due : undefined) };
}

function cronSchedule(argument: string, where: string, timeZone: string): Schedule {
  const cron = parseCron(argument, where);
  return {
    nextAfter(moment) {
      for (let local = cron.nextAfter(toLocal(moment, timeZone)); local !== undefined; local = cron.nextAfter(local)) {
        const due = toUtc(local, timeZone);
        if (due > moment) return due;
      }
      return undefined;
    },
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAt(moment: number, timeZone: string): number {
  if (timeZone === 'UTC' || timeZone === 'Etc/UTC') return 0;
  let format = formats.get(timeZone);
  if (format === undefined) {
    const fields = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
}

function refusal(where: string, expected: string, got: string): DurableStepsError {
  return new DurableStepsError('InvalidSchedule', { where, expected, got: `\`${got}\`` });
}
