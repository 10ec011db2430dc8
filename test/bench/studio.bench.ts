import { gzipSync } from 'node:zlib';
import { VirtualClock } from '../../lib/clock.js';
import type { StudioGraph, TraceEvent } from '../../lib/contract/studio.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { loadAssets } from '../../lib/local/studio/assets.js';
import { layoutGraph } from '../../lib/studio/model/layout.js';
import { summarize } from '../../lib/studio/model/steps.js';
import { Trace } from '../../lib/studio/model/trace.js';
import { writeApp } from '../assembly/write-app.js';
import { launchBrowser } from '../end-to-end/browser.js';
import { ADMIN_ROLE, stateMachine } from '../local/local-app.js';
import { type Bench, cost, type Figure } from './bench.js';

/**
 * Studio: its script, gzipped, against the 40 KB that it may have; a history of 25,000 events as steps, which a step of the slider is at most; the layout of 300 states; and in a real browser
 * the time from the address to the first 100 instances, and a keystroke in the filter over 10,000 of them with how many elements there are. There is no peer: the peers are the goals.
 */
export const benches: readonly Bench[] = [{ name: 'studio', run: measure }];

const GOALS = { scriptKb: 40, foldMs: 16, layoutMs: 20, listMs: 300, filterMs: 200, elements: 2_000 };

async function measure(): Promise<readonly Figure[]> {
  const { script } = await loadAssets();
  const events = longHistory(25_000);
  const graph = largeGraph(300);
  return [
    cost('studio-script', gzipSync(script, { level: 9 }).length / 1024, 'KB gzipped', GOALS.scriptKb),
    cost(
      'studio-history-25000',
      median(() => summarize(fold(events), 0)),
      'ms',
      GOALS.foldMs,
    ),
    cost(
      'studio-layout-300',
      median(() => layoutGraph(graph)),
      'ms',
      GOALS.layoutMs,
    ),
    ...(await inBrowser()),
  ];
}

function median(work: () => unknown): number {
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((one, other) => one - other)[4]!;
}

function fold(events: readonly TraceEvent[]): Trace {
  const trace = new Trace();
  for (const event of events) trace.add(event);
  return trace;
}

/** A Map of tasks: six events for each item. */
function longHistory(count: number): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const add = (type: string, prev: number, more: Partial<TraceEvent> = {}): number => {
    const id = events.length + 1;
    events.push({ id, prev, time: id, type, ...more });
    return id;
  };
  const all = add('MapStateEntered', add('ExecutionStarted', 0), { name: 'all' });
  const started = add('MapStateStarted', all, { more: { length: count } });
  for (let index = 0; events.length < count - 7; index++) {
    let at = add('MapIterationStarted', started, { more: { index } });
    at = add('TaskStateEntered', at, { name: 'one' });
    for (const type of ['TaskScheduled', 'TaskStarted', 'TaskSucceeded']) at = add(type, at);
    at = add('TaskStateExited', at, { name: 'one' });
    add('MapIterationSucceeded', at, { more: { index } });
  }
  return events;
}

/** A choice at every fourth state, and a third of all with one handler. */
function largeGraph(count: number): StudioGraph {
  const name = (index: number): string => `state ${Math.min(count - 1, index)}`;
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: name(index),
    type: 'Task',
    kind: 'activity' as const,
    end: index === count - 1,
    next: [
      ...(index % 4 === 0 ? [{ to: name(index + 2), kind: 'choice' as const }] : []),
      { to: name(index + 1), kind: index % 4 === 0 ? ('default' as const) : ('next' as const) },
      ...(index % 3 === 0 ? [{ to: name(count - 1), kind: 'catch' as const }] : []),
    ],
  }));
  return { start: name(0), nodes };
}

async function inBrowser(): Promise<readonly Figure[]> {
  const Machine = stateMachine({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  const app = writeApp({ stacks: { Demo: { resources: { Role: ADMIN_ROLE, Machine } } } });
  const cloud = await LocalCloud.load(app, { clock: new VirtualClock({ start: Date.now() }) });
  const browser = await launchBrowser();
  try {
    const start = (count: number): void => {
      const { stateMachineArn } = cloud.orchestration('Machine');
      for (let number = 0; number < count; number++) cloud.stepFunctions.startExecution({ stateMachineArn });
    };
    start(100);
    const page = await browser.newPage();
    const open = async (): Promise<number> => {
      const begun = performance.now();
      await page.goto(cloud.listen().studio);
      await page.getByRole('row').nth(1).waitFor();
      return performance.now() - begun;
    };
    await open();
    const list = Math.min(await open(), await open(), await open());
    start(9_900);
    await page.reload();
    await page.locator('[aria-rowcount="10001"]').waitFor();
    const elements = await page.locator('*').count();
    const begun = performance.now();
    await page.getByRole('searchbox').fill('zzz');
    await page.getByText('No instance fits').waitFor();
    const filter = performance.now() - begun;
    return [
      cost('studio-first-100', list, 'ms', GOALS.listMs),
      cost('studio-filter-10000', filter, 'ms', GOALS.filterMs),
      cost('studio-elements-10000', elements, 'elements', GOALS.elements),
    ];
  } finally {
    await browser.close();
    await cloud.close();
  }
}
