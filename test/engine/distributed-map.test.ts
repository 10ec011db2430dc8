import { gzipSync } from 'node:zlib';
import type { Json, JsonObject } from '../../lib/asl/language/json.js';
import { MemoryObjects } from '../../lib/engine/work/memory-objects.js';
import { Harness, single, task, type Work } from './kit.js';

const CONFIG = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
const PASS = { StartAt: 'T', States: { T: { Type: 'Pass', End: true } } };
const map = (more: object, processor: object = PASS) =>
  single({ Type: 'Map', ItemProcessor: { ProcessorConfig: CONFIG, ...processor }, ...more });

async function harnessWith(
  files: Readonly<Record<string, string>>,
  work?: Work,
): Promise<{ harness: Harness; objects: MemoryObjects }> {
  const objects = new MemoryObjects({ now: () => Date.UTC(2026, 0, 1) });
  for (const [key, text] of Object.entries(files)) await objects.put('b', key, Buffer.from(text));
  return { harness: new Harness(work, { objects }), objects };
}

const reader = (config: object, key = 'k') => ({
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: config,
    Parameters: { Bucket: 'b', Key: key },
  },
});

describe('ItemReader', () => {
  it.each<[string, object, string, Json]>([
    ['JSON', { InputType: 'JSON' }, '[1,{"a":2}]', [1, { a: 2 }]],
    ['JSON below a pointer', { InputType: 'JSON', ItemsPointer: '/data/items' }, '{"data":{"items":[1,2]}}', [1, 2]],
    ['JSON Lines', { InputType: 'JSONL' }, '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    [
      'CSV with headers in its first row',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      'h,i\n1,"2,3"\n4\n',
      [
        { h: '1', i: '2,3' },
        { h: '4', i: '' },
      ],
    ],
    [
      'CSV with given headers and delimiter',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['h'], CSVDelimiter: 'PIPE' },
      '1|2\n3|4',
      [{ h: '1' }, { h: '3' }],
    ],
    [
      'CSV with more given headers than columns, and fewer',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['h', 'i'] },
      '1\n"2, ""two""",3,4\n',
      [
        { h: '1', i: '' },
        { h: '2, "two"', i: '3' },
      ],
    ],
    ['at most MaxItems', { InputType: 'JSON', MaxItems: 2 }, '[1,2,3]', [1, 2]],
  ])('reads %s', async (_what, config, text, expected) => {
    const { harness } = await harnessWith({ k: text });
    expect(await harness.run(map(reader(config)))).toMatchObject({ status: 'SUCCEEDED', output: expected });
  });

  it.each<[string, object, string]>([
    ['given', { CSVHeaderLocation: 'GIVEN', CSVHeaders: ['h', 'i', 'h'] }, '1,2,3'],
    ['of the first row', { CSVHeaderLocation: 'FIRST_ROW' }, 'h,i,h\n1,2,3'],
  ])('fails when headers %s occur twice', async (_where, config, text) => {
    const { harness } = await harnessWith({ k: text });
    expect(await harness.run(map(reader({ InputType: 'CSV', ...config })))).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: 'CSV headers cannot contain duplicates.',
    });
  });

  it('lists objects by prefix', async () => {
    const { harness } = await harnessWith({ 'in/a': 'xx', 'in/b': '', 'out/c': '' });
    const list = {
      ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'b', Prefix: 'in/' } },
    };
    const { output } = await harness.run(map(list));
    expect(output).toEqual([
      {
        Etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
        Key: 'in/a',
        LastModified: 1_767_225_600,
        Size: 2,
        StorageClass: 'STANDARD',
      },
      expect.objectContaining({ Key: 'in/b', Size: 0 }),
    ]);
  });

  it('reads the files of an inventory manifest', async () => {
    const manifest = JSON.stringify({
      destinationBucket: 'arn:aws:s3:::b',
      fileSchema: 'Bucket, Key',
      files: [{ key: 'f1' }, { key: 'f2' }],
    });
    const { harness } = await harnessWith({ k: manifest, f1: '"b","x"\n"b","y"\n', f2: '"b","z"\n' });
    const { output } = await harness.run(map(reader({ InputType: 'MANIFEST' })));
    expect(output).toEqual([
      { Bucket: 'b', Key: 'x' },
      { Bucket: 'b', Key: 'y' },
      { Bucket: 'b', Key: 'z' },
    ]);
  });

  it('reads compressed files', async () => {
    const objects = new MemoryObjects({ now: () => 0 });
    await objects.put('b', 'k.json.gz', gzipSync('[1,2]'));
    const harness = new Harness(undefined, { objects });
    expect(await harness.run(map(reader({ InputType: 'JSON' }, 'k.json.gz')))).toMatchObject({ output: [1, 2] });
  });

  it.each(['[]', '{"files":{}}', '{"files":[null]}', '{"files":[5]}', '{"files":[{"key":5}]}'])(
    'fails on a manifest that is none: %s',
    async (manifest) => {
      const { harness } = await harnessWith({ k: manifest });
      expect(await harness.run(map(reader({ InputType: 'MANIFEST' })))).toMatchObject({
        status: 'FAILED',
        error: 'States.ItemReaderFailed',
        cause: 'Attempting to read an invalid manifest.',
      });
    },
  );

  it.each<[string, object, string | undefined]>([
    ['Attempting to map over non-iterable node.', { InputType: 'JSON' }, '{"a":1}'],
    ['The specified key does not exist.', { InputType: 'JSON' }, undefined],
    ['Unable to parse JSON.', { InputType: 'JSON' }, '[1,'],
  ])('fails with States.ItemReaderFailed: %s', async (cause, config, text) => {
    const { harness } = await harnessWith(text === undefined ? {} : { k: text });
    expect(await harness.run(map(reader(config)))).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause,
    });
  });
});

