import { gatherResults } from '../../../lib/client/read-results.js';
import type { StoredResults } from '../../../lib/contract/stored-results.js';
import { expr, fanOutFanIn, flow, shape } from '../../../lib/flow/index.js';
import { activity, compile, essence } from '../kit.js';
import { Bench, failure, run } from '../run.js';

interface Job {
  readonly location: string;
  readonly profile: { readonly name: string };
}

const list = activity<{ location: string }, { name: string }[]>('List');
const transcode = activity<Job, { out: string }>('Transcode');
const double = activity<number, number>('Double');
const sum = activity<readonly number[], number>('Sum');
const report = activity<unknown, string>('Report');
const bucket = {
  bucketName: 'media',
  bucketArn: 'arn:aws:s3:::media',
  encryptionKey: { keyArn: 'arn:aws:kms:us-east-1:123456789012:key/k' },
};

const video = flow<{ location: string }>()
  .step('profiles', list)
  .step(
    'renditions',
    fanOutFanIn({
      items: ({ profiles }) => profiles,
      each: transcode,
      input: (profile, { input }) => ({ location: input.location, profile }),
      maxConcurrency: 4,
    }),
  );

const doubleAll = (input: number): number => {
  if (input % 3 === 0) throw failure('Multiple', `${input} is a multiple of 3`);
  return input * 2;
};

describe('inline', () => {
  test('is one Map state; the item mapping is its ItemSelector', () => {
    expect(essence(compile(video))).toEqual({
      StartAt: 'profiles',
      States: {
        profiles: {
          Type: 'Task List',
          Payload: '{% $states.input %}',
          Assign: { profiles: '{% $states.result.Payload %}' },
          Next: 'renditions',
        },
        renditions: {
          Type: 'Map',
          Items: '{% $profiles %}',
          ItemSelector:
            '{% {"location": $states.context.Execution.Input.location, "profile": $states.context.Map.Item.Value} %}',
          MaxConcurrency: 4,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            StartAt: 'Transcode',
            States: { Transcode: expect.objectContaining({ Type: 'Task', End: true }) },
          },
          Assign: { renditions: '{% $states.result %}' },
          End: true,
        },
      },
    });
  });

  test('results are in the order of the items; every item has its own idempotency key', async () => {
    const { output, bench } = await run(
      compile(video),
      {
        List: () => ['a', 'b', 'c'].map((name) => ({ name })),
        Transcode: ({ location, profile }: Job) => ({ out: `${location}/${profile.name}` }),
      },
      { location: 's3' },
    );
    expect(output).toEqual([{ out: 's3/a' }, { out: 's3/b' }, { out: 's3/c' }]);
    expect(bench.calls.slice(1).map(({ key }) => key)).toEqual([
      'run-1/Transcode/0',
      'run-1/Transcode/1',
      'run-1/Transcode/2',
    ]);
  });

  test('a plain list of steps fans out over the last result and aggregates', async () => {
    const steps = flow<readonly number[]>().step('total', fanOutFanIn({ each: double, aggregate: sum }));
    const { output } = await run(
      compile(steps),
      { Double: (n: number) => n * 2, Sum: (all: number[]) => all.reduce((a, b) => a + b, 0) },
      [1, 2, 3],
    );
    expect(output).toBe(12);
  });

  test.each([[[]], [[1]], [[1, 2]]])('%j items give as many results', async (items) => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double }));
    expect((await run(compile(steps), { Double: (n: number) => [n] }, items)).output).toEqual(items.map((n) => [n]));
  });

  test('the first failing item fails the fan-out, with its own error', async () => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double }));
    const { status, error } = await run(compile(steps), { Double: doubleAll }, [1, 2, 3]);
    expect([status, error]).toEqual(['FAILED', 'Multiple']);
  });

  test('tolerated failures give a partial result in the order of the items', async () => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double, toleratedFailures: 'all' }));
    const { output, bench } = await run(compile(steps), { Double: doubleAll }, [3, 4, 6, 8]);
    const failed = (index: number, message: string) => ({
      index,
      error: {
        name: 'Multiple',
        message,
        stack: expect.stringContaining(`Multiple: ${message}\n`),
        cause: expect.stringContaining('errorType'),
        step: 'Double',
      },
    });
    expect(output).toEqual({
      succeeded: [
        { index: 1, output: 8 },
        { index: 3, output: 16 },
      ],
      failed: [failed(0, '3 is a multiple of 3'), failed(2, '6 is a multiple of 3')],
    });
    expect(bench.calls).toHaveLength(4);
  });

  test.each([
    [{ count: 2 }, 'SUCCEEDED'],
    [{ count: 1 }, 'FAILED'],
    [{ percentage: 50 }, 'SUCCEEDED'],
    [{ percentage: 49 }, 'FAILED'],
  ])('of 4 items 2 fail: with %j tolerated it has %s', async (toleratedFailures, expected) => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double, toleratedFailures }));
    const { status, error, cause } = await run(compile(steps), { Double: doubleAll }, [3, 4, 6, 8]);
    expect(status).toBe(expected);
    if (expected === 'FAILED') {
      expect(error).toBe('States.ExceedToleratedFailureThreshold');
      expect(cause).toBe('2 of 4 items failed; the first: Multiple');
    }
  });

  test('too many failures can be caught', async () => {
    const steps = flow<readonly number[]>()
      .step('all', fanOutFanIn({ each: double, toleratedFailures: { count: 1 } }))
      .catch(report, ({ error }) => error.name);
    const { output } = await run(
      compile(steps),
      { Double: doubleAll, Report: (name: string) => `sorry: ${name}` },
      [3, 6, 8],
    );
    expect(output).toBe('sorry: States.ExceedToleratedFailureThreshold');
  });

  test('a flow as `each` reads earlier results through its input; nested fan-outs have keys of their own', async () => {
    const inner = flow<{ readonly row: readonly number[] }>()
      .step('cells', fanOutFanIn({ items: ({ input }) => input.row, each: double }))
      .output(({ cells, input }) => ({ cells, first: input.row[0]! }));
    const steps = flow<{ readonly rows: readonly (readonly number[])[] }>().step(
      'table',
      fanOutFanIn({ items: ({ input }) => input.rows, each: inner, input: (row) => ({ row }) }),
    );
    const { output, bench } = await run(
      compile(steps),
      { Double: (n: number) => n * 2 },
      {
        rows: [
          [1, 2],
          [3, 4],
        ],
      },
    );
    expect(output).toEqual([
      { cells: [2, 4], first: 1 },
      { cells: [6, 8], first: 3 },
    ]);
    expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(4);
  });
});

