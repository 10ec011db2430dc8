import { DurableStepsError } from '../errors.js';

/** A length of time: `Duration` of aws-cdk-lib, or its parts: `{ hours: 24 }`, `{ minutes: 1, seconds: 30 }`. */
export type TimeSpan =
  | { toMilliseconds(): number }
  | {
      readonly days?: number;
      readonly hours?: number;
      readonly minutes?: number;
      readonly seconds?: number;
      readonly milliseconds?: number;
    };

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 } as const;

/** The milliseconds of a span. Throws a `DurableStepsError` `InvalidTime` for a negative one or an unknown unit. */
export function toMilliseconds(span: TimeSpan, where: string): number {
  if (typeof span !== 'object' || span === null) {
    const expected = 'a span such as { minutes: 5 }';
    throw new DurableStepsError('InvalidTime', { where, expected, got: `\`${String(span)}\`` });
  }
  const total = 'toMilliseconds' in span ? span.toMilliseconds() : sumOfUnits(span, where);
  if (Number.isFinite(total) && total >= 0) return total;
  throw new DurableStepsError('InvalidTime', { where, expected: 'a span of time, not negative', got: `${total} ms` });
}

function sumOfUnits(span: object, where: string): number {
  return Object.entries(span).reduce((sum, [unit, count]) => {
    if (Object.hasOwn(UNITS, unit) && typeof count === 'number') return sum + count * UNITS[unit as keyof typeof UNITS];
    throw new DurableStepsError('InvalidTime', {
      where,
      expected: `a span such as { minutes: 5 }, of ${Object.keys(UNITS).join(', ')}`,
      got: `\`${unit}: ${String(count)}\``,
    });
  }, 0);
}
