import { applyStatusChange, type StatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { waitForCompletion } from '../../lib/hub/operations/completion.js';
import { awaitEvent, raiseEvent } from '../../lib/hub/operations/events.js';
import { readHistory } from '../../lib/hub/operations/history.js';
import { readInstance, showInstance } from '../../lib/hub/operations/instance-status.js';
import { listRecords } from '../../lib/hub/operations/list.js';
import { purgeInstance, purgeInstances } from '../../lib/hub/operations/purge.js';
import { restartAsNewInstance, restartInstance } from '../../lib/hub/operations/restart.js';
import { rewindInstance } from '../../lib/hub/operations/rewind.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { terminateInstance } from '../../lib/hub/operations/terminate.js';
import { queryPartition } from '../../lib/hub/store/table.js';
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

const start = (instanceId = 'one', input = '1', name = 'hello') => startInstance(kit.hub, { name, instanceId, input });
const show = async (id = 'one') => showInstance(kit.hub, await readInstance(kit.hub, id));
const deliverEvents = async () => {
  for (const event of kit.stepFunctions.events) await applyStatusChange(kit.hub, event);
};
const finish = async (status: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED', name = 'one') =>
  void (await applyStatusChange(
    kit.hub,
    kit.stepFunctions.finish(name, status, status === 'SUCCEEDED' ? { output: '"done"' } : { error: 'E', cause: 'c' }),
  ));

describe('terminate', () => {
  test('stops the execution and keeps the reason, at once and without an event', async () => {
    await start();
    await terminateInstance(kit.hub, 'one', 'no longer needed');
    expect(kit.stepFunctions.execution('one')).toMatchObject({
      status: 'ABORTED',
      error: 'Terminated',
      cause: 'no longer needed',
    });
    expect(await show()).toMatchObject({ runtimeStatus: 'Terminated', output: 'no longer needed' });
  });

  test('keeps the reason as one line that moves no terminal', async () => {
    await start();
    await terminateInstance(kit.hub, 'one', 'no\u001b[2J\r\nmore');
    expect(await show()).toMatchObject({ output: 'no [2J more' });
  });

  test('a run that succeeded just before stays Completed', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '"done"' });
    await terminateInstance(kit.hub, 'one', 'late');
    await deliverEvents();
    expect(await show()).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });

  test('reaches the generation that continue-as-new has just started', async () => {
    await start();
    await applyStatusChange(kit.hub, kit.stepFunctions.events[0] as StatusChange);
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
    kit.stepFunctions.startDirectly(MACHINE, 'one..2', '2');
    await terminateInstance(kit.hub, 'one', 'stop');
    expect(kit.stepFunctions.execution('one..2').status).toBe('ABORTED');
    await deliverEvents();
    expect(await show()).toMatchObject({ runtimeStatus: 'Terminated', output: 'stop' });
  });

  test('reaches a generation that starts after it, as soon as its event arrives', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
    await terminateInstance(kit.hub, 'one', 'stop');
    kit.stepFunctions.startDirectly(MACHINE, 'one..2', '2');
    await deliverEvents();
    expect(kit.stepFunctions.execution('one..2').status).toBe('ABORTED');
    await deliverEvents();
    expect(await show()).toMatchObject({ runtimeStatus: 'Terminated', output: 'stop' });
  });

  test('an event that fails after its write still stops the execution when it is delivered again', async () => {
    await start();
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' });
    await terminateInstance(kit.hub, 'one', 'stop');
    const running = kit.stepFunctions.startDirectly(MACHINE, 'one..2', '2');
    kit.crashAfter(2);
    await expect(applyStatusChange(kit.hub, running)).rejects.toThrow(Crash);
    kit.recover();
    await applyStatusChange(kit.hub, running);
    expect(kit.stepFunctions.execution('one..2').status).toBe('ABORTED');
  });

  test('an instance that was recorded and never started is Terminated', async () => {
    kit.crashAfter(1);
    await expect(start()).rejects.toThrow(Crash);
    kit.recover();
    await terminateInstance(kit.hub, 'one', 'stop');
    expect(await show()).toMatchObject({ runtimeStatus: 'Terminated', output: 'stop' });
  });

  test('an unknown and a finished instance are refused', async () => {
    await expect(terminateInstance(kit.hub, 'one', '')).rejects.toMatchObject({ code: 'InstanceNotFound' });
    await start();
    await finish();
    await expect(terminateInstance(kit.hub, 'one', '')).rejects.toMatchObject({ code: 'InstanceFinished' });
  });
});

