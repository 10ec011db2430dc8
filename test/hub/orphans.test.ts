import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Hub } from '../../lib/hub/hub.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { readInstance, showInstance } from '../../lib/hub/operations/instance-status.js';
import { listRecords } from '../../lib/hub/operations/list.js';
import { purgeInstance } from '../../lib/hub/operations/purge.js';
import { restartInstance } from '../../lib/hub/operations/restart.js';
import { startInstance } from '../../lib/hub/operations/start.js';
import { terminateInstance } from '../../lib/hub/operations/terminate.js';
import { createHub, MACHINE, startDynamo } from './hub-kit.js';

describe('an instance whose orchestration was removed', () => {
  let dynamodb: DynamoDBClient;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ client: dynamodb, close } = await startDynamo());
  });
  afterAll(() => close());

  /** A running instance, and the hub as it is deployed anew without the instance's orchestration. */
  async function orphan(healAfterSeconds = 60) {
    const kit = await createHub(dynamodb, { healAfterSeconds });
    await startInstance(kit.hub, { name: 'hello', instanceId: 'one', input: '1' });
    for (const change of kit.stepFunctions.events) await applyStatusChange(kit.hub, change);
    const deployedAnew: Hub = { ...kit.hub, settings: { ...kit.hub.settings, orchestrations: {} } };
    return { ...kit, deployedAnew };
  }

  const show = async (hub: Hub) => showInstance(hub, await readInstance(hub, 'one'));

  test('is shown as such, alone and in lists, and Step Functions is asked once a minute', async () => {
    const { deployedAnew: hub, stepFunctions, calls, advance } = await orphan(3_600);
    stepFunctions.removeMachine(MACHINE);
    expect(await show(hub)).toMatchObject({ name: 'hello', runtimeStatus: 'Running', orphaned: true });
    calls.length = 0;
    const { records } = await listRecords(hub, {}, {});
    expect(await showInstance(hub, { record: records[0]! })).toMatchObject({ instanceId: 'one', orphaned: true });
    expect(calls).not.toContain('DescribeStateMachine');
    advance(60_000);
    await show(hub);
    expect(calls).toContain('DescribeStateMachine');
  });

  test('is told from one whose orchestration this function just wasn’t told of', async () => {
    const { deployedAnew: hub } = await orphan();
    expect(await show(hub)).not.toHaveProperty('orphaned');
  });

  test('is shown as it is recorded while Step Functions is busy', async () => {
    const { deployedAnew: hub, stepFunctions } = await orphan();
    const error = Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: {} });
    stepFunctions.refusals.push({ call: 'DescribeStateMachine', error });
    expect(await show(hub)).not.toHaveProperty('orphaned');
  });

  test('has ended once its execution is gone, also for a function that was deployed before', async () => {
    const { hub, stepFunctions, advance } = await orphan();
    stepFunctions.removeMachine(MACHINE);
    advance(60_000);
    expect(await show(hub)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'the orchestration was removed, and the execution with it',
      orphaned: true,
    });
  });

  test('can be terminated and purged', async () => {
    const { deployedAnew: hub, stepFunctions } = await orphan();
    stepFunctions.removeMachine(MACHINE);
    await terminateInstance(hub, 'one', 'its orchestration is gone');
    expect(await show(hub)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: 'its orchestration is gone',
      orphaned: true,
    });
    await purgeInstance(hub, 'one');
    await expect(readInstance(hub, 'one')).rejects.toMatchObject({ code: 'InstanceNotFound' });
  });

  test('can be terminated while its execution still runs', async () => {
    const { deployedAnew: hub, stepFunctions } = await orphan();
    await terminateInstance(hub, 'one', 'enough');
    expect(stepFunctions.execution('one').status).toBe('ABORTED');
  });

  test('is not restarted, and keeps its record', async () => {
    const { deployedAnew: hub, stepFunctions } = await orphan();
    stepFunctions.removeMachine(MACHINE);
    await terminateInstance(hub, 'one', 'enough');
    await expect(restartInstance(hub, 'one')).rejects.toMatchObject({
      code: 'OrchestrationNotFound',
      message:
        '`name`: expected an orchestration that is deployed, got `hello`, which was removed; deploy it again, or purge its instances',
    });
    expect(await show(hub)).toMatchObject({ runtimeStatus: 'Terminated' });
  });
});

test('an orchestration that was removed since this function was deployed is not started', async () => {
  const { client, close } = await startDynamo();
  const { hub, stepFunctions } = await createHub(client);
  stepFunctions.removeMachine(MACHINE);
  await expect(startInstance(hub, { name: 'hello', instanceId: 'one', input: '1' })).rejects.toMatchObject({
    code: 'OrchestrationNotFound',
  });
  await close();
});