describe('distributed', () => {
  const toStore = flow<{ readonly location: string; readonly names: readonly string[] }>().step(
    'renditions',
    fanOutFanIn({
      items: ({ input }) => input.names,
      each: transcode,
      input: (name, { input }, index) => ({
        location: input.location,
        profile: { name: expr<string>`${name} & ${index}` },
      }),
      resultsTo: { bucket, prefix: 'runs' },
      toleratedFailures: { percentage: 5 },
    }),
  );

  test('outer values travel in the ItemSelector, with the key and the index of the item', () => {
    expect(compile(toStore).States['renditions']).toEqual({
      Type: 'Map',
      Items: '{% $states.input.names %}',
      ItemSelector: {
        key: '{% $states.context.Execution.Name & "/renditions" & "/" & $states.context.Map.Item.Index %}',
        index: '{% $states.context.Map.Item.Index %}',
        input:
          '{% {"location": $states.input.location, "profile": {"name": ($states.context.Map.Item.Value & $states.context.Map.Item.Index)}} %}',
      },
      MaxConcurrency: 100,
      ToleratedFailurePercentage: 5,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Transcode',
        States: {
          Transcode: expect.objectContaining({
            Arguments: {
              FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:Transcode',
              Payload: '{% $states.input.input %}',
              ClientContext:
                '{% $base64encode($string({"idempotencyKey": $replace($encodeUrlComponent($states.input.key & "/Transcode"), "%2F", "/")})) %}',
            },
            End: true,
          }),
        },
      },
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        Arguments: { Bucket: 'media', Prefix: 'runs' },
      },
      Assign: expect.any(Object),
      Output: {
        bucket: '{% $states.result.ResultWriterDetails.Bucket %}',
        manifest: '{% $states.result.ResultWriterDetails.Key %}',
        mapRun: '{% $states.result.MapRunArn %}',
      },
      End: true,
    });
  });

  test('10,000 items with large results and 1 % failures: the partial result is right and in order', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${index}-`);
    const { status, output, bench } = await run(
      compile(toStore),
      {
        Transcode: ({ profile }: Job) => {
          if (profile.name.endsWith('77')) throw failure('Unlucky');
          return { out: `${profile.name} ${'x'.repeat(100)}` };
        },
      },
      { location: 's3', names },
    );
    expect(status).toBe('SUCCEEDED');
    const stored = output as StoredResults<{ out: string }>;
    expect(stored).toMatchObject({ bucket: 'media', manifest: expect.stringMatching(/^runs\/.*manifest\.json$/) });
    const read = async (key: string) => bench.objects.files.get(`media/${key}`)?.toString();
    const { succeeded, failed } = await gatherResults(stored, read);
    const indexes = names.map((_, index) => index);
    expect(failed.map(({ index }) => index)).toEqual(indexes.filter((index) => index % 100 === 77));
    expect(failed[0]!.error).toMatchObject({ name: 'Unlucky', message: 'Unlucky' });
    expect(succeeded.map(({ index }) => index)).toEqual(indexes.filter((index) => index % 100 !== 77));
    expect(succeeded[5]).toEqual({ index: 5, output: { out: `n5-5 ${'x'.repeat(100)}` } });
    expect(JSON.stringify(succeeded).length).toBeGreaterThan(256 * 1024);
  }, 30_000);

  test.each([{}, { batch: { maxItems: 3 } }])('without a bucket the results are the output: %j', async (options) => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double, mode: 'distributed', ...options }));
    for (const items of [[], [1], [1, 2, 4, 5, 7, 8, 10]]) {
      const { output, bench } = await run(compile(steps), { Double: (n: number) => [n] }, items);
      expect(output).toEqual(items.map((n) => [n]));
      expect(new Set(bench.calls.map(({ key }) => key)).size).toBe(items.length);
    }
  });

  const ways = [
    ['inline', {}],
    ['distributed', { mode: 'distributed' }],
    ['express children', { children: 'express' }],
    ['batches', { batch: { maxItems: 2 } }],
  ] as const;

  test.each(ways)('%s: the first failing item fails the fan-out, under its own name', async (_, options) => {
    const steps = flow<readonly number[]>().step('all', fanOutFanIn({ each: double, ...options }));
    const { status, error, cause } = await run(compile(steps), { Double: doubleAll }, [1, 2, 3, 4, 6]);
    expect([status, error]).toEqual(['FAILED', 'Multiple']);
    expect(JSON.parse(cause ?? '')).toMatchObject({ errorMessage: '3 is a multiple of 3' });
    const caught = steps.catch(report, ({ error }) => ({ name: error.name, text: error.message }), {
      errors: ['Multiple'],
    });
    const outcome = await run(compile(caught), { Double: doubleAll, Report: (input: unknown) => input }, [3]);
    expect(outcome.output).toEqual({ name: 'Multiple', text: '3 is a multiple of 3' });
  });

  test.each(ways)('%s: results of any shape come out as they are', async (_, options) => {
    const echo = activity<unknown, unknown>('Echo');
    const steps = flow<readonly unknown[]>().step('all', fanOutFanIn({ each: echo, ...options }));
    const values = [[1], [[]], [[], [1, [2]]], [5, null, ''], [{ error: 'no' }], [{ results: [1] }, { output: 2 }], []];
    for (const items of values) {
      expect((await run(compile(steps), { Echo: (value: unknown) => value }, items)).output).toEqual(items);
    }
  });

  test('batches: a failing item is told apart from its batch where failures are tolerated', async () => {
    const steps = flow<readonly number[]>().step(
      'all',
      fanOutFanIn({ each: double, batch: { maxItems: 2 }, toleratedFailures: 'all' }),
    );
    const { output } = await run(compile(steps), { Double: doubleAll }, [1, 2, 3, 4]);
    expect(output).toEqual({
      succeeded: [
        { index: 0, output: 2 },
        { index: 1, output: 4 },
        { index: 3, output: 8 },
      ],
      failed: [{ index: 2, error: expect.objectContaining({ name: 'Multiple', step: 'Double' }) }],
    });
  });

  test('stored results of batches are read item by item; a failing item fails its batch', async () => {
    const steps = flow<readonly number[]>().step(
      'all',
      fanOutFanIn({ each: double, batch: { maxItems: 2 }, toleratedFailures: 'all', resultsTo: { bucket } }),
    );
    const { output, bench } = await run(compile(steps), { Double: doubleAll }, [1, 2, 3, 4, 5]);
    const read = async (key: string) => bench.objects.files.get(`media/${key}`)?.toString();
    const { succeeded, failed } = await gatherResults(output as StoredResults<number>, read);
    expect(succeeded).toEqual([
      { index: 0, output: 2 },
      { index: 1, output: 4 },
      { index: 4, output: 10 },
    ]);
    expect(failed.map(({ index }) => index)).toEqual([2, 3]);
  });

  test.each([
    [
      'csv',
      'name,size\nfirst,1\nsecond,2\n',
      [
        { name: 'first', size: '1' },
        { name: 'second', size: '2' },
      ],
    ],
    ['json', '[{"name":"first"},{"name":"second"}]', [{ name: 'first' }, { name: 'second' }]],
    ['jsonl', '{"name":"first"}\n{"name":"second"}\n', [{ name: 'first' }, { name: 'second' }]],
  ] as const)('items come from Amazon S3 as %s', async (format, text, expected) => {
    const echo = activity<{ readonly name: string }, unknown>('Echo');
    const steps = flow<{ readonly key: string }>().step(
      'rows',
      fanOutFanIn({
        items: { format, bucket, key: ({ input }) => input.key, holds: shape<{ readonly name: string }>() },
        each: echo,
      }),
    );
    const bench = new Bench({ Echo: (row: unknown) => row });
    bench.objects.files.set('media/in/rows', Buffer.from(text));
    const { output } = await bench.start(bench.deploy('Test', compile(steps)), { key: 'in/rows' });
    expect(output).toEqual(expected);
  });

  test.each([['in/'], ['']])('the objects under a prefix are items: `%s`', async (prefix) => {
    const size = activity<{ readonly Key: string; readonly Size: number }, string>('Size');
    const steps = flow<unknown>().step(
      'sizes',
      fanOutFanIn({
        items: {
          format: 'objects',
          bucket,
          key: prefix,
          holds: shape<{ readonly Key: string; readonly Size: number }>(),
        },
        each: size,
      }),
    );
    const bench = new Bench({ Size: ({ Key, Size }: { Key: string; Size: number }) => `${Key}:${Size}` });
    bench.objects.files.set('media/in/a', Buffer.from('1'));
    bench.objects.files.set('media/in/b', Buffer.from('22'));
    const { output } = await bench.start(bench.deploy('Test', compile(steps)), {});
    expect(output).toEqual(['in/a:1', 'in/b:2']);
  });
});

describe('what cannot work is refused', () => {
  const refused = (options: object): (() => unknown) => {
    const step = fanOutFanIn({ each: double, ...options });
    return () => compile(flow<readonly number[]>().step('all', step));
  };

  test.each([
    [{ maxConcurrency: 41 }, 'Test.all.maxConcurrency'],
    [{ maxConcurrency: 0 }, 'expected a whole number from 1 to 40'],
    [{ maxConcurrency: 10_001, mode: 'distributed' }, 'from 1 to 10000'],
    [{ mode: 'inline', batch: { maxItems: 2 } }, 'Test.all.batch'],
    [{ mode: 'inline', resultsTo: { bucket } }, 'Test.all.resultsTo'],
    [{ batch: {} }, '`maxItems` or `maxBytes`'],
    [{ batch: { maxItems: 0 } }, 'Test.all.batch.maxItems'],
    [{ batch: { maxBytes: 300_000 } }, 'from 1 to 262144'],
    [{ toleratedFailures: { count: -1 } }, 'Test.all.toleratedFailures.count'],
    [{ toleratedFailures: { percentage: 101 } }, 'from 0 to 100'],
  ])('%j', (options, message) => {
    expect(refused(options)).toThrow(message);
  });

  test('a list that is too long for one history, and one that is too large for a state', () => {
    const over = (items: readonly unknown[]) => () =>
      compile(flow<unknown>().step('all', fanOutFanIn({ items: () => items, each: activity<unknown, number>('Any') })));
    expect(over(Array.from({ length: 3571 }, (_, index) => index))).not.toThrow();
    expect(over(Array.from({ length: 3572 }, (_, index) => index))).toThrow('at most 3571 items inline');
    expect(over(['x'.repeat(262_144)])).toThrow('262144 bytes of JSON');
  });

  test('express children that would have to wait', () => {
    const waits = flow<number>().step('pause', {
      stepName: 'Wait',
      compile: (site) => ({
        start: site.scope.add('Ask', { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
        exits: [],
      }),
    });
    expect(() =>
      compile(flow<readonly number[]>().step('all', fanOutFanIn({ each: waits, children: 'express' }))),
    ).toThrow('`Ask` waits');
  });
});
