import { isDerivedKey } from '../../../lib/contract/instance-id.js';
import { type AnyStep, fanOutFanIn, flow, type Step } from '../../../lib/flow/index.js';
import { compileSubOrchestration, type SubOrchestration } from '../../../lib/flow/steps/sub-orchestration.js';
import { activity, compile } from '../kit.js';
import { Bench } from '../run.js';

const NAMES = ['A', 'Ł', 'Ann’s', 'Anns', 'ship to', 'ship.to', 'ship/to', 'ship', '3', '注文', '🚀', 'x'.repeat(80)];

const prefix = 'arn:aws:states:us-east-1:123456789012';
const asChild: SubOrchestration = {
  stateMachineArn: `${prefix}:stateMachine:Child`,
  executionsArn: `${prefix}:execution:Child:*`,
  eventRuleArn: 'arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
  path: 'Stack/Child',
};
const child: Step<number, number> = {
  stepName: 'Child',
  compile: (site) => compileSubOrchestration(site, asChild),
};
const work = activity<number, number>('Work');

/** A flow of one step for each name. */
function steps(step: Step<number, number>): AnyStep {
  const [first = '', ...rest] = NAMES;
  // biome-ignore lint/suspicious/noExplicitAny: each step adds a name to the flow's type
  return rest.reduce<any>(
    (all, name) => all.step(name, step, () => 1),
    flow<number>().step(first, step, () => 1),
  );
}

function bench(): Bench {
  const made = new Bench({ Work: (n: number) => n });
  made.deploy('Child', compile(flow<number>().step('work', work)));
  return made;
}

test('steps of whatever names have different idempotency keys, which any service takes', async () => {
  const { calls, service: _service, ...rest } = await ran(steps(work), ['one', 'Größe’s', 'one..2']);
  expect(rest.statuses).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  expect(new Set(calls.map(({ key }) => key)).size).toBe(3 * NAMES.length);
  expect(calls.filter(({ key }) => !/^[\x21-\x7e]+$/.test(key))).toEqual([]);
  expect(calls.slice(0, 5).map(({ key }) => key)).toEqual([
    'one/A',
    'one/!c5!81',
    'one/Ann!e2!80!99s',
    'one/Anns',
    'one/ship!20to',
  ]);
});

test('children of steps of whatever names have ids of their own, which AWS takes and nobody can start', async () => {
  const { ended } = await ran(steps(child), ['one', 'one..2', 'one.g2', `h-${'0'.repeat(40)}`]);
  const children = ended.filter(({ arn }) => arn.includes(':Child:')).map(({ name }) => name);
  expect(new Set(children).size).toBe(4 * NAMES.length);
  expect(children.filter((name) => !isDerivedKey(name))).toEqual([]);
  expect(children.filter((name) => name.startsWith('one') && name.includes('ship'))).toEqual([
    'one!!ship!20to',
    'one!!ship!2eto',
    'one!!ship!2fto',
    'one!!ship',
    'one!g2!!ship!20to',
    'one!g2!!ship!2eto',
    'one!g2!!ship!2fto',
    'one!g2!!ship',
    'one.g2!!ship!20to',
    'one.g2!!ship!2eto',
    'one.g2!!ship!2fto',
    'one.g2!!ship',
  ]);
});

test('the items of a fan-out are told from a step that is named like one', async () => {
  const each = flow<readonly number[]>()
    .step('all', fanOutFanIn({ each: child }))
    .step('Child/0', child, () => 1);
  const { ended } = await ran(each, ['one'], [1, 2]);
  expect(ended.map(({ name }) => name).sort()).toEqual(['one', 'one!!Child!!0', 'one!!Child!!1', 'one!!Child!2f0']);
});

async function ran(step: AnyStep, executions: readonly string[], input: unknown = 1) {
  const made = bench();
  const arn = made.deploy('Test', compile(step));
  const statuses: string[] = [];
  for (const name of executions) statuses.push((await made.start(arn, input, name)).status);
  return { ...made, statuses };
}
