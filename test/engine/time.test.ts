import { Harness, NEVER, START, single, task } from './kit.js';

describe('a Wait', () => {
  it('takes as long as it says', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Wait', Seconds: 3_600, Next: 'B' },
        B: { Type: 'Wait', TimestampPath: '$.until', Next: 'C' },
        C: { QueryLanguage: 'JSONata', Type: 'Wait', Seconds: '{% $states.input.more %}', Next: 'D' },
        D: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true },
      },
    };
    expect(await new Harness().run(definition, { until: '2026-01-02T00:00:00Z', more: 5 })).toMatchObject({
      status: 'SUCCEEDED',
      endedAt: 86_405,
    });
  });

  it('of at most a year completes; the execution of a longer one times out after the year', async () => {
    const wait = single({ Type: 'Wait', SecondsPath: '$.s' });
    const year = 365 * 86_400;
    expect(await new Harness().run(wait, { s: year - 1 })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await new Harness().run(wait, { s: 400 * 86_400 })).toMatchObject({ status: 'TIMED_OUT', endedAt: year });
    expect(await new Harness().run({ ...wait, TimeoutSeconds: 2 * year }, { s: 400 * 86_400 })).toMatchObject({
      status: 'TIMED_OUT',
      endedAt: year,
    });
  });

  it('of more than 99,999,999 seconds, or until a time in more than 24,855 days, fails at once', async () => {
    const tooLong = {
      status: 'FAILED',
      endedAt: 0,
      cause: expect.stringContaining('Wait state delay is too long.'),
    };
    const path = single({ Type: 'Wait', SecondsPath: '$.s' });
    const jsonata = single({ QueryLanguage: 'JSONata', Type: 'Wait', Seconds: '{% $states.input.s %}' });
    for (const wait of [path, jsonata]) {
      expect(await new Harness().run(wait, { s: 99_999_999 })).toMatchObject({ status: 'TIMED_OUT' });
      expect(await new Harness().run(wait, { s: 100_000_000 })).toMatchObject(tooLong);
    }
    const until = single({ Type: 'Wait', TimestampPath: '$.t' });
    const days = (count: number) => new Date(START + count * 86_400_000).toISOString();
    expect(await new Harness().run(until, { t: days(24_855) })).toMatchObject({ status: 'TIMED_OUT' });
    expect(await new Harness().run(until, { t: days(24_856) })).toMatchObject({ ...tooLong, error: 'States.Runtime' });
  });

  it('of an execution that waits for nothing but an answer makes no time pass by itself', async () => {
    const harness = new Harness(() => NEVER);
    const executionArn = await harness.start(single(task()));
    expect(harness.seconds()).toBe(0);
    await harness.clock.advanceBy(366 * 86_400_000);
    expect(harness.outcome(executionArn)).toMatchObject({ status: 'TIMED_OUT', endedAt: 365 * 86_400 });
  });
});

describe('Retry', () => {
  const failing = () => new Harness(({ attempt }) => (attempt < 5 ? { error: 'Busy', cause: 'x' } : { output: 'ok' }));

  it('waits 2 s, then 4 s, then 8 s', async () => {
    const harness = failing();
    const outcome = await harness.run(
      single(task({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 2 }] })),
    );
    expect(harness.calls.map(({ at }) => at)).toEqual([0, 2, 6, 14, 30]);
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 'ok', endedAt: 30 });
  });

  it('waits at most MaxDelaySeconds', async () => {
    const harness = failing();
    await harness.run(
      single(task({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 4, MaxDelaySeconds: 3 }] })),
    );
    expect(harness.calls.map(({ at }) => at)).toEqual([0, 2, 5, 8, 11]);
  });

  it('waits a random part of the delay with full jitter', async () => {
    const harness = failing();
    await harness.run(
      single(task({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 4, JitterStrategy: 'FULL' }] })),
    );
    expect(harness.calls.map(({ at }) => at)).toEqual([0, 1, 3, 7, 15]);
  });

  it('counts for each retrier by itself, and gives up when the matching one is used up', async () => {
    const errors = ['A', 'B', 'A', 'A'];
    const harness = new Harness(({ attempt }) => ({ error: errors[attempt - 1] ?? 'none' }));
    const retry = [
      { ErrorEquals: ['A'], MaxAttempts: 2 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 1 },
    ];
    expect(await harness.run(single(task({ Retry: retry })))).toMatchObject({ status: 'FAILED', error: 'A' });
    expect(harness.calls).toHaveLength(4);
  });

  it('retries a whole Parallel, and tells the attempt in the context object', async () => {
    const counts: unknown[] = [];
    const harness = new Harness(({ attempt, parameters }) => {
      counts.push(parameters);
      return attempt === 1 && counts.length < 3 ? { error: 'X' } : { output: 1 };
    });
    const branch = { StartAt: 'T', States: { T: { ...task(), InputPath: '$$.State.RetryCount', End: true } } };
    const outcome = await harness.run(
      single({ Type: 'Parallel', Branches: [branch], Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 1 }] }),
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: [1], endedAt: 3 });
    expect(counts).toEqual([0, 0, 0]);
  });
});

describe('a timeout', () => {
  it('of a task ends the attempt, aborts the call and can be caught', async () => {
    let signal: AbortSignal | undefined;
    const harness = new Harness((request) => {
      signal = request.signal;
      return NEVER;
    });
    const outcome = await harness.run({
      StartAt: 'S',
      States: {
        S: { ...task({ TimeoutSeconds: 30, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'T' }] }), End: true },
        T: { Type: 'Pass', End: true },
      },
    });
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: { Error: 'States.Timeout', Cause: '' }, endedAt: 30 });
    expect(signal?.aborted).toBe(true);
  });

  it('of the machine ends the execution as TIMED_OUT, which nothing catches', async () => {
    const harness = new Harness(() => NEVER);
    const definition = {
      TimeoutSeconds: 90,
      StartAt: 'S',
      States: {
        S: { ...task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'T' }] }), End: true },
        T: { Type: 'Pass', End: true },
      },
    };
    const executionArn = await harness.start(definition);
    expect(harness.outcome(executionArn)).toEqual({ status: 'TIMED_OUT', endedAt: 90 });
    expect(harness.service.describeExecution({ executionArn })).not.toHaveProperty('error');
    expect(harness.service.historyOf(executionArn).at(-1)?.details).toEqual({ error: 'States.Timeout' });
    expect(harness.links(executionArn).at(-1)).toBe('5<0 ExecutionTimedOut');
    expect(harness.calls[0]?.request.signal.aborted).toBe(true);
  });

  it('of the machine has no effect when the execution ends before', async () => {
    const harness = new Harness();
    expect(await harness.run({ ...single({ Type: 'Wait', Seconds: 5 }), TimeoutSeconds: 10 })).toMatchObject({
      status: 'SUCCEEDED',
      endedAt: 5,
    });
    expect(harness.seconds()).toBe(5);
  });

  it('of a late answer: what comes after it changes nothing', async () => {
    const harness = new Harness(() => ({ afterMs: 60_000, result: { output: 'late' } }));
    expect(await harness.run(single(task({ TimeoutSeconds: 30 })))).toEqual({
      status: 'FAILED',
      error: 'States.Timeout',
      endedAt: 30,
    });
  });
});
