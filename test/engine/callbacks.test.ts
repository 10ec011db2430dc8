import { ApiError } from '../../lib/engine/model/api-errors.js';
import { Harness, INVOKE_WITH_TOKEN, NEVER, single } from './kit.js';

const ASK = {
  Type: 'Task',
  Resource: INVOKE_WITH_TOKEN,
  Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
};
const tokenOf = (harness: Harness, call = 0): string => harness.calls[call]?.request.taskToken ?? '';
const errorOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof ApiError ? error.name : String(error);
  }
};

describe('a task token', () => {
  it('holds virtual time until it is answered, and its answer is the result', async () => {
    const harness = new Harness(() => ({ output: { StatusCode: 200 } }));
    const executionArn = await harness.start(single({ ...ASK, TimeoutSeconds: 3_600 }));
    expect(harness.outcome(executionArn)).toEqual({ status: 'RUNNING' });
    expect(harness.clock.holds).toEqual([expect.stringContaining('waits for its task token')]);
    harness.service.sendTaskSuccess({ taskToken: tokenOf(harness), output: '{"approved":true}' });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toEqual({ status: 'SUCCEEDED', output: { approved: true }, endedAt: 0 });
    expect(harness.clock.holds).toEqual([]);
  });

  it('is the one that its parameters carry', async () => {
    const harness = new Harness();
    await harness.start(single(ASK));
    expect(harness.calls[0]?.request.parameters).toEqual({ FunctionName: 'ask', Payload: { token: tokenOf(harness) } });
  });

  it('times out when time is advanced over its deadline', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(single({ ...ASK, TimeoutSeconds: 3_600 }));
    await harness.clock.advanceBy(3_599_000);
    expect(harness.outcome(executionArn).status).toBe('RUNNING');
    await harness.clock.advanceBy(1_000);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout', endedAt: 3_600 });
    expect(errorOf(() => harness.service.sendTaskSuccess({ taskToken: tokenOf(harness), output: '1' }))).toBe(
      'TaskTimedOut',
    );
  });

  it('has a heartbeat that each sign of life begins anew', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(single({ ...ASK, HeartbeatSeconds: 10 }));
    await harness.clock.advanceBy(8_000);
    harness.service.sendTaskHeartbeat({ taskToken: tokenOf(harness) });
    await harness.clock.advanceBy(8_000);
    expect(harness.outcome(executionArn).status).toBe('RUNNING');
    await harness.clock.advanceBy(2_000);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout', endedAt: 18 });
  });

  it('that misses a heartbeat fails with States.Timeout, which both names match', async () => {
    const caught = async (name: string, limits: object) => {
      const harness = new Harness();
      const executionArn = await harness.start({
        StartAt: 'S',
        States: {
          S: { ...ASK, ...limits, Catch: [{ ErrorEquals: [name], Next: 'C' }], End: true },
          C: { Type: 'Pass', End: true },
        },
      });
      await harness.clock.advanceBy(10_000);
      return harness.outcome(executionArn);
    };
    const output = { Error: 'States.Timeout', Cause: '' };
    for (const name of ['States.HeartbeatTimeout', 'States.Timeout'])
      expect(await caught(name, { HeartbeatSeconds: 10 })).toEqual({ status: 'SUCCEEDED', output, endedAt: 10 });
    expect(await caught('States.TaskFailed', { HeartbeatSeconds: 10 })).toMatchObject({ status: 'FAILED' });
    expect(await caught('States.HeartbeatTimeout', { TimeoutSeconds: 10 })).toMatchObject({ status: 'FAILED' });
  });

  it('is another one for each retry', async () => {
    const harness = new Harness();
    await harness.start(single({ ...ASK, Retry: [{ ErrorEquals: ['No'], IntervalSeconds: 5 }] }));
    harness.service.sendTaskFailure({ taskToken: tokenOf(harness), error: 'No', cause: 'x' });
    await harness.clock.settled();
    expect(harness.calls.map(({ at }) => at)).toEqual([0, 5]);
    expect(tokenOf(harness, 1)).not.toBe(tokenOf(harness, 0));
    expect(errorOf(() => harness.service.sendTaskSuccess({ taskToken: tokenOf(harness, 0), output: '1' }))).toBe(
      'TaskTimedOut',
    );
    expect(
      errorOf(() => harness.service.sendTaskSuccess({ taskToken: tokenOf(harness, 1), output: '1' })),
    ).toBeUndefined();
  });

  it("has AWS's errors", async () => {
    const harness = new Harness();
    await harness.start(single(ASK));
    const { service } = harness;
    const taskToken = tokenOf(harness);
    expect(errorOf(() => service.sendTaskSuccess({ taskToken: 'nonsense', output: '1' }))).toBe('InvalidToken');
    expect(errorOf(() => service.sendTaskSuccess({ taskToken, output: '{' }))).toBe('InvalidOutput');
    expect(errorOf(() => service.sendTaskSuccess({ taskToken, output: JSON.stringify('x'.repeat(262_144)) }))).toBe(
      'InvalidOutput',
    );
    expect(errorOf(() => service.sendTaskSuccess({ taskToken, output: '1' }))).toBeUndefined();
    expect(errorOf(() => service.sendTaskSuccess({ taskToken, output: '1' }))).toBe('TaskTimedOut');
    expect(errorOf(() => service.sendTaskHeartbeat({ taskToken }))).toBe('TaskTimedOut');
  });

  it('that is answered before its carrier has settled counts right after TaskSubmitted', async () => {
    const harness: Harness = new Harness(({ taskToken }) => {
      harness.service.sendTaskSuccess({ taskToken: taskToken ?? '', output: '"early"' });
      return { afterMs: 5_000, result: { output: {} } };
    });
    const executionArn = await harness.start(single(ASK));
    expect(harness.outcome(executionArn)).toEqual({ status: 'SUCCEEDED', output: 'early', endedAt: 5 });
    expect(harness.types(executionArn).slice(2, 6)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
  });

  it('whose carrier fails is closed', async () => {
    const harness = new Harness(() => ({ error: 'Lambda.ServiceException', cause: 'down' }));
    const executionArn = await harness.start(single(ASK));
    expect(harness.outcome(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'Lambda.ServiceException',
      cause: 'down',
    });
    expect(harness.clock.holds).toEqual([]);
    expect(errorOf(() => harness.service.sendTaskSuccess({ taskToken: tokenOf(harness), output: '1' }))).toBe(
      'TaskTimedOut',
    );
  });

  it('lets time run when the service is told so', async () => {
    const harness = new Harness(() => ({ output: {} }), { holdForTokens: false });
    expect(await harness.run(single({ ...ASK, TimeoutSeconds: 60 }))).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
      endedAt: 60,
    });
  });

  it('of a stopped execution is closed, and no longer holds time', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(single(ASK));
    harness.service.stopExecution({ executionArn, error: 'Enough', cause: 'said so' });
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'said so' });
    expect(harness.clock.holds).toEqual([]);
    expect(errorOf(() => harness.service.sendTaskSuccess({ taskToken: tokenOf(harness), output: '1' }))).toBe(
      'TaskTimedOut',
    );
  });

  it('of a thousand executions at once: none is lost', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(single(ASK));
    for (let i = 0; i < 1_000; i++) harness.service.startExecution({ stateMachineArn });
    await harness.clock.settled();
    expect(harness.clock.holds).toHaveLength(1_000);
    for (const { request } of [...harness.calls].reverse())
      harness.service.sendTaskSuccess({ taskToken: request.taskToken ?? '', output: '1' });
    await harness.clock.settled();
    const { executions } = harness.service.listExecutions({
      stateMachineArn,
      statusFilter: 'SUCCEEDED',
      maxResults: 1000,
    });
    expect(executions).toHaveLength(1_000);
  });
});