describe('rewind', () => {
  test('redrives the failed execution under the same id', async () => {
    await start();
    await finish('FAILED');
    await rewindInstance(kit.hub, 'one');
    expect(await show()).toMatchObject({ runtimeStatus: 'Pending', output: null });
    kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '2' });
    await deliverEvents();
    expect(await show()).toMatchObject({ runtimeStatus: 'Completed', output: 2 });
    expect(kit.stepFunctions.generationsOf('one')).toBe(1);
  });

  test.each([0, 1, 2, 3, 4])('crashed after %d calls and done again, it redrives once', async (calls) => {
    await start();
    await finish('FAILED');
    kit.crashAfter(calls);
    await rewindInstance(kit.hub, 'one').catch((error) => expect(error).toBeInstanceOf(Crash));
    kit.recover();
    await rewindInstance(kit.hub, 'one');
    expect(kit.stepFunctions.execution('one')).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
    expect((await show()).runtimeStatus).toMatch(/Pending|Running/);
  });

  test('repeated while the instance goes on, it changes nothing; after another failure it redrives again', async () => {
    await start();
    await finish('FAILED');
    await rewindInstance(kit.hub, 'one');
    await rewindInstance(kit.hub, 'one');
    await deliverEvents();
    expect((await show()).runtimeStatus).toBe('Running');
    await rewindInstance(kit.hub, 'one');
    expect(kit.stepFunctions.execution('one')).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
    await finish('FAILED');
    await rewindInstance(kit.hub, 'one');
    expect(kit.stepFunctions.execution('one')).toMatchObject({ status: 'RUNNING', redriveCount: 2 });
  });

  test('two at once redrive once', async () => {
    await start();
    await finish('FAILED');
    await Promise.all([rewindInstance(kit.hub, 'one'), rewindInstance(kit.hub, 'one')]);
    expect(kit.stepFunctions.execution('one')).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
  });

  test.each([
    ['a Fail state', [['FailStateEntered', 'Too late']]],
    ['one in an inline Map', [['FailStateEntered', 'Too late'], ['MapIterationFailed'], ['MapStateFailed']]],
    ['one in a Parallel', [['FailStateEntered', 'Too late'], ['ParallelStateFailed']]],
  ] as const)('what ended in %s would end there again', async (_title, last) => {
    await start();
    const events = [['TaskStateExited'], ...last, ['ExecutionFailed']] as readonly (readonly [string, string?])[];
    kit.stepFunctions.execution('one').history = events.map(([type, name], index) => ({
      id: index + 1,
      previousEventId: index,
      timestamp: new Date(0),
      type: type as 'ExecutionFailed',
      ...(name !== undefined && { stateEnteredEventDetails: { name } }),
    }));
    await finish('FAILED');
    await expect(rewindInstance(kit.hub, 'one')).rejects.toMatchObject({
      code: 'NotRewindable',
      message:
        '`instanceId`: expected an instance whose failed step can run again, got `one`, which ended in the Fail state `Too late` and would end there again; restart it to run it from the beginning',
    });
    expect(kit.stepFunctions.execution('one')).toMatchObject({ status: 'FAILED', redriveCount: 0 });
  });

  test('a run that never failed is refused, also after a restart', async () => {
    await start();
    await finish('FAILED');
    await rewindInstance(kit.hub, 'one');
    await finish('FAILED');
    await restartInstance(kit.hub, 'one');
    await expect(rewindInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'NotRewindable' });
  });

  test('what didn’t fail is refused', async () => {
    await expect(rewindInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'InstanceNotFound' });
    await start();
    await expect(rewindInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'NotRewindable' });
    await finish();
    await expect(rewindInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'InstanceFinished' });
  });
});

