import { FUNCTION, Harness, single, task } from './kit.js';

const LIMIT = 'exceeding the maximum number of bytes service limit.';

describe('the limit of 262,144 bytes', () => {
  it("fails a task whose result is larger, with AWS's words", async () => {
    const harness = new Harness(() => ({ output: 'x'.repeat(262_143) }));
    const executionArn = await harness.start(single(task()));
    expect(harness.outcome(executionArn)).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: `The state/task '${FUNCTION}' returned a result with a size ${LIMIT}`,
    });
    expect(harness.types(executionArn).at(-2)).toBe('LambdaFunctionFailed');
    const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
    expect(await harness.run(single(invoke))).toMatchObject({
      cause: `The state/task 'lambda' returned a result with a size ${LIMIT}`,
    });
  });

  it('fails a state whose output is larger', async () => {
    const harness = new Harness(() => ({ output: 'x'.repeat(200_000) }));
    expect(await harness.run(single(task({ ResultPath: '$.r' })), { big: 'x'.repeat(100_000) })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: `The state/task 'S' returned a result with a size ${LIMIT}`,
    });
  });

  it('fails a task whose parameters are larger', async () => {
    const harness = new Harness(() => ({ output: 1 }));
    const twice = task({ Parameters: { 'a.$': '$', 'b.$': '$' } });
    expect(await harness.run(single(twice), 'x'.repeat(140_000))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    expect(harness.calls).toEqual([]);
  });

  it('lets exactly the limit through', async () => {
    const harness = new Harness(() => ({ output: 'x'.repeat(262_142) }));
    expect(await harness.run(single(task()))).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('of a task is caught by States.ALL; of a state, only by its name', async () => {
    const caught = (name: string, state: object) => ({
      StartAt: 'S',
      States: {
        S: { ...state, Catch: [{ ErrorEquals: [name], Next: 'C' }], End: true },
        C: { Type: 'Pass', InputPath: '$.Error', End: true },
      },
    });
    const ofTask = new Harness(() => ({ output: 'x'.repeat(300_000) }));
    for (const name of ['States.ALL', 'States.TaskFailed', 'States.DataLimitExceeded'])
      expect(await ofTask.run(caught(name, task()))).toMatchObject({ status: 'SUCCEEDED' });
    const ofState = new Harness(() => ({ output: 'x'.repeat(200_000) }));
    const input = { big: 'x'.repeat(100_000) };
    for (const name of ['States.ALL', 'States.TaskFailed'])
      expect(await ofState.run(caught(name, task({ ResultPath: '$.r' })), input)).toMatchObject({ status: 'FAILED' });
    expect(await ofState.run(caught('States.DataLimitExceeded', task({ ResultPath: '$.r' })), input)).toMatchObject({
      status: 'SUCCEEDED',
    });
  });

  it('holds for the joined results of branches too, and can be caught by its name', async () => {
    const harness = new Harness(() => ({ output: 'x'.repeat(140_000) }));
    const branch = (name: string) => ({ StartAt: name, States: { [name]: { ...task(), End: true } } });
    const definition = {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Branches: [branch('A'), branch('B')],
          Catch: [
            { ErrorEquals: ['States.DataLimitExceeded'], Next: 'C' },
            { ErrorEquals: ['States.ALL'], Next: 'D' },
          ],
          End: true,
        },
        C: { Type: 'Pass', InputPath: '$.Error', End: true },
        D: { Type: 'Pass', End: true },
      },
    };
    expect(await harness.run(definition)).toMatchObject({ status: 'SUCCEEDED', output: 'States.DataLimitExceeded' });
  });

  it('fails, and does not turn in circles, when the catcher itself makes too much', async () => {
    const harness = new Harness(() => ({ error: 'X', cause: 'c'.repeat(200_000) }));
    const definition = {
      StartAt: 'S',
      States: {
        S: { ...task({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'C' }] }), End: true },
        C: { Type: 'Pass', End: true },
      },
    };
    expect(await harness.run(definition, { big: 'x'.repeat(100_000) })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  it('holds for the input of an execution', () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(single({ Type: 'Pass' }));
    expect(() =>
      harness.service.startExecution({ stateMachineArn, input: JSON.stringify('x'.repeat(262_143)) }),
    ).toThrow(expect.objectContaining({ name: 'InvalidExecutionInput' }));
  });
});

