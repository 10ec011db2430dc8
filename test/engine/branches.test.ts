import { runStateMachine } from '../../lib/testing/run-state-machine.js';
import { Harness, INVOKE_WITH_TOKEN, NEVER, single, task } from './kit.js';

const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: { ...state, End: true } } });

describe('a Parallel', () => {
  it('gives the results of its branches in their order, whenever they end', async () => {
    const harness = new Harness(({ state }) => ({ afterMs: state === 'A' ? 9_000 : 1_000, result: { output: state } }));
    const outcome = await harness.run(
      single({ Type: 'Parallel', Branches: [branch('A', task()), branch('B', task())] }),
    );
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: ['A', 'B'], endedAt: 9 });
  });

  it('that fails stops the other branches, and says so in its history', async () => {
    const harness = new Harness(({ state }) => (state === 'A' ? { afterMs: 5_000, result: { error: 'X' } } : NEVER));
    const executionArn = await harness.start(
      single({
        Type: 'Parallel',
        Branches: [branch('A', task()), branch('B', task()), branch('W', { Type: 'Wait', Seconds: 100 })],
      }),
    );
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'X', endedAt: 5 });
    expect(harness.types(executionArn).slice(-6)).toEqual([
      'LambdaFunctionFailed',
      'TaskStateAborted',
      'TaskStateAborted',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
    expect(harness.calls.find(({ state }) => state === 'B')?.request.signal.aborted).toBe(true);
  });

  it('links its end to the last event of the branch that ended last', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(
      single({ Type: 'Parallel', Branches: [branch('A', { Type: 'Pass' }), branch('B', { Type: 'Pass' })] }),
    );
    expect(harness.links(executionArn)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 ParallelStateEntered',
      '3<2 ParallelStateStarted',
      '4<3 PassStateEntered',
      '5<4 PassStateExited',
      '6<3 PassStateEntered',
      '7<6 PassStateExited',
      '8<7 ParallelStateSucceeded',
      '9<7 ParallelStateExited',
      '10<9 ExecutionSucceeded',
    ]);
  });

  it('shows its variables to the branches, which assign their own only', async () => {
    const inner = {
      StartAt: 'I',
      States: {
        I: { Type: 'Pass', Assign: { 'y.$': '$x', z: 'inner' }, Next: 'J' },
        J: { Type: 'Pass', Parameters: { 'y.$': '$y', 'z.$': '$z' }, End: true },
      },
    };
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 'outer' }, Next: 'P' },
        P: { Type: 'Parallel', Branches: [inner], Assign: { z: 'outer' }, Next: 'Z' },
        Z: { Type: 'Pass', Parameters: { 'x.$': '$x', 'z.$': '$z', 'inner.$': '$[0]' }, End: true },
      },
    };
    expect(await new Harness().run(definition)).toMatchObject({
      output: { x: 'outer', z: 'outer', inner: { y: 'outer', z: 'inner' } },
    });
  });
});

describe('an inline Map', () => {
  const map = (more: object, state: object = task()) =>
    single({ Type: 'Map', ItemProcessor: branch('T', state), ...more });

  it('runs no more at once than MaxConcurrency, and 40 at most', async () => {
    const slow = () => new Harness(() => ({ afterMs: 1_000, result: { output: 0 } }));
    const items = Array.from({ length: 80 }, (_, index) => index);
    expect(await slow().run(map({ MaxConcurrency: 10 }), items)).toMatchObject({ status: 'SUCCEEDED', endedAt: 8 });
    expect(await slow().run(map({}), items)).toMatchObject({ status: 'SUCCEEDED', endedAt: 2 });
  });

  it('fails with the first item that fails, and aborts the others', async () => {
    const harness = new Harness(({ parameters }) =>
      parameters === 1 ? { afterMs: 1_000, result: { error: 'X' } } : NEVER,
    );
    const executionArn = await harness.start(map({}), [0, 1]);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'X', endedAt: 1 });
    expect(harness.types(executionArn).slice(-6)).toEqual([
      'LambdaFunctionFailed',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('of no items gives an empty list', async () => {
    expect(await new Harness().run(map({}), [])).toEqual({ status: 'SUCCEEDED', output: [], endedAt: 0 });
  });

  it('tells each iteration its item, also in maps inside of it', async () => {
    const inner = {
      Type: 'Map',
      ItemsPath: '$.inner',
      ItemProcessor: {
        StartAt: 'I',
        States: {
          I: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value' }, End: true },
        },
      },
    };
    expect(await new Harness().run(map({}, inner), [{ inner: ['a'] }, { inner: ['b', 'c'] }])).toMatchObject({
      output: [
        [{ i: 0, v: 'a' }],
        [
          { i: 0, v: 'b' },
          { i: 1, v: 'c' },
        ],
      ],
    });
  });

  it('waits for people one by one, and holds time for each', async () => {
    const ask = {
      Type: 'Task',
      Resource: INVOKE_WITH_TOKEN,
      Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
    };
    const harness = new Harness();
    const executionArn = await harness.start(map({ MaxConcurrency: 1 }, ask), ['a', 'b']);
    for (const answer of ['"x"', '"y"']) {
      expect(harness.clock.holds).toHaveLength(1);
      harness.service.sendTaskSuccess({ taskToken: harness.calls.at(-1)?.request.taskToken ?? '', output: answer });
      await harness.clock.settled();
    }
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: ['x', 'y'] });
  });
});