describe('restart', () => {
  test('runs again from the beginning with the same input, under the same id or a new one', async () => {
    await start('one', '{"n":1}');
    await finish();
    await restartInstance(kit.hub, 'one');
    expect(kit.stepFunctions.execution('one..2').input).toBe('{"n":1}');
    const other = await restartAsNewInstance(kit.hub, 'one');
    expect(other).not.toBe('one');
    expect(await show(other)).toMatchObject({ input: { n: 1 }, runtimeStatus: 'Pending' });
  });

  test('after a termination nothing stops the new run', async () => {
    await start();
    await terminateInstance(kit.hub, 'one', 'stop');
    await restartInstance(kit.hub, 'one');
    await deliverEvents();
    expect(kit.stepFunctions.execution('one..2').status).toBe('RUNNING');
    expect(await show()).toMatchObject({ runtimeStatus: 'Running', output: null });
  });

  test('what lives is refused', async () => {
    await start();
    await expect(restartInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'InstanceNotFinished' });
  });
});

describe('purge', () => {
  const content = async () => (await queryPartition(kit.hub, 'instance#one')).map(({ sk }) => sk);

  async function rich(): Promise<void> {
    await start('one', JSON.stringify('x'.repeat(10_000)));
    for (const eventName of ['a', 'b'])
      await raiseEvent(kit.hub, { instanceId: 'one', eventName, payload: JSON.stringify('x'.repeat(5_000)) });
    kit.stepFunctions.openToken('t');
    await awaitEvent(kit.hub, { taskToken: 't', instanceKey: 'one', wait: 'W', name: 'c' });
    await applyStatusChange(
      kit.hub,
      kit.stepFunctions.finish('one', 'SUCCEEDED', { output: JSON.stringify('y'.repeat(10_000)) }),
    );
  }

  test('deletes all there is but a mark without content', async () => {
    await rich();
    expect(await content()).toHaveLength(10);
    await purgeInstance(kit.hub, 'one');
    expect(await content()).toEqual(['record']);
    expect(JSON.stringify(await queryPartition(kit.hub, 'instance#one'))).not.toMatch(/xxx|yyy/);
    await expect(purgeInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'InstanceNotFound' });
  });

  test('crashed after any call and done again, it deletes all', async () => {
    for (let calls = 0; ; calls++) {
      kit = await createHub(dynamo.client);
      await rich();
      kit.crashAfter(calls);
      const crashed = await purgeInstance(kit.hub, 'one').then(
        () => false,
        (error) => {
          expect(error).toBeInstanceOf(Crash);
          return true;
        },
      );
      kit.recover();
      await purgeInstance(kit.hub, 'one').catch((error) => expect(error).toMatchObject({ code: 'InstanceNotFound' }));
      expect(await content()).toEqual(['record']);
      if (!crashed) break;
    }
  });

  test('what lives is refused', async () => {
    await start();
    await expect(purgeInstance(kit.hub, 'one')).rejects.toMatchObject({ code: 'InstanceNotFinished' });
  });

  test('by filter it takes the finished ones only', async () => {
    for (const id of ['a', 'b', 'c']) await start(id);
    await finish('SUCCEEDED', 'a');
    await finish('FAILED', 'b');
    const from = '2026-01-01T00:00:00.000Z';
    expect(await purgeInstances(kit.hub, { createdTimeFrom: from, runtimeStatus: ['Completed'] })).toEqual({
      instancesDeleted: 1,
    });
    expect(await purgeInstances(kit.hub, { createdTimeFrom: from })).toEqual({ instancesDeleted: 1 });
    expect((await listRecords(kit.hub, {}, {})).records.map(({ instanceId }) => instanceId)).toEqual(['c']);
  });
});

