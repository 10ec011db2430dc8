import type { StudioEdge, StudioGraph, StudioNode } from '../../contract/studio.js';
import { type Bend, type Layers, layersOf, wayKey } from './layers.js';

/** A state in the picture. `x` and `y` are its top left corner, in its graph. */
export interface PlacedNode {
  readonly node: StudioNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The graphs inside of a Map or a Parallel, side by side; `x` and `y` from the state's corner. */
  readonly inner: readonly { readonly x: number; readonly y: number; readonly graph: PlacedGraph }[];
}

/** A way from one state to another. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: StudioEdge['kind'] | 'start';
  readonly label?: string;
  /** An SVG path. */
  readonly path: string;
  /** Where the label's middle is. */
  readonly labelAt: readonly [x: number, y: number];
}

/** A definition, drawn. It fills `width` from `left` on, and `height` from 0 on. */
export interface PlacedGraph {
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  /** Where it begins: a dot. */
  readonly start: readonly [x: number, y: number];
}

/** How much of a graph is drawn. */
export interface LayoutOptions {
  /** Names of Maps and Parallels that are drawn closed. @default - all are open */
  readonly closed?: ReadonlySet<string>;
}

const NODE_WIDTH = 176;
const NODE_HEIGHT = 46;
const SLIM_HEIGHT = 28;
const GAP_X = 28;
const GAP_Y = 40;
const PADDING = 16;
/** The name of a Map or a Parallel stands above what is in it. */
const TITLE = 42;
/** Between lanes at the side. */
const LANE = 22;
const TURN = 8;
const START_Y = 8;

/**
 * Places the states of a definition: those that follow each other below each other, what may happen instead side by side, what is inside in a box. Caught errors bend no
 * lines but their own: they run on a lane at the side, one for each handler, so that any number of them leaves the picture as it is.
 */
export function layoutGraph(graph: StudioGraph, options: LayoutOptions = {}): PlacedGraph {
  const sized = new Map(graph.nodes.map((node) => [node.name, sizeOf(node, options)]));
  const layers = layersOf(graph, (name) => sized.get(name)?.width ?? 0, GAP_X);
  const tops = topsOf(layers, sized);
  const nodes = [...sized.values()].map((one): PlacedNode => {
    const { top, height } = tops[layers.layerOf.get(one.node.name) ?? 0] ?? { top: 0, height: 0 };
    const x = (layers.middles.get(one.node.name) ?? 0) - one.width / 2;
    return { ...one, x, y: top + (height - one.height) / 2 };
  });
  const ways = new Ways(nodes, layers, tops);
  const edges = graph.nodes.flatMap(({ name, next }) =>
    next.flatMap((edge, index) => (isDoubled(edge, next) ? [] : (ways.tryDraw(name, index, edge) ?? []))),
  );
  const first = nodes.find(({ node }) => node.name === graph.start);
  const start = [first === undefined ? 0 : middleOf(first), START_Y] as const;
  const begin: readonly PlacedEdge[] =
    first === undefined
      ? []
      : [{ from: '', to: graph.start, kind: 'start', path: `M${start[0]} ${START_Y}V${first.y}`, labelAt: start }];
  const height = Math.max(...nodes.map((one) => one.y + one.height), START_Y) + 4;
  return { left: ways.left, width: ways.right - ways.left, height, nodes, edges: [...begin, ...edges], start };
}

interface Sized {
  readonly node: StudioNode;
  readonly width: number;
  readonly height: number;
  readonly inner: PlacedNode['inner'];
}

function sizeOf(node: StudioNode, options: LayoutOptions): Sized {
  const { branches } = node;
  if (branches === undefined || options.closed?.has(node.name) === true) {
    const isSlim = node.kind === 'internal' || node.type === 'Succeed';
    return { node, width: NODE_WIDTH, height: isSlim ? SLIM_HEIGHT : NODE_HEIGHT, inner: [] };
  }
  let x = PADDING;
  const inner = branches.map((branch) => {
    const graph = layoutGraph(branch, options);
    const here = { x: x - graph.left, y: TITLE, graph };
    x += graph.width + GAP_X;
    return here;
  });
  const height = TITLE + Math.max(...inner.map(({ graph }) => graph.height), 0) + PADDING;
  return { node, width: Math.max(NODE_WIDTH, x - GAP_X + PADDING), height, inner };
}

interface RowTop {
  readonly top: number;
  readonly height: number;
}