describe('a stop', () => {
  it('ends all that an execution waits for, without a trace but the end', async () => {
    const harness = new Harness(() => NEVER);
    const executionArn = await harness.start(
      single({ Type: 'Parallel', Branches: [branch('A', task()), branch('B', task())] }),
    );
    harness.service.stopExecution({ executionArn, cause: 'enough' });
    expect(harness.links(executionArn).at(-1)).toBe('10<0 ExecutionAborted');
    expect(harness.calls.map(({ request }) => request.signal.aborted)).toEqual([true, true]);
    harness.service.stopExecution({ executionArn });
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'ABORTED', cause: 'enough' });
  });
});

describe('data on its way through a task', () => {
  it('can be a list: what a Pass, a selector of items and a batch are given', async () => {
    const selecting = {
      Type: 'Map',
      ItemSelector: ['n', { 'v.$': '$$.Map.Item.Value' }],
      ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', Parameters: [{ 'of.$': '$[1].v' }], End: true } } },
      End: true,
    };
    const made = { Type: 'Pass', Parameters: [{ 'a.$': '$.a' }, 2], Next: 'Map' };
    const { output } = await runStateMachine(
      { StartAt: 'Made', States: { Made: made, Map: selecting } },
      { input: { a: 1 } },
    );
    expect(output).toEqual([[{ of: { a: 1 } }], [{ of: 2 }]]);
  });

  it('goes through all paths of the JSONPath language', async () => {
    const state = task({
      InputPath: '$.in',
      Parameters: { 'n.$': '$.n', fixed: true },
      ResultSelector: { 'picked.$': '$.deep.value' },
      ResultPath: '$.out',
      OutputPath: '$.out',
      Assign: { 'kept.$': '$.picked' },
    });
    const harness = new Harness(({ parameters }) => ({ output: { deep: { value: parameters } } }));
    const executionArn = await harness.start(single(state), { in: { n: 1 } });
    expect(harness.outcome(executionArn)).toMatchObject({ output: { picked: { n: 1, fixed: true } } });
    expect(harness.service.historyOf(executionArn)[5]).toMatchObject({
      details: { assignedVariables: { kept: { n: 1, fixed: true } } },
    });
  });

  it('fails with States.ResultPathMatchFailure when the result fits nowhere', async () => {
    expect(await new Harness().run(single(task({ ResultPath: '$.a.b' })), { a: 1 })).toMatchObject({
      status: 'FAILED',
      error: 'States.ResultPathMatchFailure',
    });
  });

  it('gives null paths an empty object, or nothing', async () => {
    expect(
      await new Harness(({ parameters }) => ({ output: parameters })).run(single(task({ InputPath: null })), { a: 1 }),
    ).toMatchObject({ output: {} });
    expect(await new Harness(() => ({ output: 1 })).run(single(task({ ResultPath: null })), { a: 1 })).toMatchObject({
      output: { a: 1 },
    });
    expect(await new Harness().run(single(task({ OutputPath: null })), { a: 1 })).toMatchObject({ output: {} });
  });
});

describe('a failed JSONata expression', () => {
  it('can be caught by its name, unlike a failed path', async () => {
    const definition = (state: object) => ({
      StartAt: 'S',
      States: {
        S: { ...state, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], End: true },
        C: { Type: 'Pass', End: true },
      },
    });
    const jsonata = { ...task(), QueryLanguage: 'JSONata', Arguments: '{% $gone %}' };
    expect(await new Harness().run(definition(jsonata))).toMatchObject({
      status: 'SUCCEEDED',
      output: { Error: 'States.QueryEvaluationError' },
    });
    const path = task({ InputPath: '$.gone' });
    expect(await new Harness().run(definition(path))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('a choice', () => {
  it('without a match and without a default fails', async () => {
    const definition = {
      StartAt: 'S',
      States: {
        S: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'T' }] },
        T: { Type: 'Pass', End: true },
      },
    };
    expect(await new Harness().run(definition, { a: 1 })).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'S' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
    });
  });
});
