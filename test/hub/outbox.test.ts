import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GRACE } from '../../lib/contract/hub-limits.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { awaitEvent, raiseEvent } from '../../lib/hub/operations/events.js';
import { listRecords } from '../../lib/hub/operations/list.js';
import { purgeInstances } from '../../lib/hub/operations/purge.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { terminateInstance } from '../../lib/hub/operations/terminate.js';
import { runSweep } from '../../lib/hub/outbox/run-sweep.js';
import { MOST_ATTEMPTS, sweep } from '../../lib/hub/outbox/sweep.js';
import { readDue, shardsOf } from '../../lib/hub/store/due.js';
import { tryReadRecord } from '../../lib/hub/store/instance-record.js';
import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { awsError } from './fake-step-functions.js';
import { createHub, type HubKit, MACHINE, startDynamo } from './hub-kit.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

let dynamodb: DynamoDBClient;
let close: () => Promise<void>;
let kit: HubKit;

beforeAll(async () => {
  ({ client: dynamodb, close } = await startDynamo());
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(() => close());
beforeEach(async () => {
  kit = await createHub(dynamodb);
});

/** Starts an instance, whose status events arrive. */
async function running(instanceId = 'one'): Promise<void> {
  await startInstance(kit.hub, { name: 'hello', instanceId, input: '1' });
  for (const change of kit.stepFunctions.events.splice(0)) await applyStatusChange(kit.hub, change);
}

const statusOf = async (instanceId = 'one') => (await tryReadRecord(kit.hub, instanceId))?.runtimeStatus;

/** What any sweep up to a year from now would find. */
async function dueEver(): Promise<readonly string[]> {
  const later = { ...kit.hub, now: () => kit.hub.now() + 365 * DAY };
  const shards = (['owed', 'check', 'dead'] as const).flatMap(shardsOf);
  const pages = await Promise.all(shards.map(async (shard) => ({ shard, ...(await readDue(later, shard, 100)) })));
  return pages.flatMap(({ shard, entries }) => entries.map(({ key }) => `${shard.split('#')[0]} ${key.sk}`)).sort();
}

/** The schedule, for so many minutes. */
async function sweepFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    kit.advance(MINUTE);
    await sweep(kit.hub);
  }
}

const throttle = (call: string, times: number) => {
  for (let time = 0; time < times; time++) {
    kit.stepFunctions.refusals.push({ call, error: awsError('ThrottlingException') });
  }
};

const wait = (token: string) => {
  kit.stepFunctions.openToken(token);
  return awaitEvent(kit.hub, { taskToken: token, instanceKey: 'one', wait: `w-${token}`, name: 'paid' });
};
const raise = () => raiseEvent(kit.hub, { instanceId: 'one', eventName: 'paid', payload: '"now"', eventId: 'e1' });

test('what went well owes nothing: a running instance is looked at now and then, a finished one never', async () => {
  await running();
  await raise();
  expect(await dueEver()).toEqual(['check record']);
  await wait('t1');
  expect(kit.stepFunctions.tokens.get('t1')?.output).toBe('"now"');
  expect(await dueEver()).toEqual(['check record']);
  await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '2' }));
  expect(await dueEver()).toEqual([]);
  await purgeInstances(kit.hub, {});
  // Its approvals are the sweeper's to delete.
  expect(await dueEver()).toEqual(['owed record']);
  await sweep(kit.hub);
  expect(await dueEver()).toEqual([]);
});

test('an event that could not be delivered is, within a minute', async () => {
  await running();
  await wait('t1');
  throttle('SendTaskSuccess', 1);
  await expect(raise()).rejects.toThrow();
  expect(kit.stepFunctions.tokens.get('t1')?.state).toBe('open');
  await sweepFor(1);
  expect(kit.stepFunctions.tokens.get('t1')?.output).toBe('"now"');
  expect(await dueEver()).toEqual(['check record']);
});

test('a decision that the workflow could not be told is told within a minute, without a visit', async () => {
  const approvals: ApprovalKit = await createApprovals(dynamodb);
  kit = approvals;
  const token = await approvals.ask();
  throttle('SendTaskSuccess', 1);
  await approvals.decide(approvals.linkOf('ann@example.com'), 'approve');
  expect(approvals.answerTo(token)).toBeUndefined();
  await sweepFor(1);
  expect(approvals.answerTo(token)?.outcome).toBe('approved');
});

