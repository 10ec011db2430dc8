import { parseSchedule } from '../../../lib/local/services/events/schedule-expression.js';

/** The first due times after a moment. */
function due(expression: string, after: string, count = 1, timeZone?: string): readonly string[] {
  const start = Date.parse(after);
  const schedule = parseSchedule(expression, 'S', { start, ...(timeZone === undefined ? {} : { timeZone }) });
  const times: string[] = [];
  for (let moment: number | undefined = start; times.length < count; ) {
    moment = schedule.nextAfter(moment);
    if (moment === undefined) break;
    times.push(new Date(moment).toISOString().replace(':00.000Z', ''));
  }
  return times;
}

describe('a schedule', () => {
  // 1 March 2026 is a Sunday.
  test.each([
    ['rate(5 minutes)', '2026-03-01T12:00:30Z', ['2026-03-01T12:05:30.000Z', '2026-03-01T12:10:30.000Z']],
    ['rate(1 hour)', '2026-03-01T12:00', ['2026-03-01T13:00', '2026-03-01T14:00']],
    ['rate(2 days)', '2026-03-01T12:00', ['2026-03-03T12:00', '2026-03-05T12:00']],
    ['cron(0 3 ? * MON *)', '2026-03-01T12:00', ['2026-03-02T03:00', '2026-03-09T03:00']],
    ['cron(*/20 9-10 * * ? *)', '2026-03-01T10:15', ['2026-03-01T10:20', '2026-03-01T10:40', '2026-03-02T09:00']],
    ['cron(5,35 14 * * ? *)', '2026-03-01T14:05', ['2026-03-01T14:35', '2026-03-02T14:05']],
    ['cron(0 12 L * ? *)', '2026-01-31T12:00', ['2026-02-28T12:00', '2026-03-31T12:00']],
    ['cron(0 12 LW * ? *)', '2026-02-01T00:00', ['2026-02-27T12:00', '2026-03-31T12:00']],
    ['cron(0 9 15W * ? *)', '2026-02-01T00:00', ['2026-02-16T09:00', '2026-03-16T09:00', '2026-04-15T09:00']],
    ['cron(0 9 1W * ? *)', '2026-02-01T00:00', ['2026-02-02T09:00', '2026-03-02T09:00']],
    ['cron(0 9 ? * 6L *)', '2026-03-01T00:00', ['2026-03-27T09:00', '2026-04-24T09:00']],
    ['cron(0 9 ? * L *)', '2026-03-01T00:00', ['2026-03-07T09:00', '2026-03-14T09:00']],
    ['cron(0 9 ? * MON#2 *)', '2026-03-01T00:00', ['2026-03-09T09:00', '2026-04-13T09:00']],
    ['cron(0 9 ? * 2-6 *)', '2026-03-06T09:00', ['2026-03-09T09:00', '2026-03-10T09:00']],
    ['cron(0 0 1 JAN,jul ? *)', '2026-03-01T00:00', ['2026-07-01T00:00', '2027-01-01T00:00']],
    ['cron(0 0 29 2 ? *)', '2026-03-01T00:00', ['2028-02-29T00:00']],
    ['cron(0 0 1 1 ? 2027-2028)', '2026-03-01T00:00', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['at(2026-12-24T18:00:00)', '2026-03-01T00:00', ['2026-12-24T18:00']],
  ])('%s', (expression, after, expected) => {
    const moment = after.endsWith('Z') ? after : `${after}:00Z`;
    expect(due(expression, moment, expected.length)).toEqual(expected);
  });

  test('ends where nothing is due any more', () => {
    expect(due('at(2026-01-01T00:00:00)', '2026-03-01T00:00:00Z')).toEqual([]);
    expect(due('cron(0 0 1 1 ? 2020)', '2026-03-01T00:00:00Z')).toEqual([]);
    expect(due('cron(0 0 31 2 ? *)', '2026-03-01T00:00:00Z')).toEqual([]);
  });

  test('follows the clocks of its time zone through daylight saving', () => {
    expect(due('cron(30 8 * * ? *)', '2026-03-28T00:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-03-28T07:30',
      '2026-03-29T06:30',
    ]);
    expect(due('at(2026-07-01T08:00:00)', '2026-03-01T00:00:00Z', 1, 'America/New_York')).toEqual(['2026-07-01T12:00']);
  });

  test.each([
    ['every 5 minutes', 'expected `rate(…)`, `cron(…)` or `at(…)`'],
    ['rate(5 minute)', 'expected `rate(…)`'],
    ['rate(1 minutes)', 'expected `rate(…)`'],
    ['rate(0 minutes)', 'expected `rate(…)`'],
    ['cron(0 3 * * *)', 'expected six fields'],
    ['cron(0 3 * * MON *)', 'expected `?` in exactly one of day of month and day of week'],
    ['cron(60 3 * * ? *)', 'expected a cron field within 0-59 instead of `60`'],
    ['cron(0 3 ? * FUN *)', 'expected a cron field within 1-7 instead of `FUN`'],
  ])('refuses %s', (expression, message) => {
    expect(() => parseSchedule(expression, 'Nightly', { start: 0 })).toThrow(message);
    expect(() => parseSchedule(expression, 'Nightly', { start: 0 })).toThrow(/^`Nightly`/);
  });
});
