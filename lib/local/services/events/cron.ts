import { DurableStepsError } from '../../../errors.js';

const DAY_MS = 86_400_000;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** A combination that comes never (31 February) is given up after this many days: longer than any leap cycle of weekdays. */
const HORIZON_DAYS = 366 * 41;

/** AWS's cron: minutes, hours, day of month, month, day of week, year. */
export interface Cron {
  /** The first due local time after a local time, both as if they were UTC. */
  nextAfter(local: number): number | undefined;
}

/** A calendar day in numbers; `month` and `weekday` count from 1, Sunday is 1. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly lastDay: number;
}

type DayTest = (day: Day) => boolean;

/**
 * Reads AWS's six cron fields, with `*`, `?`, `,`, `-`, `/`, `L`, `W` and `#`.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseCron(expression: string, where: string): Cron {
  const fields = expression.trim().split(/\s+/);
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  const refuse = (expected: string): never => {
    throw new DurableStepsError('InvalidSchedule', { where, expected, got: `\`cron(${expression})\`` });
  };
  if (fields.length !== 6) return refuse('six fields in a cron expression');
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return refuse('`?` in exactly one of day of month and day of week');
  const read = (field: string, from: number, to: number, names: readonly string[] = []) =>
    readField(field, { from, to, names }) ?? refuse(`a cron field within ${from}-${to} instead of \`${field}\``);
  const minuteSet = [...read(minutes, 0, 59)].sort((a, b) => a - b);
  const hourSet = [...read(hours, 0, 23)].sort((a, b) => a - b);
  const monthSet = read(month, 1, 12, MONTHS);
  const yearSet = read(year, 1970, 2199);
  const ofMonth = dayOfMonth === '?' ? () => true : (tryMonthDay(dayOfMonth) ?? inSet(read(dayOfMonth, 1, 31), 'day'));
  const ofWeek =
    dayOfWeek === '?' ? () => true : (tryWeekday(dayOfWeek) ?? inSet(read(dayOfWeek, 1, 7, WEEKDAYS), 'weekday'));
  const matches: DayTest = (day) => yearSet.has(day.year) && monthSet.has(day.month) && ofMonth(day) && ofWeek(day);
  return { nextAfter: (local) => findNext(local, matches, hourSet, minuteSet) };
}

function findNext(
  local: number,
  matches: DayTest,
  hours: readonly number[],
  minutes: readonly number[],
): number | undefined {
  const first = Math.floor(local / DAY_MS) * DAY_MS;
  for (let count = 0; count < HORIZON_DAYS; count++) {
    const midnight = first + count * DAY_MS;
    if (!matches(dayAt(midnight))) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const due = midnight + hour * 3_600_000 + minute * 60_000;
        if (due > local) return due;
      }
    }
  }
  return undefined;
}

function dayAt(midnight: number): Day {
  const date = new Date(midnight);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { year, month, day: date.getUTCDate(), weekday: date.getUTCDay() + 1, lastDay };
}

function inSet(set: ReadonlySet<number>, member: 'day' | 'weekday'): DayTest {
  return (day) => set.has(day[member]);
}

/** `L` (the last day), `LW` (the last weekday of the month), `15W` (the weekday nearest to the 15th). */
function tryMonthDay(field: string): DayTest | undefined {
  if (field === 'L') return ({ day, lastDay }) => day === lastDay;
  if (field === 'LW') return (day) => day.day === nearestWorkday(day, day.lastDay);
  const [, wanted] = /^(\d{1,2})W$/.exec(field) ?? [];
  if (wanted === undefined) return undefined;
  return (day) => Number(wanted) <= day.lastDay && day.day === nearestWorkday(day, Number(wanted));
}

/** The day of the same month, Monday to Friday, that is nearest to a day. */
function nearestWorkday({ day, weekday, lastDay }: Day, wanted: number): number {
  const weekdayOfWanted = ((((weekday - 1 + wanted - day) % 7) + 7) % 7) + 1;
  if (weekdayOfWanted === 7) return wanted === 1 ? 3 : wanted - 1;
  if (weekdayOfWanted === 1) return wanted === lastDay ? wanted - 2 : wanted + 1;
  return wanted;
}

/** `L` (Saturday), `6L` (the last Friday), `MON#2` (the second Monday). */
function tryWeekday(field: string): DayTest | undefined {
  if (field === 'L') return ({ weekday }) => weekday === 7;
  const [, last] = /^(\w{1,3})L$/.exec(field) ?? [];
  if (last !== undefined) {
    const wanted = numberOf(last, WEEKDAYS);
    return ({ weekday, day, lastDay }) => weekday === wanted && day + 7 > lastDay;
  }
  const [, name, nth] = /^(\w{1,3})#([1-5])$/.exec(field) ?? [];
  if (name === undefined) return undefined;
  const wanted = numberOf(name, WEEKDAYS);
  return ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

/** The numbers that a field lists; undefined when it is malformed or out of range. */
function readField(field: string, { from, to, names }: Range): ReadonlySet<number> | undefined {
  const set = new Set<number>();
  for (const part of field.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [first = '', last] = range.split('-');
    const low = range === '*' ? from : numberOf(first, names);
    const high = range === '*' || (step !== undefined && last === undefined) ? to : numberOf(last ?? first, names);
    const stride = Number(step ?? 1);
    if (!(low >= from && high <= to && low <= high && stride >= 1)) return undefined;
    for (let value = low; value <= high; value += stride) set.add(value);
  }
  return set;
}

function numberOf(text: string, names: readonly string[]): number {
  const index = names.indexOf(text.toUpperCase());
  if (index >= 0) return index + 1;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