function topsOf({ rows }: Layers, sized: ReadonlyMap<string, Sized>): readonly RowTop[] {
  let top = START_Y + GAP_Y * 0.6;
  return rows.map((row): RowTop => {
    const height = Math.max(...row.map(({ name }) => sized.get(name)?.height ?? 0), 0);
    const here = { top, height };
    top += height + GAP_Y;
    return here;
  });
}

/** Caught or not, it goes on in the same place: one line says it. */
function isDoubled(edge: StudioEdge, all: readonly StudioEdge[]): boolean {
  return edge.kind === 'catch' && all.some(({ to, kind }) => kind !== 'catch' && to === edge.to);
}

/** Draws ways, and knows how far they reach. */
class Ways {
  left: number;
  right: number;
  private readonly placed: ReadonlyMap<string, PlacedNode>;
  private readonly lanes = new Map<string, number>();

  constructor(
    private readonly nodes: readonly PlacedNode[],
    private readonly layers: Layers,
    private readonly tops: readonly RowTop[],
  ) {
    this.placed = new Map(nodes.map((one) => [one.node.name, one]));
    this.left = Math.min(...nodes.map(({ x }) => x), -NODE_WIDTH / 2);
    this.right = Math.max(...nodes.map(({ x, width }) => x + width), NODE_WIDTH / 2);
  }

  tryDraw(name: string, index: number, { to: target, kind, label }: StudioEdge): PlacedEdge | undefined {
    const [from, to] = [this.placed.get(name), this.placed.get(target)];
    if (from === undefined || to === undefined) return undefined;
    const about = { from: name, to: target, kind, ...(label === undefined ? {} : { label }) };
    if (kind === 'catch') return { ...about, ...this.caught(from, to) };
    const bends = this.layers.bends.get(wayKey(name, index));
    return { ...about, ...(bends === undefined ? this.back(from, to) : this.down(from, to, bends)) };
  }

  private down(from: PlacedNode, to: PlacedNode, bends: readonly Bend[]): Pick<PlacedEdge, 'path' | 'labelAt'> {
    const stops = bends.flatMap(({ name, layer }) => {
      const x = this.layers.middles.get(name) ?? 0;
      const { top, height } = this.tops[layer] ?? { top: 0, height: 0 };
      return [[x, top] as const, [x, top + height] as const];
    });
    const start = [middleOf(from), from.y + from.height] as const;
    const points = [...stops, [middleOf(to), to.y] as const];
    let [x, y] = start;
    let path = `M${x} ${y}`;
    for (const [nextX, nextY] of points) {
      const middle = (y + nextY) / 2;
      path += x === nextX ? `V${nextY}` : `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
      [x, y] = [nextX, nextY];
    }
    const [firstX, firstY] = points[0] ?? start;
    return { path, labelAt: [firstX, firstY - 9] };
  }

  /** To what ran before: at the left, around whatever stands between. */
  private back(from: PlacedNode, to: PlacedNode): Pick<PlacedEdge, 'path' | 'labelAt'> {
    const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
    const between = this.nodes.filter(({ y, height }) => y + height >= Math.min(y1, y2) && y <= Math.max(y1, y2));
    const lane = Math.min(...between.map(({ x }) => x)) - LANE;
    this.left = Math.min(this.left, lane - LANE / 2);
    return { path: sideways([from.x, y1], [to.x, y2], lane), labelAt: [lane, (y1 + y2) / 2] };
  }

  /** To what handles an error: at the right. */
  private caught(from: PlacedNode, to: PlacedNode): Pick<PlacedEdge, 'path' | 'labelAt'> {
    const lane = this.lanes.get(to.node.name) ?? this.right + LANE;
    this.lanes.set(to.node.name, lane);
    this.right = Math.max(this.right, lane + 2);
    const start = [from.x + from.width, from.y + from.height / 2] as const;
    const end = [to.x + to.width, to.y + to.height / 2] as const;
    return { path: sideways(start, end, lane), labelAt: [lane, (start[1] + end[1]) / 2] };
  }
}

/** Out to a lane, along it, and in again. */
function sideways([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], lane: number): string {
  const out = Math.sign(lane - x1) * TURN;
  const along = Math.sign(y2 - y1) * Math.min(TURN, Math.abs(y2 - y1) / 2);
  return [
    `M${x1} ${y1}H${lane - out}Q${lane} ${y1} ${lane} ${y1 + along}`,
    `V${y2 - along}Q${lane} ${y2} ${lane - out} ${y2}H${x2}`,
  ].join('');
}

function middleOf({ x, width }: PlacedNode): number {
  return x + width / 2;
}