describe('an object store that fails', () => {
  const broken = (part: 'get' | 'put') => {
    const objects = new MemoryObjects({ now: () => 0 });
    Object.assign(objects, { [part]: () => Promise.reject(new Error('AccessDenied: no')) });
    return new Harness(undefined, { objects });
  };

  it('fails the Map, and not the engine', async () => {
    expect(await broken('get').run(map(reader({ InputType: 'JSON' })))).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'AccessDenied: no',
    });
    const writer = { ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' } } };
    expect(await broken('put').run(map(writer), [1])).toMatchObject({
      error: 'States.ResultWriterFailed',
      cause: 'AccessDenied: no',
    });
  });
});

describe('a field that can not be evaluated', () => {
  it('fails the state, and says so as in any other state', async () => {
    const preamble = "An error occurred while executing the state 'S' (entered at the event id #2).";
    expect(await new Harness().run(map({ ItemSelector: { 'a.$': '$.gone' } }), [1])).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(preamble),
    });
    const { harness } = await harnessWith({ k: '[]' });
    const gone = {
      ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'b', 'Key.$': '$.gone' } },
    };
    expect(await harness.run(map(gone))).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(preamble),
    });
  });
});

describe('ItemBatcher', () => {
  it('makes batches of at most so many items, with a fixed input', async () => {
    const batcher = {
      ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { 'run.$': '$$.Execution.Name', 'x.$': '$.x' } },
      ItemsPath: '$.items',
    };
    const harness = new Harness();
    const { output } = await harness.run(map(batcher), { x: 7, items: [1, 2, 3] });
    expect(output).toEqual([
      { BatchInput: { run: expect.any(String), x: 7 }, Items: [1, 2] },
      { BatchInput: { run: expect.any(String), x: 7 }, Items: [3] },
    ]);
  });

  it('makes batches of at most so many bytes', async () => {
    const items = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'd'];
    const { output } = await new Harness().run(map({ ItemBatcher: { MaxInputBytesPerBatch: 40 } }), items);
    const batches = output as readonly { readonly Items: readonly string[] }[];
    expect(batches.map(({ Items }) => Items)).toEqual([
      ['aaaaaaaaaa', 'bbbbbbbbbb'],
      ['cccccccccc', 'd'],
    ]);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThanOrEqual(40);
  });

  it('selects the items before it batches them', async () => {
    const more = {
      ItemSelector: { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index' },
      ItemBatcher: { MaxItemsPerBatch: 5 },
    };
    const { output } = await new Harness().run(map(more), ['a', 'b']);
    expect(output).toEqual([
      {
        Items: [
          { v: 'a', i: 0 },
          { v: 'b', i: 1 },
        ],
      },
    ]);
  });
});

describe('tolerated failures', () => {
  const work: Work = ({ parameters }) => (Number(parameters) > 2 ? { error: 'TooBig' } : { output: parameters });
  const tasks = { StartAt: 'T', States: { T: { ...task(), End: true } } };

  it.each<[object, string]>([
    [{}, 'FAILED'],
    [{ ToleratedFailureCount: 1 }, 'FAILED'],
    [{ ToleratedFailureCount: 2 }, 'SUCCEEDED'],
    [{ ToleratedFailurePercentage: 49 }, 'FAILED'],
    [{ ToleratedFailurePercentage: 50 }, 'SUCCEEDED'],
  ])('%j over two failures in four: %s', async (tolerance, status) => {
    const outcome = await new Harness(work).run(map(tolerance, tasks), [1, 2, 3, 4]);
    expect(outcome.status).toBe(status);
    if (status === 'FAILED')
      expect(outcome).toMatchObject({
        error: 'States.ExceedToleratedFailureThreshold',
        cause: 'The specified tolerated failure threshold was exceeded',
      });
  });

  it('can be caught', async () => {
    const definition = {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemProcessor: { ProcessorConfig: CONFIG, ...tasks },
          Catch: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'C' }],
          End: true,
        },
        C: { Type: 'Pass', Result: 'caught', End: true },
      },
    };
    expect(await new Harness(work).run(definition, [9])).toMatchObject({ status: 'SUCCEEDED', output: 'caught' });
  });
});

