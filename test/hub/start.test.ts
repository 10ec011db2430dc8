import { instanceKey } from '../../lib/contract/instance-id.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { readInstance, showInstance } from '../../lib/hub/operations/instance-status.js';
import { purgeInstance } from '../../lib/hub/operations/purge.js';
import { restartInstance } from '../../lib/hub/operations/restart.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { Crash, createHub, type HubKit, MACHINE, startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: HubKit;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createHub(dynamo.client);
});

const start = (input: string, instanceId = 'one', name = 'hello') =>
  startInstance(kit.hub, { name, instanceId, input });
const show = async (id = 'one') => showInstance(kit.hub, await readInstance(kit.hub, id));

async function finish(name: string, output = '"done"'): Promise<void> {
  await applyStatusChange(kit.hub, kit.stepFunctions.finish(name, 'SUCCEEDED', { output }));
}

test('a start writes a Pending record, then starts the execution of the same name', async () => {
  await start('{"a":1}');
  expect(kit.calls).toEqual(['UpdateItem', 'GetItem', 'StartExecution']);
  expect(await show()).toEqual({
    name: 'hello',
    instanceId: 'one',
    runtimeStatus: 'Pending',
    input: { a: 1 },
    customStatus: null,
    output: null,
    createdTime: '2026-03-01T08:00:00.000Z',
    lastUpdatedTime: '2026-03-01T08:00:00.000Z',
  });
});

test('the same start again, while it runs, starts nothing', async () => {
  await start('{"a":1,"b":2}');
  await start('{ "b": 2, "a": 1 }');
  expect(kit.stepFunctions.generationsOf('one')).toBe(1);
  expect((await show()).input).toEqual({ a: 1, b: 2 });
});

test('the same start again after the end answers the finished instance', async () => {
  await start('1');
  await finish('one');
  await start('1');
  expect(kit.stepFunctions.generationsOf('one')).toBe(1);
  expect((await show()).output).toBe('done');
});

test('another input is refused while the instance lives', async () => {
  await start('1');
  await expect(start('2')).rejects.toMatchObject({ code: 'InstanceInUse' });
  await expect(start('1', 'one', 'other')).rejects.toMatchObject({ code: 'InstanceInUse' });
});

test('another input after the end is a new run under the same id', async () => {
  await start('1');
  await finish('one');
  await start('2');
  expect([...kit.stepFunctions.executions.values()].map(({ name, input }) => [name, input])).toEqual([
    ['one', '1'],
    ['one..2', '2'],
  ]);
  expect(await show()).toMatchObject({ instanceId: 'one', runtimeStatus: 'Pending', input: 2, output: null });
});

test('an id purged is free again, and its execution names are not used twice', async () => {
  await start('1');
  await finish('one');
  await purgeInstance(kit.hub, 'one');
  await expect(show()).rejects.toMatchObject({ code: 'InstanceNotFound' });
  await start('1');
  expect(kit.stepFunctions.generationsOf('one')).toBe(2);
  expect((await show()).runtimeStatus).toBe('Pending');
});

test('an execution that the hub forgot does not pass for the new one', async () => {
  kit.stepFunctions.startDirectly(MACHINE, 'one', '1');
  kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '"old"' });
  kit.advance(100 * 86_400_000);
  await start('1');
  expect(kit.stepFunctions.execution('one..2').status).toBe('RUNNING');
  expect((await show()).output).toBeNull();
});

test.each(['a b', 'a/b?c#d', '注文 42 🚀', 'x'.repeat(200), '100%25'])(
  'the id %j starts one instance and reads back',
  async (id) => {
    await start('1', id);
    await start('1', id);
    expect(await show(id)).toMatchObject({ instanceId: id, runtimeStatus: 'Pending' });
    expect(kit.stepFunctions.generationsOf(instanceKey(id))).toBe(1);
  },
);

test('the key of a long id can’t be started as an id, neither before the long id nor after it', async () => {
  const long = 'x'.repeat(200);
  await expect(start('9', instanceKey(long))).rejects.toMatchObject({ code: 'InvalidRequest' });
  await start('1', long);
  await finish(instanceKey(long));
  await expect(start('9', instanceKey(long))).rejects.toMatchObject({ code: 'InvalidRequest' });
  expect(await show(instanceKey(long))).toMatchObject({ instanceId: long, input: 1 });
});

test.each([
  ['', 'InvalidRequest'],
  ['x'.repeat(1_201), 'InvalidRequest'],
  ['a\nb', 'InvalidRequest'],
  ['\ud800', 'InvalidRequest'],
  ['one!!child', 'InvalidRequest'],
])('the id %j is refused', async (id, code) => {
  await expect(start('1', id)).rejects.toMatchObject({ code });
});

