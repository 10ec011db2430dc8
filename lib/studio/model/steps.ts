import type { Trace, TraceSpan, TraceSpanStatus } from './trace.js';

/** How a state of the definition stands, over all its visits: each round of a loop and each item of a Map is one. */
export interface StateSummary {
  readonly name: string;
  readonly spans: readonly TraceSpan[];
  /** How it stands as a whole: what goes on comes before what went wrong, and that before what is done. */
  readonly status: TraceSpanStatus;
  readonly counts: Readonly<Partial<Record<TraceSpanStatus, number>>>;
  readonly attempts: number;
  /** From its first entry to its last exit; to now while it goes on. */
  readonly duration: number;
}

const BY_IMPORTANCE: readonly TraceSpanStatus[] = [
  'running',
  'retrying',
  'waiting',
  'failed',
  'stopped',
  'caught',
  'done',
];

/** The states that were entered, by name: a name is unique in a definition. */
export function summarize(trace: Trace, now: number): ReadonlyMap<string, StateSummary> {
  const byName = new Map<string, TraceSpan[]>();
  for (const span of trace.spans) {
    if (span.kind !== 'state') continue;
    const known = byName.get(span.name);
    if (known === undefined) byName.set(span.name, [span]);
    else known.push(span);
  }
  return new Map([...byName].map(([name, spans]) => [name, summaryOf(name, spans, now)]));
}

function summaryOf(name: string, spans: readonly TraceSpan[], now: number): StateSummary {
  const counts: Partial<Record<TraceSpanStatus, number>> = {};
  let attempts = 0;
  let end = 0;
  for (const span of spans) {
    counts[span.status] = (counts[span.status] ?? 0) + 1;
    attempts += span.attempts.length;
    end = Math.max(end, span.end ?? now);
  }
  // Rounds of a loop follow each other, and the last one tells how it stands; items of a Map run side by side.
  const isLoop = spans.every((span, index) => index === 0 || spans[index - 1]!.parent === span.parent);
  const status = isLoop ? spans.at(-1)!.status : (BY_IMPORTANCE.find((one) => (counts[one] ?? 0) > 0) ?? 'done');
  return { name, spans, status, counts, attempts, duration: Math.max(0, end - spans[0]!.start) };
}

/** A step in a list, as deep as it is inside others. */
export interface StepRow {
  readonly span: TraceSpan;
  readonly depth: number;
}

/** Steps as rows, each followed by those inside it; closed ones are alone. */
export function rowsOf(
  spans: readonly TraceSpan[],
  isClosed: (span: TraceSpan) => boolean,
  depth = 0,
): readonly StepRow[] {
  const rows: StepRow[] = [];
  const add = (all: readonly TraceSpan[], level: number): void => {
    for (const span of all) {
      rows.push({ span, depth: level });
      if (span.children.length > 0 && !isClosed(span)) add(span.children, level + 1);
    }
  };
  add(spans, depth);
  return rows;
}

/** A stretch in which nothing happened, drawn shorter than it was. */
export interface Fold {
  readonly from: number;
  readonly to: number;
}

/** Where times are in a picture: from 0 to 1. */
export interface TimeScale {
  readonly folds: readonly Fold[];
  at(time: number): number;
}

/** How much longer than the usual distance between two events a stretch must be to be folded. */
const IDLE_FACTOR = 40;

/**
 * Times in their proportions, or with long waits folded, so that work of milliseconds can be seen beside a wait of a week.
 *
 * @param times when something happened, in order
 */
export function timeScale(times: readonly number[], end: number, isFolded: boolean): TimeScale {
  const stops = [...new Set([...times, end])].sort((one, other) => one - other);
  const gaps = stops.slice(1).map((stop, index) => stop - stops[index]!);
  const usual = [...gaps].sort((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0;
  const most = isFolded ? Math.max(usual * IDLE_FACTOR, 1) : Number.POSITIVE_INFINITY;
  const folds: Fold[] = [];
  const places: number[] = [0];
  for (const [index, gap] of gaps.entries()) {
    places.push(places[index]! + Math.min(gap, most));
    if (gap > most) folds.push({ from: stops[index]!, to: stops[index + 1]! });
  }
  const whole = places.at(-1) || 1;
  return { folds, at: (time) => placeOf(time, stops, places) / whole };
}

function placeOf(time: number, stops: readonly number[], places: readonly number[]): number {
  let [low, high] = [0, stops.length - 1];
  if (high < 0 || time <= stops[0]!) return 0;
  if (time >= stops[high]!) return places[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (stops[middle]! <= time) low = middle;
    else high = middle;
  }
  const part = (time - stops[low]!) / (stops[high]! - stops[low]! || 1);
  return places[low]! + part * (places[high]! - places[low]!);
}