describe('the children of a distributed Map', () => {
  it('are executions of their own, with history, under the Map run', async () => {
    const harness = new Harness(({ parameters }) => ({ output: parameters }));
    const executionArn = await harness.start(
      map({ Label: 'Each', MaxConcurrency: 1 }, { StartAt: 'T', States: { T: { ...task(), End: true } } }),
      ['a', 'b'],
    );
    const { mapRuns } = harness.service.listMapRuns({ executionArn });
    expect(mapRuns).toHaveLength(1);
    const { mapRunArn } = mapRuns[0]!;
    expect(mapRunArn).toMatch(/:mapRun:machine-0\/Each:/);
    expect(harness.service.describeMapRun({ mapRunArn })).toMatchObject({
      status: 'SUCCEEDED',
      maxConcurrency: 1,
      itemCounts: { total: 2, succeeded: 2, pending: 0 },
      executionCounts: { total: 2, succeeded: 2 },
    });
    const { executions } = harness.service.listExecutions({ mapRunArn });
    expect(executions.map(({ itemCount, status }) => [itemCount, status])).toEqual([
      [1, 'SUCCEEDED'],
      [1, 'SUCCEEDED'],
    ]);
    expect(harness.types(executions[1]!.executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('are stopped with their parent', async () => {
    const harness = new Harness();
    const executionArn = await harness.start(
      map(
        {},
        {
          StartAt: 'W',
          States: {
            W: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
              Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
              End: true,
            },
          },
        },
      ),
      [1, 2],
    );
    const [run] = harness.service.listMapRuns({ executionArn }).mapRuns;
    harness.service.stopExecution({ executionArn });
    const statuses = harness.service
      .listExecutions({ mapRunArn: run!.mapRunArn })
      .executions.map(({ status }) => status);
    expect(statuses).toEqual(['ABORTED', 'ABORTED']);
    expect(harness.clock.holds).toEqual([]);
  });

  it('run no more at once than MaxConcurrency', async () => {
    let most = 0;
    let running = 0;
    const harness: Harness = new Harness(() => {
      most = Math.max(most, ++running);
      harness.clock.at(harness.clock.now() + 1_000, () => running--);
      return { afterMs: 1_000, result: { output: 1 } };
    });
    const outcome = await harness.run(
      map({ MaxConcurrency: 3 }, { StartAt: 'T', States: { T: { ...task(), End: true } } }),
      [1, 2, 3, 4, 5, 6, 7],
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', endedAt: 3 });
    expect(most).toBe(3);
  });
});

describe('ResultWriter', () => {
  const writer = (more: object = {}) => ({
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' }, ...more },
  });

  it('writes a file for each outcome and a manifest, and gives where that is', async () => {
    const { harness, objects } = await harnessWith({}, ({ parameters }) =>
      parameters === 2 ? { error: 'No' } : { output: { n: parameters } },
    );
    const { output } = await harness.run(
      map({ ...writer(), ToleratedFailureCount: 1 }, { StartAt: 'T', States: { T: { ...task(), End: true } } }),
      [1, 2],
    );
    const { MapRunArn, ResultWriterDetails } = output as {
      readonly MapRunArn: string;
      readonly ResultWriterDetails: { readonly Bucket: string; readonly Key: string };
    };
    expect(ResultWriterDetails).toEqual({ Bucket: 'b', Key: `out/${MapRunArn.split(':').at(-1)}/manifest.json` });
    const read = async (key: string) =>
      JSON.parse(Buffer.from((await objects.get('b', key))!).toString()) as JsonObject;
    const manifest = await read(ResultWriterDetails.Key);
    expect(manifest).toMatchObject({ DestinationBucket: 'b', MapRunArn, ResultFiles: { PENDING: [] } });
    const files = manifest['ResultFiles'] as Record<string, readonly { readonly Key: string; readonly Size: number }[]>;
    expect(await read(files['SUCCEEDED']![0]!.Key)).toEqual([
      expect.objectContaining({ Status: 'SUCCEEDED', Input: '1', Output: '{"n":1}' }),
    ]);
    expect(await read(files['FAILED']![0]!.Key)).toEqual([
      expect.objectContaining({ Status: 'FAILED', Input: '2', Error: 'No' }),
    ]);
  });

  it('writes outputs alone, one a line, when it is told to', async () => {
    const { harness, objects } = await harnessWith({});
    const { output } = await harness.run(
      map(writer({ WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } })),
      [[1, 2], [3]],
    );
    const { Key } = (output as { readonly ResultWriterDetails: { readonly Key: string } }).ResultWriterDetails;
    const file = await objects.get('b', Key.replace('manifest.json', 'SUCCEEDED_0.jsonl'));
    expect(Buffer.from(file!).toString()).toBe('1\n2\n3');
  });

  it('shapes the output when it has no bucket', async () => {
    const more = { ResultWriter: { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } } };
    expect(await new Harness().run(map(more), [[1, 2], [3]])).toMatchObject({ status: 'SUCCEEDED', output: [1, 2, 3] });
  });
});