describe('an activity', () => {
  const ACTIVITY = 'arn:aws:states:us-east-1:123456789012:activity:work';
  const WORK = single({ Type: 'Task', Resource: ACTIVITY, TimeoutSeconds: 100, HeartbeatSeconds: 10 });

  it('gives its task to a worker that polls, and takes the answer', async () => {
    const harness = new Harness();
    harness.service.createActivity({ name: 'work' });
    const executionArn = await harness.start(WORK, { n: 1 });
    const { taskToken, input } = await harness.service.getActivityTask({ activityArn: ACTIVITY, workerName: 'w' });
    expect(input).toBe('{"n":1}');
    harness.service.sendTaskSuccess({ taskToken: taskToken ?? '', output: '2' });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toEqual({ status: 'SUCCEEDED', output: 2, endedAt: 0 });
    expect(harness.types(executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'ActivityScheduled',
      'ActivityStarted',
      'ActivitySucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('gives its task to a worker that was waiting', async () => {
    const harness = new Harness();
    harness.service.createActivity({ name: 'work' });
    const polled = harness.service.getActivityTask({ activityArn: ACTIVITY });
    await harness.start(WORK);
    expect(await polled).toMatchObject({ taskToken: expect.any(String) });
  });

  it('times out when no worker comes', async () => {
    const harness = new Harness();
    harness.service.createActivity({ name: 'work' });
    const executionArn = await harness.start(WORK);
    await harness.clock.advanceBy(100_000);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it.each([
    ['by itself', WORK],
    [
      'in a branch with a catcher around it',
      {
        StartAt: 'P',
        States: {
          P: { Type: 'Parallel', Branches: [WORK], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], End: true },
          C: { Type: 'Pass', End: true },
        },
      },
    ],
  ])('that was deleted fails its task, and the execution: %s', async (_where, definition) => {
    const harness = new Harness();
    const { activityArn } = harness.service.createActivity({ name: 'work' });
    harness.service.deleteActivity({ activityArn });
    const executionArn = await harness.start(definition);
    const failure = { error: 'States.Runtime', cause: `Activity Does Not Exist: '${ACTIVITY}'` };
    expect(harness.outcome(executionArn)).toEqual({ status: 'FAILED', ...failure, endedAt: 0 });
    expect(
      harness.service
        .historyOf(executionArn)
        .slice(-2)
        .map(({ type, details }) => [type, details]),
    ).toEqual([
      ['ActivityScheduleFailed', failure],
      ['ExecutionFailed', failure],
    ]);
  });

  it('that does not exist is refused', async () => {
    await expect(new Harness().service.getActivityTask({ activityArn: ACTIVITY })).rejects.toMatchObject({
      name: 'ActivityDoesNotExist',
    });
  });
});

describe('a task that never answers', () => {
  it('leaves the execution running', async () => {
    const harness = new Harness(() => NEVER);
    expect(
      await harness.run(
        single({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } }),
      ),
    ).toEqual({ status: 'RUNNING' });
  });
});