describe('list', () => {
  async function many(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await start(`${index % 2 === 0 ? 'even' : 'odd'}-${index}`, '1', index % 3 === 0 ? 'other' : 'hello');
      kit.advance(1_000);
    }
  }

  const ids = async (filter: Parameters<typeof listRecords>[1], top = 100): Promise<string[]> => {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await listRecords(kit.hub, filter, {
        top,
        ...(token === undefined ? {} : { continuationToken: token }),
      });
      expect(page.records.length).toBeLessThanOrEqual(top);
      found.push(...page.records.map(({ instanceId }) => instanceId));
      token = page.continuationToken;
    } while (token !== undefined);
    return found;
  };

  test.each([1, 3, 7, 100])('pages of %d give every instance once, newest first', async (top) => {
    await many(23);
    expect(await ids({}, top)).toEqual(
      Array.from({ length: 23 }, (_, index) => `${(22 - index) % 2 === 0 ? 'even' : 'odd'}-${22 - index}`),
    );
  });

  test('filters by status, name, time and prefix, alone and together', async () => {
    await many(12);
    await finish('SUCCEEDED', 'even-4');
    expect(await ids({ runtimeStatus: ['Completed'] })).toEqual(['even-4']);
    expect(await ids({ runtimeStatus: ['Completed', 'Pending'] })).toHaveLength(12);
    expect(await ids({ name: 'other' })).toEqual(['odd-9', 'even-6', 'odd-3', 'even-0']);
    expect(await ids({ instanceIdPrefix: 'odd-' }, 2)).toEqual(['odd-11', 'odd-9', 'odd-7', 'odd-5', 'odd-3', 'odd-1']);
    expect(
      await ids({ createdTimeFrom: '2026-03-01T08:00:03.000Z', createdTimeTo: '2026-03-01T08:00:05.000Z' }),
    ).toEqual(['odd-5', 'even-4', 'odd-3']);
    expect(
      await ids({
        name: 'hello',
        instanceIdPrefix: 'even',
        createdTimeTo: '2026-03-01T08:00:04.000Z',
        runtimeStatus: ['Pending'],
      }),
    ).toEqual(['even-2']);
    expect(await ids({ runtimeStatus: ['Failed'] })).toEqual([]);
  });

  test('a token tells nothing of ids, and a wrong one is refused', async () => {
    await many(3);
    const { continuationToken = '' } = await listRecords(kit.hub, {}, { top: 1 });
    expect(Buffer.from(continuationToken, 'base64url').toString()).toMatch(/^2026-03-01T08:00:02.000Z#[0-9a-f]{16}$/);
    for (const token of ['x', Buffer.from('instance#even-0').toString('base64url'), `${continuationToken}AA`]) {
      await expect(listRecords(kit.hub, {}, { continuationToken: token })).rejects.toMatchObject({
        code: 'InvalidRequest',
      });
    }
  });

  test('instances that start meanwhile don’t disturb the pages', async () => {
    await many(6);
    const { continuationToken = '' } = await listRecords(kit.hub, {}, { top: 3 });
    await start('new');
    const { records } = await listRecords(kit.hub, {}, { continuationToken });
    expect(records.map(({ instanceId }) => instanceId)).toEqual(['even-2', 'odd-1', 'even-0']);
  });
});

describe('waiting for completion', () => {
  test('ends with the instance', async () => {
    await start();
    const sleep = kit.hub.sleep;
    let naps = 0;
    const hub = {
      ...kit.hub,
      sleep: async (milliseconds: number) => {
        await sleep(milliseconds);
        if (++naps === 3) await finish();
      },
    };
    const began = kit.hub.now();
    expect((await waitForCompletion(hub, 'one', 20)).record.runtimeStatus).toBe('Completed');
    expect(kit.hub.now() - began).toBeLessThan(3_000);
  });

  test('ends below API Gateway’s 30 seconds whatever was asked for', async () => {
    await start();
    const began = kit.hub.now();
    expect((await waitForCompletion(kit.hub, 'one', 600)).record.runtimeStatus).toBe('Pending');
    expect(kit.hub.now() - began).toBe(25_000);
  });
});

