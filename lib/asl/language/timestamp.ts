const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/** The time of an ISO 8601 extended offset date-time such as `2016-03-14T01:59:00Z`, in milliseconds; `undefined` when the text is none. */
export function tryParseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', offset = 'Z'] = match;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const inRange =
    between(Number(month), 1, 12) &&
    between(Number(day), 1, days) &&
    between(Number(hour), 0, 23) &&
    between(Number(minute), 0, 59) &&
    between(Number(second), 0, 59);
  const shift = offsetMinutes(offset);
  if (!inRange || shift === undefined) return undefined;
  const millis = Number(fraction.padEnd(3, '0').slice(0, 3));
  const utc = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    millis,
  );
  return utc - shift * 60_000;
}

function offsetMinutes(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || 0);
  if (hours > 18 || minutes > 59) return undefined;
  return (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

function between(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
