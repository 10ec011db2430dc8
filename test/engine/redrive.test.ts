import { Harness, single, task } from './kit.js';

/** Fails until it is told to work. */
function flaky() {
  const state = { broken: true };
  const harness = new Harness((request) => {
    if (state.broken && request.state.startsWith('Bad')) return { error: 'Broken', cause: 'yet' };
    return { output: `${request.state} done` };
  });
  const mend = () => {
    state.broken = false;
  };
  return { harness, mend };
}

describe('a redrive', () => {
  it('goes on from the failed state with its input, and keeps what came before', async () => {
    const { harness, mend } = flaky();
    const definition = {
      StartAt: 'Good',
      States: {
        Good: { ...task(), ResultPath: '$.good', Next: 'Bad' },
        Bad: { ...task(), ResultPath: '$.bad', End: true },
      },
    };
    const executionArn = await harness.start(definition, { n: 1 });
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(harness.service.describeExecution({ executionArn })).toMatchObject({
      redriveStatus: 'REDRIVABLE',
      redriveCount: 0,
    });
    mend();
    harness.service.redriveExecution({ executionArn });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toEqual({
      status: 'SUCCEEDED',
      output: { n: 1, good: 'Good done', bad: 'Bad done' },
      endedAt: 0,
    });
    expect(harness.calls.map(({ state }) => state)).toEqual(['Good', 'Bad', 'Bad']);
    expect(harness.links(executionArn, 10)).toEqual([
      '10<9 LambdaFunctionFailed',
      '11<10 ExecutionFailed',
      '12<0 ExecutionRedriven',
      '13<10 LambdaFunctionScheduled',
      '14<13 LambdaFunctionStarted',
      '15<14 LambdaFunctionSucceeded',
      '16<15 TaskStateExited',
      '17<16 ExecutionSucceeded',
    ]);
    expect(harness.service.describeExecution({ executionArn })).toMatchObject({
      redriveCount: 1,
      redriveStatus: 'NOT_REDRIVABLE',
    });
  });

  it('runs only the branches that did not succeed', async () => {
    const { harness, mend } = flaky();
    const branch = (name: string) => ({ StartAt: name, States: { [name]: { ...task(), End: true } } });
    const executionArn = await harness.start(single({ Type: 'Parallel', Branches: [branch('Fine'), branch('Bad')] }));
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    mend();
    harness.service.redriveExecution({ executionArn });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: ['Fine done', 'Bad done'] });
    expect(harness.calls.map(({ state }) => state)).toEqual(['Fine', 'Bad', 'Bad']);
  });

  it('runs only the iterations that did not succeed, and those that had not begun', async () => {
    const seen: unknown[] = [];
    let broken = true;
    const harness = new Harness(({ parameters }) => {
      seen.push(parameters);
      return broken && parameters === 2 ? { error: 'Broken' } : { output: Number(parameters) * 10 };
    });
    const map = single({
      Type: 'Map',
      MaxConcurrency: 1,
      ItemProcessor: { StartAt: 'T', States: { T: { ...task(), End: true } } },
    });
    const executionArn = await harness.start(map, [1, 2, 3]);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
    broken = false;
    harness.service.redriveExecution({ executionArn });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: [10, 20, 30] });
    expect(seen).toEqual([1, 2, 2, 3]);
  });

  it('works for a stopped and for a timed out execution, with a full time limit again', async () => {
    const harness = new Harness();
    const definition = { ...single({ Type: 'Wait', Seconds: 50 }), TimeoutSeconds: 40 };
    const executionArn = await harness.start(definition);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'TIMED_OUT', endedAt: 40 });
    harness.service.redriveExecution({ executionArn });
    harness.service.stopExecution({ executionArn });
    expect(harness.outcome(executionArn).status).toBe('ABORTED');
    harness.service.redriveExecution({ executionArn });
    await harness.clock.settled();
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'TIMED_OUT', endedAt: 80 });
  });

  it('forgets the retries so far', async () => {
    const { harness } = flaky();
    const definition = {
      StartAt: 'Bad',
      States: { Bad: { ...task({ Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }] }), End: true } },
    };
    const executionArn = await harness.start(definition);
    harness.service.redriveExecution({ executionArn });
    await harness.clock.settled();
    expect(harness.calls.map(({ request }) => request.attempt)).toEqual([1, 2, 1, 2]);
  });

  it('is refused for what runs, succeeded, or is Express', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(single({ Type: 'Pass' }));
    expect(() => harness.service.redriveExecution({ executionArn })).toThrow(
      expect.objectContaining({
        name: 'ExecutionNotRedrivable',
        message: 'Execution is SUCCEEDED and cannot be redriven',
      }),
    );
    const express = await harness.start({ StartAt: 'F', States: { F: { Type: 'Fail' } } }, {}, 'EXPRESS');
    expect(() => harness.service.redriveExecution({ executionArn: express })).toThrow(
      expect.objectContaining({ name: 'ExecutionNotRedrivable' }),
    );
  });
});