test('the history speaks Durable Functions’ words, without ARNs', async () => {
  await start();
  const { record } = await readInstance(kit.hub, 'one');
  const at = (seconds: number) => new Date(Date.parse('2026-03-01T08:00:00Z') + seconds * 1000);
  const base = (id: number, previousEventId: number, type: string) => ({
    id,
    previousEventId,
    type: type as never,
    timestamp: at(id),
  });
  kit.stepFunctions.execution('one').history = [
    {
      ...base(1, 0, 'ExecutionStarted'),
      executionStartedEventDetails: { input: '1', roleArn: 'arn:aws:iam::123456789012:role/R' },
    },
    { ...base(2, 1, 'TaskStateEntered'), stateEnteredEventDetails: { name: 'Greet', input: '1' } },
    {
      ...base(3, 2, 'TaskScheduled'),
      taskScheduledEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        region: 'us-east-1',
        parameters: '{"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:F"}',
      },
    },
    {
      ...base(4, 3, 'TaskFailed'),
      taskFailedEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke',
        error: 'E',
        cause: 'no arn:aws:lambda:us-east-1:123456789012:function:F',
      },
    },
    { ...base(5, 4, 'TaskStateExited'), stateExitedEventDetails: { name: 'Greet', output: '2' } },
    { ...base(6, 5, 'WaitStateEntered'), stateEnteredEventDetails: { name: 'Pause', input: '2' } },
    { ...base(7, 6, 'WaitStateExited'), stateExitedEventDetails: { name: 'Pause', output: '2' } },
    { ...base(8, 7, 'TaskStateEntered'), stateEnteredEventDetails: { name: 'Child', input: '2' } },
    {
      ...base(9, 8, 'TaskScheduled'),
      taskScheduledEventDetails: {
        resourceType: 'states',
        resource: 'startExecution.sync:2',
        region: 'us-east-1',
        parameters: '{}',
      },
    },
    { ...base(10, 9, 'TaskStateExited'), stateExitedEventDetails: { name: 'Child', output: '3' } },
    { ...base(11, 10, 'TaskStateEntered'), stateEnteredEventDetails: { name: 'Await go', input: '3' } },
    {
      ...base(12, 11, 'TaskScheduled'),
      taskScheduledEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke.waitForTaskToken',
        region: 'us-east-1',
        parameters: '{}',
      },
    },
    { ...base(13, 12, 'TaskStateExited'), stateExitedEventDetails: { name: 'Await go', output: '"go"' } },
    { ...base(14, 13, 'ExecutionSucceeded'), executionSucceededEventDetails: { output: '"go"' } },
  ];
  const shown = await readHistory(kit.hub, record, true);
  expect(shown.map(({ EventType, Name, Result }) => [EventType, Name, Result])).toEqual([
    ['ExecutionStarted', 'hello', undefined],
    ['TaskScheduled', 'Greet', undefined],
    ['TaskFailed', 'Greet', undefined],
    ['TimerCreated', 'Pause', undefined],
    ['TimerFired', 'Pause', 2],
    ['SubOrchestrationInstanceCreated', 'Child', undefined],
    ['SubOrchestrationInstanceCompleted', 'Child', 3],
    ['EventAwaited', 'Await go', undefined],
    ['EventRaised', 'Await go', 'go'],
    ['ExecutionCompleted', undefined, 'go'],
  ]);
  expect(JSON.stringify(shown)).not.toMatch(/arn:|123456789012/);
  expect(JSON.stringify(await readHistory(kit.hub, record, false))).not.toMatch(/"Result"|"Input"/);
});

test('a task that is retried is told as completed once it succeeds', async () => {
  await start();
  const { record } = await readInstance(kit.hub, 'one');
  const types = [
    'TaskStateEntered',
    'TaskScheduled',
    'TaskTimedOut',
    'TaskScheduled',
    'TaskSucceeded',
    'TaskStateExited',
  ];
  kit.stepFunctions.execution('one').history = types.map((type, index) => ({
    id: index + 1,
    previousEventId: index,
    type: type as never,
    timestamp: new Date(kit.hub.now()),
    ...(type === 'TaskStateEntered' && { stateEnteredEventDetails: { name: 'Greet', input: '1' } }),
    ...(type === 'TaskTimedOut' && {
      taskTimedOutEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'States.Timeout' },
    }),
    ...(type === 'TaskStateExited' && { stateExitedEventDetails: { name: 'Greet', output: '2' } }),
  }));
  expect((await readHistory(kit.hub, record, true)).map(({ EventType }) => EventType)).toEqual([
    'TaskScheduled',
    'TaskFailed',
    'TaskScheduled',
    'TaskCompleted',
  ]);
});

