import type { StudioGraph } from '../../contract/studio.js';

/** What stands in a row: a state, or the bend of a way that passes it. */
export interface LayerItem {
  readonly name: string;
  readonly width: number;
}

/** A way's bend in a row that it passes. */
export interface Bend {
  readonly name: string;
  readonly layer: number;
}

/** The states of one graph in rows. */
export interface Layers {
  readonly rows: readonly (readonly LayerItem[])[];
  readonly layerOf: ReadonlyMap<string, number>;
  /** By state and number of the edge: {@link wayKey}. */
  readonly bends: ReadonlyMap<string, readonly Bend[]>;
  /** The middle of each item. */
  readonly middles: ReadonlyMap<string, number>;
}

type Neighbours = ReadonlyMap<string, readonly string[]>;

interface Way {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly hasLabel: boolean;
  /** Caught errors decide how far down their handler stands, and nothing else. */
  readonly caught: boolean;
}

/** Names an edge: the state that it leaves, and its number there. */
export function wayKey(from: string, index: number): string {
  return `${from}\n${index}`;
}

/** A bend takes little room, but for a label. */
const BEND_WIDTH = 12;
const LABEL_WIDTH = 96;
const SWEEPS = 4;

/**
 * Puts states into rows (each below all that lead to it; ways back don't count), orders each row so that few ways cross, and gives each item its place. The time it takes grows
 * with the number of states and ways.
 */
export function layersOf(graph: StudioGraph, widthOf: (name: string) => number, gap: number): Layers {
  const ways = waysDown(graph);
  const layerOf = rank(graph, ways);
  const rows: LayerItem[][] = [];
  const put = (name: string, layer: number, width: number): void => {
    rows[layer] ??= [];
    rows[layer].push({ name, width });
  };
  for (const [name, layer] of layerOf) put(name, layer, widthOf(name));
  const [up, down] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const link = (from: string, to: string): void => {
    down.set(from, [...(down.get(from) ?? []), to]);
    up.set(to, [...(up.get(to) ?? []), from]);
  };
  const bends = new Map<string, readonly Bend[]>();
  for (const { key, from, to, hasLabel, caught } of ways) {
    if (caught) continue;
    const passed: Bend[] = [];
    for (let layer = (layerOf.get(from) ?? 0) + 1; layer < (layerOf.get(to) ?? 0); layer++) {
      passed.push({ name: `${key}\n${layer}`, layer });
      put(`${key}\n${layer}`, layer, hasLabel && passed.length === 1 ? LABEL_WIDTH : BEND_WIDTH);
    }
    bends.set(key, passed);
    const stops = [from, ...passed.map(({ name }) => name), to];
    for (const [index, stop] of stops.slice(1).entries()) link(stops[index]!, stop);
  }
  const ordered = order(rows, up, down);
  return { rows: ordered, layerOf, bends, middles: place(ordered, up, down, gap) };
}

/** Every way but those that lead back. */
function waysDown(graph: StudioGraph): readonly Way[] {
  const known = new Set(graph.nodes.map(({ name }) => name));
  const byState = new Map(
    graph.nodes.map(({ name, next }) => [
      name,
      next.flatMap(({ to, kind, label }, index): Way[] =>
        known.has(to) && to !== name
          ? [{ key: wayKey(name, index), from: name, to, hasLabel: label !== undefined, caught: kind === 'catch' }]
          : [],
      ),
    ]),
  );
  const reached = new Map<string, 'open' | 'done'>();
  const found: Way[] = [];
  for (const root of [graph.start, ...known]) {
    if (!byState.has(root) || reached.has(root)) continue;
    const stack = [{ name: root, left: [...(byState.get(root) ?? [])] }];
    reached.set(root, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const way = top.left.shift();
      if (way === undefined) {
        reached.set(top.name, 'done');
        stack.pop();
        continue;
      }
      if (reached.get(way.to) !== 'open') found.push(way);
      if (reached.has(way.to)) continue;
      reached.set(way.to, 'open');
      stack.push({ name: way.to, left: [...(byState.get(way.to) ?? [])] });
    }
  }
  return found;
}