test('an instance that was recorded and not started is started, once', async () => {
  kit.crashAfter(1);
  await expect(startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' })).rejects.toThrow();
  kit.recover();
  await sweepFor(2);
  expect(kit.stepFunctions.execution('one').input).toBe('1');
  expect(await statusOf()).toBe('Running');
  await sweepFor(5);
  expect(kit.stepFunctions.executions.size).toBe(1);
});

test('a start that was refused is taken back, and can be made again; it doesn’t happen by itself', async () => {
  throttle('StartExecution', 1);
  const start = () => startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' });
  await expect(start()).rejects.toThrow('ThrottlingException');
  expect(await tryReadRecord(kit.hub, 'one')).toMatchObject({ runtimeStatus: 'Failed', error: 'NeverStarted' });
  expect(await dueEver()).toEqual([]);
  await start();
  expect(kit.stepFunctions.execution('one').input).toBe('1');
});

test('one whose large input was not stored any more is shown as never started', async () => {
  const input = JSON.stringify('x'.repeat(10_000));
  kit.crashAfter(1);
  await expect(startInstance(kit.hub, { name: 'hello', instanceId: 'one', input })).rejects.toThrow();
  kit.recover();
  await sweepFor(2);
  expect(await tryReadRecord(kit.hub, 'one')).toMatchObject({ runtimeStatus: 'Failed', error: 'NeverStarted' });
  expect(await dueEver()).toEqual([]);
});

test('an instance that was marked to end and not stopped is stopped', async () => {
  await running();
  kit.crashAfter(2);
  await expect(terminateInstance(kit.hub, 'one', 'enough')).rejects.toThrow();
  kit.recover();
  expect(kit.stepFunctions.execution('one').status).toBe('RUNNING');
  await sweepFor(2);
  expect(kit.stepFunctions.execution('one').status).toBe('ABORTED');
  expect(await statusOf()).toBe('Terminated');
  expect(await dueEver()).toEqual([]);
});

test('instances whose end was missed don’t stay Running: they are listed as ended, and can be purged by filter', async () => {
  await running();
  kit.advance(30 * MINUTE);
  kit.stepFunctions.finish('one', 'SUCCEEDED', { output: '2' });
  await sweepFor(40);
  const { records } = await listRecords(kit.hub, {}, {});
  expect(records.map(({ runtimeStatus }) => runtimeStatus)).toEqual(['Completed']);
  expect(await purgeInstances(kit.hub, {})).toEqual({ instancesDeleted: 1 });
});

test('an instance that runs for a month costs some forty calls of DescribeExecution', async () => {
  await running();
  kit.calls.length = 0;
  for (let hour = 0; hour < 30 * 24; hour += hour < 24 ? 1 : 6) {
    kit.advance((hour < 24 ? 1 : 6) * 60 * MINUTE);
    await sweep(kit.hub);
  }
  const looks = kit.calls.filter((call) => call === 'DescribeExecution').length;
  expect(looks).toBeGreaterThan(30);
  expect(looks).toBeLessThan(45);
});

test('one sweep looks at 300 executions at most, at those that waited longest first, and stops where it is throttled', async () => {
  for (let index = 0; index < 320; index++) {
    await applyStatusChange(kit.hub, kit.stepFunctions.startDirectly(MACHINE, `i${index}`, '1'));
    kit.advance(10);
  }
  kit.advance(20 * MINUTE);
  kit.calls.length = 0;
  const looks = () => kit.calls.splice(0).filter((call) => call === 'DescribeExecution').length;
  expect(await sweep(kit.hub)).toMatchObject({ tended: 300, putOff: 0 });
  expect(looks()).toBe(300);
  throttle('DescribeExecution', 8);
  expect(await sweep(kit.hub)).toMatchObject({ tended: 0, putOff: 8 });
  expect(await sweep(kit.hub)).toMatchObject({ tended: 12, putOff: 0 });
}, 60_000);

test('what fails is tried again with pauses of up to an hour, and given up after twelve attempts: an error for the dead-letter queue', async () => {
  await running();
  await wait('t1');
  throttle('SendTaskSuccess', 1_000);
  await expect(raise()).rejects.toThrow();
  kit.calls.length = 0;
  const errors: string[] = [];
  let minutes = 0;
  for (; errors.length === 0 && minutes < 24 * 60; minutes += 5) {
    kit.advance(5 * MINUTE);
    await runSweep(kit.hub, () => {}).catch((error: Error) => errors.push(error.message));
  }
  expect(errors).toEqual([expect.stringContaining('instance#one/inbox#1#paid: ThrottlingException')]);
  expect(kit.calls.filter((call) => call === 'SendTaskSuccess')).toHaveLength(MOST_ATTEMPTS);
  expect(minutes / 60).toBeGreaterThan(4);
  expect(minutes / 60).toBeLessThan(6);
  expect(await dueEver()).toContain('dead inbox#1#paid');
  // It is not forgotten: whoever comes to the inbox takes it up.
  kit.stepFunctions.refusals.length = 0;
  kit.advance(GRACE);
  await raiseEvent(kit.hub, { instanceId: 'one', eventName: 'paid', payload: '2', eventId: 'e2' });
  expect(kit.stepFunctions.tokens.get('t1')?.output).toBe('"now"');
  expect(await dueEver()).toEqual(['check record']);
}, 60_000);

describe('the metric of the oldest entry', () => {
  const lines = async () => {
    const printed: string[] = [];
    await runSweep(kit.hub, (line) => printed.push(line));
    return printed.map((line) => JSON.parse(line));
  };

  test('is sent in CloudWatch’s embedded format', async () => {
    kit.crashAfter(1);
    await expect(startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' })).rejects.toThrow();
    kit.recover();
    kit.advance(GRACE + 5_000);
    expect(await lines()).toEqual([
      {
        _aws: {
          Timestamp: kit.hub.now(),
          CloudWatchMetrics: [
            { Namespace: 'DurableSteps', Dimensions: [['Hub']], Metrics: [{ Name: 'OldestOwed', Unit: 'Seconds' }] },
          ],
        },
        Hub: kit.hub.settings.tableName,
        OldestOwed: 5,
        tended: 1,
        putOff: 0,
        given: 0,
      },
    ]);
  });

  test('is not sent while nothing is due, which costs nothing', async () => {
    await running();
    expect(await lines()).toEqual([]);
  });
});
