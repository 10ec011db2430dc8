import { Late, runStateMachine, TaskFailure } from '../../lib/testing/run-state-machine.js';

const INVOKE = 'arn:aws:states:::lambda:invoke';
const single = (state: object) => ({ StartAt: 'S', States: { S: { End: true, ...state } } });

describe('runStateMachine', () => {
  it('runs a definition with stubs to its end, in virtual time', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: INVOKE,
          Arguments: { FunctionName: 'ask', Payload: '{% $states.input %}' },
          Output: '{% $states.result.Payload %}',
          Next: 'Wait',
        },
        Wait: { Type: 'Wait', Seconds: 86_400, End: true },
      },
    };
    const run = await runStateMachine(definition, {
      input: { n: 1 },
      task: ({ state, payload }) => ({ state, payload }),
    });
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { state: 'Ask', payload: { n: 1 } },
      duration: 86_400_000,
    });
    expect(run.history[0]).toMatchObject({ type: 'ExecutionStarted' });
  });

  it('fails a task by what its stub throws', async () => {
    const state = single({ Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'f' } });
    expect(
      await runStateMachine(state, {
        task: () => {
          throw new TaskFailure('Busy', 'later');
        },
      }),
    ).toMatchObject({ status: 'FAILED', error: 'Busy', cause: 'later' });
    const run = await runStateMachine(state, {
      task: () => {
        throw new RangeError('too far');
      },
    });
    expect(run.error).toBe('RangeError');
    expect(JSON.parse(run.cause ?? '')).toEqual({ errorType: 'RangeError', errorMessage: 'too far', trace: [] });
  });

  it('lets a stub take its time, or for ever', async () => {
    const state = (more: object) =>
      single({ Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'f' }, ...more });
    expect(await runStateMachine(state({}), { task: () => new Late(5_000, 'x') })).toMatchObject({
      status: 'SUCCEEDED',
      duration: 5_000,
    });
    expect(await runStateMachine(state({ TimeoutSeconds: 3 }), { task: () => new Late(5_000) })).toMatchObject({
      error: 'States.Timeout',
      duration: 3_000,
    });
    expect(await runStateMachine(state({}), { task: () => new Late(Number.POSITIVE_INFINITY) })).toMatchObject({
      status: 'RUNNING',
    });
  });

  it('answers tokens and activities with the result of the stub', async () => {
    const callback = single({
      Type: 'Task',
      Resource: `${INVOKE}.waitForTaskToken`,
      Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
    });
    expect(await runStateMachine(callback, { task: () => 'approved' })).toMatchObject({
      status: 'SUCCEEDED',
      output: 'approved',
    });
    const activity = single({
      Type: 'Task',
      Resource: 'arn:aws:states:eu-central-1:999999999999:activity:a',
      Retry: [{ ErrorEquals: ['X'] }],
    });
    const run = await runStateMachine(activity, {
      input: 1,
      task: ({ state, attempt, payload }) => {
        if (attempt === 1) throw new TaskFailure('X');
        return [state, attempt, payload];
      },
    });
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: ['S', 2, 1] });
  });

  it('reads items from the given objects, and starts the given state machines', async () => {
    const map = single({
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'b', Key: 'k' },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'P',
        States: { P: { Type: 'Pass', End: true } },
      },
    });
    expect(await runStateMachine(map, { objects: { b: { k: '[1,2]' } } })).toMatchObject({ output: [1, 2] });
    const child = 'arn:aws:states:us-east-1:123456789012:stateMachine:child';
    const parent = single({
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: child, Input: 7 },
      OutputPath: '$.Output',
    });
    expect(await runStateMachine(parent, { stateMachines: { [child]: single({ Type: 'Pass' }) } })).toMatchObject({
      output: 7,
    });
  });

  it('refuses what AWS would refuse', async () => {
    await expect(runStateMachine({ StartAt: 'S' })).rejects.toMatchObject({
      code: 'InvalidDefinition',
      message: expect.stringContaining('SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'),
    });
  });
});

test.each([1_001, 5_000, 60_000])('what is nested %d deep is refused in words', async (depth) => {
  let nested: unknown = [];
  for (let level = 1; level < depth; level++) nested = [nested];
  const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } } as const;
  const message = 'expected lists and objects that lie in each other at most 1000 deep, got deeper ones';
  await expect(runStateMachine(pass, { input: nested as never })).rejects.toThrow(
    `\`runStateMachine.input\`: ${message}`,
  );
  const deep = { StartAt: 'A', States: { A: { Type: 'Pass', Result: nested, End: true } } } as never;
  await expect(runStateMachine(deep)).rejects.toThrow(`\`runStateMachine.definition\`: ${message}`);
});
