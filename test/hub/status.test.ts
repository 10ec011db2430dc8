import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { readRequest } from '../../lib/hub/http/api-request.js';
import { getInstanceRoute } from '../../lib/hub/http/query-routes.js';
import { applyStatusChange, type StatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { readInstance, showInstance } from '../../lib/hub/operations/instance-status.js';
import { purgeInstance } from '../../lib/hub/operations/purge.js';
import { restartInstance } from '../../lib/hub/operations/restart.js';
import { rewindInstance } from '../../lib/hub/operations/rewind.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { recordKey } from '../../lib/hub/store/instance-record.js';
import { marshal } from '../../lib/hub/store/table.js';
import { readStatusEvent } from '../../lib/hub/workers/status-event.js';
import { createHub, type HubKit, MACHINE, startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: HubKit;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createHub(dynamo.client);
});

const start = (input = '{"a":1}', instanceId = 'one') => startInstance(kit.hub, { name: 'hello', instanceId, input });
const show = async (id = 'one') => showInstance(kit.hub, await readInstance(kit.hub, id));
const apply = (change: StatusChange) => applyStatusChange(kit.hub, change);

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

async function customStatus(status: string): Promise<void> {
  await dynamo.client.send(
    new UpdateItemCommand({
      TableName: kit.hub.settings.tableName,
      Key: marshal({ ...recordKey('one') }),
      UpdateExpression: 'SET customStatus = :status',
      ExpressionAttributeValues: marshal({ ':status': status }),
    }),
  );
}

describe('a run’s events in every order', () => {
  test('six events over a continue-as-new and a rewind: 720 orders, the last ones twice, one record', async () => {
    // One run tells the story once; its events are then told to other hubs in every order.
    await start();
    kit.advance(1000);
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
    kit.stepFunctions.startDirectly(MACHINE, 'one..2', '{"a":2}');
    kit.advance(1000);
    kit.stepFunctions.finish('one..2', 'FAILED', { error: 'Broken', cause: 'it broke' });
    for (const event of kit.stepFunctions.events) await apply(event);
    kit.advance(1000);
    await rewindInstance(kit.hub, 'one');
    kit.advance(1000);
    kit.stepFunctions.finish('one..2', 'SUCCEEDED', { output: '{"ok":true}' });
    const { events } = kit.stepFunctions;
    expect(events.map(({ name, status, redriveCount }) => [name, status, redriveCount])).toEqual([
      ['one', 'RUNNING', 0],
      ['one', 'SUCCEEDED', 0],
      ['one..2', 'RUNNING', 0],
      ['one..2', 'FAILED', 0],
      ['one..2', 'RUNNING', 1],
      ['one..2', 'SUCCEEDED', 1],
    ]);
    const expected = {
      name: 'hello',
      instanceId: 'one',
      runtimeStatus: 'Completed',
      input: { a: 2 },
      customStatus: null,
      output: { ok: true },
      createdTime: '2026-03-01T08:00:00.000Z',
      lastUpdatedTime: '2026-03-01T08:00:04.000Z',
    };
    const story = kit;
    const orders = permutations(events);
    expect(orders).toHaveLength(720);
    for (const order of orders) {
      const { hub } = story;
      await dynamo.client.send(
        new UpdateItemCommand({
          TableName: hub.settings.tableName,
          Key: marshal({ ...recordKey('one') }),
          UpdateExpression: 'REMOVE statusOrder',
        }),
      );
      await startInstanceAt(Date.parse('2026-03-01T08:00:00Z'));
      for (const event of [...order, order[2], order[5]]) if (event !== undefined) await apply(event);
      expect(await show()).toEqual(expected);
    }
    expect(story.stepFunctions.calls.filter((call) => call === 'StopExecution')).toEqual([]);

    async function startInstanceAt(time: number): Promise<void> {
      const hub = { ...story.hub, now: () => time, stepFunctions: { send: async () => ({}) } as never };
      await startInstance(hub, { name: 'hello', instanceId: 'one', input: '{"a":1}' });
    }
  }, 240_000);

  test('a run that nobody recorded: the record is right whichever event comes first', async () => {
    for (const [index, order] of permutations([0, 1]).entries()) {
      const name = `parent.child.${index}`;
      kit.stepFunctions.startDirectly(MACHINE, name, '[1]');
      kit.stepFunctions.finish(name, 'SUCCEEDED', { output: '[2]' });
      const events = kit.stepFunctions.events.slice(-2);
      for (const at of order) await apply(events[at] as StatusChange);
      expect(await show(name)).toMatchObject({
        name: 'hello',
        instanceId: name,
        runtimeStatus: 'Completed',
        input: [1],
        output: [2],
      });
    }
  });

  describe('an execution that goes on for the one before', () => {
    const handedOver = (input: unknown) =>
      JSON.stringify({ durableStepsContinued: { input, carried: { round: 400 } } });
    const goOn = async (input: unknown) => {
      kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
      kit.stepFunctions.startDirectly(MACHINE, 'one..2', handedOver(input));
      for (const event of kit.stepFunctions.events) await apply(event);
    };

    test.each([
      ['a small input', { a: 1 }],
      ['a large input', { text: 'x'.repeat(150_000) }],
    ])('keeps %s of the instance', async (_, input) => {
      await start(JSON.stringify(input));
      await goOn(input);
      expect((await readInstance(kit.hub, 'one')).record.generation).toBe(2);
      expect(await show()).toMatchObject({ runtimeStatus: 'Running', input });
    });

    test('shows the instance’s input where nobody recorded the start', async () => {
      kit.stepFunctions.startDirectly(MACHINE, 'one', '"hello"');
      await goOn('hello');
      expect(await show()).toMatchObject({ runtimeStatus: 'Running', input: 'hello' });
    });

    test('is restarted with the instance’s input', async () => {
      await start('{"a":1}');
      await goOn({ a: 1 });
      kit.stepFunctions.finish('one..2', 'FAILED', { error: 'Broken', cause: 'it broke' });
      for (const event of kit.stepFunctions.events) await apply(event);
      await restartInstance(kit.hub, 'one');
      expect([...kit.stepFunctions.executions.values()].at(-1)?.input).toBe('{"a":1}');
    });

    test('whose input merely has a member of that name keeps it', async () => {
      const input = { durableStepsContinued: { input: 1 }, other: true };
      await start(JSON.stringify(input));
      for (const event of kit.stepFunctions.events) await apply(event);
      expect(await show()).toMatchObject({ input });
    });
  });

  test('events of an earlier run don’t touch a restarted instance', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '1' });
    const [running, succeeded] = kit.stepFunctions.events as [StatusChange, StatusChange];
    await apply(succeeded);
    await restartInstance(kit.hub, 'one');
    await apply(running);
    await apply(succeeded);
    expect(await show()).toMatchObject({ runtimeStatus: 'Pending', output: null });
  });

  test('an event after the purge doesn’t bring the instance back', async () => {
    await start();
    await apply(kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '1' }));
    await purgeInstance(kit.hub, 'one');
    for (const event of kit.stepFunctions.events) await apply(event);
    await expect(show()).rejects.toMatchObject({ code: 'InstanceNotFound' });
  });

  test('50 deliveries of two events at once leave the right record', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '"done"' });
    const { events } = kit.stepFunctions;
    await Promise.all(Array.from({ length: 50 }, (_, index) => apply(events[index % 2] as StatusChange)));
    expect(await show()).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });
});

