import type { StudioGraph, StudioNode } from '../../lib/contract/studio.js';
import { graphOf } from '../../lib/studio/model/graph.js';
import { layoutGraph, type PlacedGraph, type PlacedNode } from '../../lib/studio/model/layout.js';

const pass = (next?: string) => (next === undefined ? { Type: 'Pass', End: true } : { Type: 'Pass', Next: next });
const draw = (states: Readonly<Record<string, unknown>>, start = Object.keys(states)[0]) =>
  layoutGraph(graphOf({ StartAt: start, States: states }));
const at = (graph: PlacedGraph, name: string): PlacedNode => graph.nodes.find(({ node }) => node.name === name)!;
const middle = ({ x, width }: PlacedNode): number => x + width / 2;
const kindsOf = (graph: PlacedGraph) => graph.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`);

function overlaps(one: PlacedNode, other: PlacedNode): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

test('what follows stands below, in one line', () => {
  const graph = draw({ a: pass('b'), b: pass('c'), c: pass() });
  expect(graph.nodes.map(({ node }) => node.name)).toEqual(['a', 'b', 'c']);
  expect(new Set(graph.nodes.map(middle)).size).toBe(1);
  expect(at(graph, 'b').y).toBeGreaterThan(at(graph, 'a').y + at(graph, 'a').height);
  expect(kindsOf(graph)).toEqual([' start a', 'a next b', 'b next c']);
});

test('alternatives stand side by side, with their conditions, and meet in the middle again', () => {
  const graph = draw({
    large: { Type: 'Choice', Choices: [{ Condition: '{% $total > 100 %}', Next: 'review' }], Default: 'ship' },
    review: pass('done'),
    ship: pass('done'),
    done: pass(),
  });
  expect(at(graph, 'review').y).toBe(at(graph, 'ship').y);
  expect(middle(at(graph, 'large'))).toBeCloseTo((middle(at(graph, 'review')) + middle(at(graph, 'ship'))) / 2);
  expect(middle(at(graph, 'done'))).toBeCloseTo(middle(at(graph, 'large')));
  expect(graph.edges.map(({ label }) => label)).toEqual(expect.arrayContaining(['$total > 100', 'otherwise']));
});

test('rules that lead to one state are one way; a rule that leads where the default does is none', () => {
  const graph = draw({
    which: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $a %}', Next: 'x' },
        { Condition: '{% $b %}', Next: 'x' },
        { Condition: '{% $c %}', Next: 'y' },
      ],
      Default: 'y',
    },
    x: pass(),
    y: pass(),
  });
  expect(graph.edges.filter(({ from }) => from === 'which').map(({ to, label }) => `${to}: ${label}`)).toEqual([
    'x: $a or $b',
    'y: otherwise',
  ]);
});

test('a way back runs at the left, and moves nothing', () => {
  const graph = draw({
    poll: pass('done?'),
    'done?': { Type: 'Choice', Choices: [{ Condition: '{% $done %}', Next: 'end' }], Default: 'wait' },
    wait: { Type: 'Wait', Seconds: 5, Next: 'poll' },
    end: pass(),
  });
  expect(at(graph, 'wait').y).toBeGreaterThan(at(graph, 'done?').y);
  const back = graph.edges.find(({ from }) => from === 'wait')!;
  expect(back.labelAt[0]).toBeLessThan(Math.min(...graph.nodes.map(({ x }) => x)));
  expect(graph.left).toBeLessThan(back.labelAt[0]);
});

test('caught errors run on a lane at the right: any number of them leaves the other states where they were', () => {
  const chain = (caught: object) => ({
    a: { ...pass('b'), ...caught },
    b: { ...pass('c'), ...caught },
    c: { ...pass('d'), ...caught },
    d: pass(),
    handle: pass(),
  });
  const caught = draw(chain({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'handle' }] }));
  expect(['a', 'b', 'c', 'd'].map((name) => middle(at(caught, name)))).toEqual(
    ['a', 'b', 'c', 'd'].map(
      (name) => middle(at(draw(chain({})), name)) + (middle(at(caught, 'a')) - middle(at(draw(chain({})), 'a'))),
    ),
  );
  const lanes = caught.edges.filter(({ kind }) => kind === 'catch').map(({ labelAt }) => labelAt[0]);
  expect(lanes).toHaveLength(3);
  expect(new Set(lanes).size).toBe(1);
  expect(lanes[0]).toBeGreaterThan(Math.max(...caught.nodes.map(({ x, width }) => x + width)));
});

test('a Map is a box around what is in it; closed, it is a state like others', () => {
  const map = {
    Type: 'Map',
    ItemProcessor: { StartAt: 'one', States: { one: pass('two'), two: pass() } },
    End: true,
  };
  const open = at(draw({ all: map }), 'all');
  const [inside] = open.inner;
  expect(inside!.graph.nodes.map(({ node }) => node.name)).toEqual(['one', 'two']);
  for (const { x, y, width, height } of inside!.graph.nodes) {
    expect(inside!.x + x).toBeGreaterThan(0);
    expect(inside!.x + x + width).toBeLessThan(open.width);
    expect(inside!.y + y + height).toBeLessThan(open.height);
  }
  const closed = layoutGraph(graphOf({ StartAt: 'all', States: { all: map } }), { closed: new Set(['all']) });
  expect(at(closed, 'all').inner).toEqual([]);
});

/** Numbers from 0 to 1, the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function randomGraph(seed: number, size: number): StudioGraph {
  const random = numbers(seed);
  const names = Array.from({ length: size }, (_, index) => `s${index}`);
  const nodes = names.map((name, index): StudioNode => {
    const count = Math.floor(random() * 4);
    const next = Array.from({ length: count }, () => ({
      to: names[
        random() < 0.8 ? Math.min(size - 1, index + 1 + Math.floor(random() * 5)) : Math.floor(random() * size)
      ]!,
      kind: (['next', 'choice', 'default', 'catch'] as const)[Math.floor(random() * 4)]!,
    }));
    return { name, type: 'Pass', kind: 'flow', next, end: count === 0 };
  });
  return { start: 's0', nodes };
}

test('of any graph all states are drawn, none over another, and each way that leads to a state of it', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const graph = randomGraph(seed, 5 + (seed % 30));
    const drawn = layoutGraph(graph);
    expect(drawn.nodes).toHaveLength(graph.nodes.length);
    for (const [index, one] of drawn.nodes.entries()) {
      for (const other of drawn.nodes.slice(index + 1)) {
        if (overlaps(one, other)) throw new Error(`seed ${seed}: ${one.node.name} over ${other.node.name}`);
      }
    }
    for (const { path, labelAt } of drawn.edges)
      expect(`${path} ${labelAt.join()}`).not.toMatch(/NaN|undefined|Infinity/);
    const shown = new Set(drawn.edges.map(({ from, to }) => `${from} ${to}`));
    for (const { name, next } of graph.nodes) for (const { to } of next) expect(shown).toContain(`${name} ${to}`);
    expect(layoutGraph(graph)).toEqual(drawn);
  }
});

test('a graph that begins nowhere, or leads to states that there aren’t, is drawn as far as it goes', () => {
  expect(draw({}).nodes).toEqual([]);
  expect(kindsOf(draw({ a: pass('nowhere') }, 'missing'))).toEqual([]);
});