describe('a history that is too large for an answer', () => {
  /** `count` visits of a state, each with so many characters of data; and what is shown of them. */
  const showVisits = async (count: number, characters: number) => {
    await start();
    await deliverEvents();
    const output = JSON.stringify('"'.repeat(characters));
    kit.stepFunctions.execution('one').history = Array.from({ length: count }, (_, index) => ({
      id: index + 1,
      previousEventId: index,
      timestamp: new Date(kit.hub.now() + index),
      ...(index === 0
        ? { type: 'PassStateEntered', stateEnteredEventDetails: { name: 'Visit', input: output } }
        : { type: 'PassStateExited', stateExitedEventDetails: { name: 'Visit', output } }),
    }));
    const { record } = await readInstance(kit.hub, 'one');
    return readHistory(kit.hub, record, true);
  };

  test.each([
    ['few large events', 20, 250_000],
    ['many events of several pages', 1_000, 4_000],
  ])('shows all of %s, the last without their results, within Lambda’s 6 MB', async (_, count, characters) => {
    const shown = await showVisits(count, characters);
    expect(shown).toHaveLength(count);
    expect(Buffer.byteLength(JSON.stringify({ body: JSON.stringify(shown) }))).toBeLessThan(4_100_000);
    expect(shown[0]?.Input).toHaveLength(characters);
    expect(shown[1]?.Result).toHaveLength(characters);
    expect(shown.at(-1)).toEqual({
      EventType: 'StateExited',
      Timestamp: expect.any(String),
      Name: 'Visit',
      Truncated: true,
    });
    const cutAt = shown.findIndex(({ Truncated }) => Truncated === true);
    for (const [index, event] of shown.slice(1).entries()) expect('Result' in event).toBe(index + 1 < cutAt);
  });

  test('is whole where it fits', async () => {
    const shown = await showVisits(1_000, 100);
    expect(shown.filter(({ Truncated }) => Truncated)).toEqual([]);
  });
});

describe('the ends of instances', () => {
  const measured = () => {
    const lines: { readonly [name: string]: unknown }[] = [];
    kit = { ...kit, hub: { ...kit.hub, measure: (line) => lines.push(JSON.parse(line)) } };
    return lines;
  };

  test('are counted once each, by hub and orchestration, with how long it took', async () => {
    const lines = measured();
    await start('one');
    await start('two');
    kit.advance(90_000);
    await finish('SUCCEEDED', 'one');
    await finish('FAILED', 'two');
    await deliverEvents();
    const { tableName } = kit.hub.settings;
    expect(lines).toMatchObject([
      { Hub: tableName, Orchestration: 'hello', InstancesCompleted: 1, InstanceDuration: 90 },
      { Hub: tableName, Orchestration: 'hello', InstancesFailed: 1, InstanceDuration: 90 },
    ]);
    expect(lines[0]!['_aws']).toEqual({
      Timestamp: kit.hub.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'DurableSteps',
          Dimensions: [['Hub'], ['Hub', 'Orchestration']],
          Metrics: [
            { Name: 'InstancesCompleted', Unit: 'Count' },
            { Name: 'InstanceDuration', Unit: 'Seconds' },
          ],
        },
      ],
    });
  });

  test('tell running out of time from failing, and a stop from both', async () => {
    const lines = measured();
    await start('one');
    await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'TIMED_OUT', {}));
    await start('two');
    await terminateInstance(kit.hub, 'two', 'enough');
    await deliverEvents();
    expect(lines).toMatchObject([{ InstancesTimedOut: 1 }, { InstancesTerminated: 1 }]);
    expect(lines).toHaveLength(2);
  });

  test('are none where an instance continues as new', async () => {
    const lines = measured();
    await start('one');
    await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '{"continuedAsNew":2}' }));
    expect(lines).toEqual([]);
  });
});