describe('what a status shows', () => {
  test.each([
    ['SUCCEEDED', { output: '{"x":1}' }, 'Completed', { x: 1 }],
    ['FAILED', { error: 'Oops', cause: 'no luck' }, 'Failed', { error: 'Oops', message: 'no luck' }],
    [
      'FAILED',
      {
        error: 'TypeError',
        cause: '{"errorType":"TypeError","errorMessage":"x is undefined","trace":["at /var/task"]}',
      },
      'Failed',
      { error: 'TypeError', message: 'x is undefined' },
    ],
    ['FAILED', {}, 'Failed', { error: 'Failed', message: '' }],
    ['TIMED_OUT', {}, 'Failed', { error: 'States.Timeout', message: 'the orchestration ran out of time' }],
    ['ABORTED', { error: 'E', cause: 'by hand' }, 'Terminated', 'by hand'],
  ] as const)('%s %j shows as %s', async (status, result, runtimeStatus, output) => {
    await start();
    await apply(kit.stepFunctions.finish('one', status, result));
    expect(await show()).toMatchObject({ runtimeStatus, output });
  });

  test('no ARN and no account id: not in a failure’s cause either', async () => {
    await start();
    const cause =
      'User: arn:aws:sts::123456789012:assumed-role/Role/x is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:Greet';
    await apply(kit.stepFunctions.finish('one', 'FAILED', { error: 'Lambda.AccessDenied', cause }));
    const text = JSON.stringify(await show());
    expect(text).not.toMatch(/arn:|123456789012/);
    expect(text).toContain('lambda function:Greet');
  });

  test('a failed sub-orchestration’s cause is its own message', async () => {
    await start();
    const cause = JSON.stringify({
      Status: 'FAILED',
      Error: 'E',
      Cause: 'inner reason',
      ExecutionArn: 'arn:aws:states:us-east-1:123456789012:execution:A:b',
    });
    await apply(kit.stepFunctions.finish('one', 'FAILED', { error: 'States.TaskFailed', cause }));
    expect((await show()).output).toEqual({ error: 'States.TaskFailed', message: 'inner reason' });
  });

  test('a custom status that the state machine writes', async () => {
    await start();
    await customStatus('{"percent":50}');
    expect((await show()).customStatus).toEqual({ percent: 50 });
  });

  test('a custom status alone is no instance, and doesn’t hinder its record', async () => {
    await customStatus('"early"');
    await expect(show()).rejects.toMatchObject({ code: 'InstanceNotFound' });
    await apply(kit.stepFunctions.startDirectly(MACHINE, 'one', '1'));
    expect(await show()).toMatchObject({ runtimeStatus: 'Running', customStatus: 'early' });
  });

  test('an output of 256 KiB is kept whole; an event that left it out is completed by Step Functions', async () => {
    const output = JSON.stringify('y'.repeat(262_142));
    await start(JSON.stringify('x'.repeat(262_142)));
    const { output: _left, input: _out, ...detail } = kit.stepFunctions.finish('one', 'SUCCEEDED', { output });
    await apply(readStatusEvent({ detail: { ...detail, input: null, output: null } }));
    const shown = await show();
    expect(shown.output).toBe('y'.repeat(262_142));
    expect(shown.input).toBe('x'.repeat(262_142));
  });
});