/** Each state's row: one below the lowest that leads there. Ways by caught errors count for states that nothing else leads to. */
function rank(graph: StudioGraph, ways: readonly Way[]): ReadonlyMap<string, number> {
  const byFlow = new Set(ways.filter(({ caught }) => !caught).map(({ to }) => to));
  const counted = ways.filter(({ to, caught }) => !caught || !byFlow.has(to));
  const leads = new Map<string, string[]>();
  const missing = new Map<string, number>();
  for (const { from, to } of counted) {
    leads.set(from, [...(leads.get(from) ?? []), to]);
    missing.set(to, (missing.get(to) ?? 0) + 1);
  }
  const layers = new Map<string, number>();
  const ready = [...new Set([graph.start, ...graph.nodes.map(({ name }) => name)])].filter(
    (name) => !missing.has(name),
  );
  const rows = new Map(ready.map((name) => [name, 0]));
  for (let name = ready.shift(); name !== undefined; name = ready.shift()) {
    const layer = rows.get(name) ?? 0;
    layers.set(name, layer);
    for (const to of leads.get(name) ?? []) {
      rows.set(to, Math.max(rows.get(to) ?? 0, layer + 1));
      const left = (missing.get(to) ?? 1) - 1;
      missing.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return layers;
}

/** Orders rows by where their neighbours stand, downwards and upwards in turn. */
function order(rows: readonly (readonly LayerItem[])[], up: Neighbours, down: Neighbours): LayerItem[][] {
  const ordered = rows.map((row) => [...row]);
  const index = new Map<string, number>();
  const note = (row: readonly LayerItem[]): void => {
    for (const [at, { name }] of row.entries()) index.set(name, at);
  };
  for (const row of ordered) note(row);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const near = sweep % 2 === 0 ? up : down;
    for (const row of sweep % 2 === 0 ? ordered : [...ordered].reverse()) {
      const keys = new Map(row.map(({ name }) => [name, mean(near.get(name), index) ?? index.get(name) ?? 0]));
      row.sort((one, other) => (keys.get(one.name) ?? 0) - (keys.get(other.name) ?? 0));
      note(row);
    }
  }
  return ordered;
}

/** Moves each item to the middle of its neighbours, as far as its row has room. */
function place(rows: readonly (readonly LayerItem[])[], up: Neighbours, down: Neighbours, gap: number) {
  const middles = new Map<string, number>();
  for (const row of rows)
    settle(
      row,
      row.map(() => 0),
      gap,
      middles,
    );
  for (let sweep = 0; sweep < SWEEPS * 2; sweep++) {
    const near = sweep % 2 === 0 ? up : down;
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wants = row.map(({ name }) => mean(near.get(name), middles) ?? middles.get(name) ?? 0);
      settle(row, wants, gap, middles);
    }
  }
  return middles;
}

interface Block {
  readonly count: number;
  readonly sum: number;
}

/** The places nearest to those wanted at which nothing overlaps: neighbours that would are moved together, as one block. */
function settle(row: readonly LayerItem[], wants: readonly number[], gap: number, middles: Map<string, number>): void {
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, { width }] of row.entries()) {
    if (index > 0) offset += (row[index - 1]!.width + width) / 2 + gap;
    offsets.push(offset);
  }
  const blocks: Block[] = [];
  for (const [index, want] of wants.entries()) {
    let block: Block = { count: 1, sum: want - offsets[index]! };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { count: block.count + last.count, sum: block.sum + last.sum };
    }
    blocks.push(block);
  }
  let at = 0;
  for (const { count, sum } of blocks) {
    for (let end = at + count; at < end; at++) middles.set(row[at]!.name, sum / count + offsets[at]!);
  }
}

function mean(names: readonly string[] | undefined, values: ReadonlyMap<string, number>): number | undefined {
  if (names === undefined || names.length === 0) return undefined;
  return names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0) / names.length;
}