describe('the limits of variables', () => {
  const KIB = 1024;
  /** JSON text of so many bytes. */
  const bytes = (count: number) => 'x'.repeat(count - 2);
  const FAILED = {
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: `The state/task 'S' assigned variables with a size ${LIMIT}`,
  };
  const assigning = (assign: object, more: object = {}) => single({ Type: 'Pass', Assign: assign, ...more });

  it('are 256 KiB for one variable, and for all of one Assign together', async () => {
    const harness = new Harness(() => ({ output: bytes(256 * KIB) }));
    const one = single(task({ ResultPath: '$.r', OutputPath: '$.small', Assign: { a: 1, 'b.$': '$' } }));
    expect(await harness.run(assigning({ a: bytes(256 * KIB) }))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await harness.run(assigning({ a: bytes(256 * KIB + 1) }))).toMatchObject(FAILED);
    expect(await harness.run(assigning({ a: bytes(128 * KIB), b: bytes(128 * KIB) }))).toMatchObject({
      status: 'SUCCEEDED',
    });
    expect(await harness.run(assigning({ a: bytes(128 * KIB), b: bytes(128 * KIB + 1) }))).toMatchObject(FAILED);
    expect(await harness.run(one, { small: 1 })).toMatchObject(FAILED);
  });

  it('are 10 MiB for an execution: what is assigned again, and what a finished branch had, does not count', async () => {
    const chain = (names: readonly string[], state = 'A') => ({
      StartAt: `${state}0`,
      States: Object.fromEntries(
        names.map((name, index) => [
          `${state}${index}`,
          {
            ...task({ ResultPath: null, Assign: { [`${name}.$`]: '$' } }),
            ...(index + 1 < names.length ? { Next: `${state}${index + 1}` } : { End: true }),
          },
        ]),
      ),
    });
    const different = (count: number, prefix = 'v') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const harness = new Harness(() => ({ output: bytes(256 * KIB) }));
    expect(await harness.run(chain(different(40)))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await harness.run(chain(different(41)))).toMatchObject({ status: 'FAILED', error: FAILED.error });
    expect(await harness.run(chain([...different(40), ...different(40)]))).toMatchObject({ status: 'SUCCEEDED' });

    const parallel = (...branches: readonly object[]) => ({ Type: 'Parallel', Branches: branches });
    expect(await harness.run(single(parallel(chain(different(30)), chain(different(30), 'B'))))).toMatchObject({
      status: 'FAILED',
      error: FAILED.error,
    });
    const oneAfterTheOther = {
      StartAt: 'P',
      States: {
        P: { ...parallel(chain(different(30))), Next: 'Q' },
        Q: { ...parallel(chain(different(30, 'w'), 'B')), End: true },
      },
    };
    expect(await harness.run(oneAfterTheOther)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('are met by a catcher that names States.DataLimitExceeded', async () => {
    const definition = {
      StartAt: 'S',
      States: {
        S: {
          ...task({ Assign: { 'a.$': '$', 'b.$': '$' } }),
          Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'C' }],
          End: true,
        },
        C: { Type: 'Pass', InputPath: '$.Error', End: true },
      },
    };
    const harness = new Harness(() => ({ output: bytes(200 * KIB) }));
    expect(await harness.run(definition)).toMatchObject({ status: 'SUCCEEDED', output: 'States.DataLimitExceeded' });
  });
});

describe('the limit of 25,000 events', () => {
  const NEVER = { Type: 'Choice', Choices: [{ Variable: '$.never', IsPresent: true, Next: 'End' }], Default: 'A' };
  const ENDLESS = {
    StartAt: 'A',
    States: { A: { Type: 'Pass', Next: 'B' }, B: NEVER, End: { Type: 'Succeed' } },
  };

  it('fails a Standard execution, uncatchably, with the 25,000th event', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(ENDLESS);
    expect(harness.outcome(executionArn)).toMatchObject({
      status: 'FAILED',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(harness.service.historyOf(executionArn)).toHaveLength(25_000);
    expect(harness.types(executionArn).at(-1)).toBe('ExecutionFailed');
  });

  it('fails one that reaches it inside of a call', async () => {
    const harness = new Harness(() => ({ output: null }));
    const executionArn = await harness.start({
      StartAt: 'A',
      States: {
        A: { ...task(), Next: 'B' },
        B: { ...task(), Next: 'A', Catch: [{ ErrorEquals: ['X'], Next: 'End' }] },
        End: { Type: 'Succeed' },
      },
    });
    expect(harness.outcome(executionArn).status).toBe('FAILED');
    expect(harness.service.historyOf(executionArn)).toHaveLength(25_000);
  });

  it('does not hold for an Express execution, whose endless loop ends later, and yields to others meanwhile', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(ENDLESS, 'endless', 'EXPRESS');
    const { executionArn } = harness.service.startExecution({ stateMachineArn });
    let turns = 0;
    while (harness.outcome(executionArn).status === 'RUNNING') {
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBeGreaterThan(5);
    expect(harness.outcome(executionArn)).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining('(500000)'),
    });
  });
});