describe('what a status costs', () => {
  const request = () =>
    readRequest(
      {
        routeKey: 'GET /instances/{instanceId+}',
        rawPath: '/instances/one',
        pathParameters: { instanceId: 'one' },
        requestContext: { http: { method: 'GET' } },
      },
      'https://api',
    );

  test.each([
    ['pending', async () => {}],
    ['running', async () => void (await apply(kit.stepFunctions.events[0] as StatusChange))],
    [
      'finished',
      async () =>
        void (await apply(
          kit.stepFunctions.finish('one', 'SUCCEEDED', { output: JSON.stringify('x'.repeat(50_000)) }),
        )),
    ],
  ])('one DynamoDB read and no Step Functions call while %s', async (_title, prepare) => {
    await start(JSON.stringify('x'.repeat(50_000)));
    await prepare();
    kit.calls.length = 0;
    kit.stepFunctions.calls.length = 0;
    for (let poll = 0; poll < 10; poll++) {
      kit.advance(5_000);
      await getInstanceRoute(kit.hub, request());
    }
    expect(kit.calls).toEqual(Array.from({ length: 10 }, () => 'Query'));
    expect(kit.stepFunctions.calls).toEqual([]);
  });

  test('a day of polling a live instance every 5 s asks Step Functions seldom', async () => {
    await start();
    await apply(kit.stepFunctions.events[0] as StatusChange);
    kit.stepFunctions.calls.length = 0;
    for (let poll = 0; poll < 17_280; poll += 12) {
      kit.advance(60_000);
      await readInstance(kit.hub, 'one');
    }
    expect(kit.stepFunctions.calls.length).toBeLessThan(60);
    expect(new Set(kit.stepFunctions.calls)).toEqual(new Set(['DescribeExecution']));
  }, 30_000);
});

describe('a stale record', () => {
  test('whose events were lost is healed by the next read', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '"done"' });
    expect((await show()).runtimeStatus).toBe('Pending');
    kit.advance(61_000);
    expect(await show()).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });

  test('is healed over several generations at once', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
    kit.stepFunctions.startDirectly(MACHINE, 'one..2', '2');
    kit.stepFunctions.finish('one..2', 'SUCCEEDED', { output: '{"continuedAsNew":3}' });
    kit.stepFunctions.startDirectly(MACHINE, 'one..3', '3');
    kit.advance(61_000);
    expect(await show()).toMatchObject({ runtimeStatus: 'Running', input: 3 });
  });

  test('of a start that went no further than its record says so, and the same start again goes on', async () => {
    kit.crashAfter(1);
    await expect(start()).rejects.toThrow();
    kit.recover();
    kit.advance(61_000);
    expect(await show()).toMatchObject({ runtimeStatus: 'Failed', output: { error: 'NeverStarted' } });
    await start();
    expect(await show()).toMatchObject({ runtimeStatus: 'Pending', output: null });
    expect(kit.stepFunctions.generationsOf('one')).toBe(1);
  });

  test('that looked never started, but was, is healed', async () => {
    kit.crashAfter(1);
    await expect(start()).rejects.toThrow();
    kit.recover();
    kit.advance(61_000);
    await show();
    kit.stepFunctions.startDirectly(MACHINE, 'one', '{"a":1}');
    kit.advance(61_000);
    expect((await show()).runtimeStatus).toBe('Running');
  });

  test('is shown as it is while Step Functions is busy', async () => {
    await start();
    kit.advance(61_000);
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });
    const hub = { ...kit.hub, stepFunctions: { send: () => Promise.reject(throttled) } as never };
    expect((await readInstance(hub, 'one')).record.runtimeStatus).toBe('Pending');
  });

  test('is checked once, however many read it at the same moment', async () => {
    await start();
    kit.advance(61_000);
    kit.stepFunctions.calls.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => readInstance(kit.hub, 'one')));
    expect(kit.stepFunctions.calls).toEqual(['DescribeExecution']);
  });
});