test.each([
  ['{', 'InvalidJson'],
  ['{"a":1} x', 'InvalidJson'],
  [`"${'x'.repeat(300_000)}"`, 'PayloadTooLarge'],
  ['['.repeat(100_000), 'InvalidJson'],
  [`${'['.repeat(201)}${']'.repeat(201)}`, 'InvalidJson'],
])('the input %.20j is refused and leaves nothing', async (input, code) => {
  await expect(start(input)).rejects.toMatchObject({ code });
  await expect(show()).rejects.toMatchObject({ code: 'InstanceNotFound' });
  expect(kit.stepFunctions.executions.size).toBe(0);
});

test('no input is null', async () => {
  await start('');
  expect(kit.stepFunctions.execution('one').input).toBe('null');
  expect((await show()).input).toBeNull();
});

test('an input at the limit is kept whole, in an item of its own', async () => {
  const text = JSON.stringify('ä'.repeat(131_071));
  await start(text);
  expect((await show()).input).toBe('ä'.repeat(131_071));
});

test('an unknown orchestration is refused', async () => {
  await expect(start('1', 'one', 'nope')).rejects.toMatchObject({ code: 'OrchestrationNotFound' });
  await expect(start('1', 'one', 'constructor')).rejects.toMatchObject({ code: 'OrchestrationNotFound' });
});

test('50 concurrent starts with one id start one execution', async () => {
  const input = JSON.stringify({ text: 'x'.repeat(10_000) });
  await Promise.all(Array.from({ length: 50 }, () => start(input)));
  expect(kit.stepFunctions.generationsOf('one')).toBe(1);
  expect(await show()).toMatchObject({ runtimeStatus: 'Pending', input: JSON.parse(input) });
});

test('50 concurrent starts with 50 inputs start one execution and refuse 49', async () => {
  const results = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => start(String(index))));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(kit.stepFunctions.executions.size).toBe(1);
  expect((await show()).input).toBe(Number(kit.stepFunctions.execution('one').input));
});

describe.each([
  ['a small input', '{"a":1}'],
  ['a large input', JSON.stringify('x'.repeat(100_000))],
])('a crash after any call of a start with %s', (_, input) => {
  const attempt = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  };

  test.each([
    ['the first start', async () => {}, 'one'],
    [
      'a new run after the end of another',
      async () => {
        await start('"before"');
        await finish('one');
      },
      'one..2',
    ],
    [
      'a start after a purge',
      async () => {
        await start('"before"');
        await finish('one');
        await purgeInstance(kit.hub, 'one');
      },
      'one..2',
    ],
  ])('then the same start again gives exactly one execution: %s', async (_title, prepare, name) => {
    let calls = 0;
    for (let crashed = true; crashed; calls++) {
      kit = await createHub(dynamo.client);
      await prepare();
      const before = kit.stepFunctions.executions.size;
      kit.crashAfter(calls);
      crashed = !(await attempt(() => start(input)));
      kit.recover();
      await start(input);
      expect(kit.stepFunctions.executions.size).toBe(before + 1);
      expect(kit.stepFunctions.execution(name).input).toBe(input);
      expect(await show()).toMatchObject({ runtimeStatus: 'Pending', input: JSON.parse(input) });
    }
    expect(calls).toBeGreaterThan(3);
  });

  test('then the run finishes, and the same start answers it', async () => {
    let calls = 0;
    for (let crashed = true; crashed; calls++) {
      kit = await createHub(dynamo.client);
      kit.crashAfter(calls);
      crashed = !(await attempt(() => start(input)));
      kit.recover();
      if (kit.stepFunctions.executions.size === 0) continue;
      kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '"done"' });
      await start(input);
      expect(kit.stepFunctions.generationsOf('one')).toBe(1);
      for (const event of kit.stepFunctions.events) await applyStatusChange(kit.hub, event);
      expect(await show()).toMatchObject({ runtimeStatus: 'Completed', output: 'done', input: JSON.parse(input) });
    }
  });

  test('of a restart, then the restart again gives one more execution', async () => {
    let calls = 0;
    for (let crashed = true; crashed; calls++) {
      kit = await createHub(dynamo.client);
      await start(input);
      await finish('one');
      kit.crashAfter(calls);
      crashed = !(await attempt(() => restartInstance(kit.hub, 'one')));
      kit.recover();
      if (crashed) await restartInstance(kit.hub, 'one');
      expect(kit.stepFunctions.generationsOf('one')).toBe(2);
      expect(kit.stepFunctions.execution('one..2').input).toBe(input);
      expect(await show()).toMatchObject({ runtimeStatus: 'Pending', input: JSON.parse(input), output: null });
    }
  });
});
