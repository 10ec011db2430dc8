/** A measured figure. `ratio` says how many times better than the peer it is, whichever direction is better. */
export interface Figure {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  /** The same for the peer, measured in the same run. @default - there is no peer for it */
  readonly peer?: number;
  readonly ratio?: number;
}

/** Something to measure. Each `<topic>.bench.ts` in this folder exports a list of them as `benches`. */
export interface Bench {
  readonly name: string;
  /** Measures, several times where that steadies the figure. */
  readonly run: () => Promise<readonly Figure[]>;
}

/** A rate: more is better. */
export function rate(bench: string, value: number, unit: string, peer?: number): Figure {
  return figure(bench, value, unit, peer, peer === undefined ? undefined : value / peer);
}

/** A cost, such as time or memory: less is better. */
export function cost(bench: string, value: number, unit: string, peer?: number): Figure {
  return figure(bench, value, unit, peer, peer === undefined ? undefined : peer / value);
}

function figure(
  bench: string,
  value: number,
  unit: string,
  peer: number | undefined,
  ratio: number | undefined,
): Figure {
  return {
    bench,
    value: round(value),
    unit,
    ...(peer !== undefined && { peer: round(peer) }),
    ...(ratio !== undefined && { ratio: round(ratio) }),
  };
}

function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** How many seconds something takes. */
export async function secondsOf(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

/** The best of several measurements: the one that other work disturbed least. */
export async function bestOf(times: number, action: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) best = Math.min(best, await secondsOf(action));
  return best;
}