describe('an Express execution', () => {
  it('takes no longer than five minutes', async () => {
    const outcome = await new Harness().run(single({ Type: 'Wait', Seconds: 301 }), {}, 'EXPRESS');
    expect(outcome).toEqual({ status: 'TIMED_OUT', endedAt: 300 });
  });
});

describe('retention', () => {
  it('bounds the finished executions, oldest first, and keeps the running ones', async () => {
    const harness = new Harness(undefined, { retention: { maxExecutions: 2 }, holdForTokens: false });
    const wait = harness.create(single({ Type: 'Wait', SecondsPath: '$' }));
    const { executionArn: running } = harness.service.startExecution({ stateMachineArn: wait, input: '1000' });
    for (const seconds of [1, 2, 3])
      harness.service.startExecution({ stateMachineArn: wait, name: `e${seconds}`, input: `${seconds}` });
    harness.clock.at(harness.clock.now() + 10_000, () => {
      const { executions } = harness.service.listExecutions({ stateMachineArn: wait });
      expect(executions.map(({ name, status }) => `${name.slice(0, 2)} ${status}`)).toEqual([
        'e3 SUCCEEDED',
        'e2 SUCCEEDED',
        expect.stringContaining('RUNNING'),
      ]);
    });
    await harness.clock.settled();
    expect(harness.outcome(running)).toMatchObject({ status: 'SUCCEEDED', endedAt: 1_000 });
    expect.assertions(2);
  });

  it('forgets what is older than its age', async () => {
    const harness = new Harness(undefined, { retention: { maxAge: 60_000 } });
    const old = await harness.start(single({ Type: 'Pass' }));
    await harness.start(single({ Type: 'Wait', Seconds: 61 }));
    expect(() => harness.outcome(old)).toThrow(expect.objectContaining({ name: 'ExecutionDoesNotExist' }));
  });

  it('forgets the children of a Map together with its execution', async () => {
    const harness = new Harness(undefined, { retention: { maxExecutions: 1 } });
    const executionArn = await harness.start(
      single({
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'T',
          States: { T: { Type: 'Pass', End: true } },
        },
      }),
      [1, 2],
    );
    const [run] = harness.service.listMapRuns({ executionArn }).mapRuns;
    const { executions } = harness.service.listExecutions({ mapRunArn: run!.mapRunArn });
    expect(executions).toHaveLength(2);
    await harness.start(single({ Type: 'Pass' }));
    expect(() => harness.service.describeMapRun({ mapRunArn: run!.mapRunArn })).toThrow(
      expect.objectContaining({ name: 'ResourceNotFound' }),
    );
    expect(() => harness.outcome(executions[0]!.executionArn)).toThrow(
      expect.objectContaining({ name: 'ExecutionDoesNotExist' }),
    );
  });
});
