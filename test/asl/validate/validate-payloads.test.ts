import { validateDefinition } from '../../../lib/asl/validate/validate.js';

const DONE = { T: { Type: 'Succeed' } };
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const ITEMS = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } };

function problems(state: object, machine: object = {}): readonly string[] {
  const definition = { StartAt: 'S', States: { S: { ...state, Next: 'T' }, ...DONE }, ...machine };
  return validateDefinition(definition as never, 'STANDARD').map(({ message, location }) => `${location} ${message}`);
}

describe('a payload template', () => {
  const DISTRIBUTED = { ...ITEMS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  const reader = { Resource: 'arn:aws:states:::s3:getObject' };
  const writer = { Resource: 'arn:aws:states:::s3:putObject' };

  it.each<[string, (value: unknown) => object]>([
    ['ResultSelector', (ResultSelector) => ({ ...TASK, ResultSelector })],
    [
      'ItemReader/Parameters',
      (Parameters) => ({ Type: 'Map', ItemProcessor: DISTRIBUTED, ItemReader: { ...reader, Parameters } }),
    ],
    [
      'ResultWriter/Parameters',
      (Parameters) => ({ Type: 'Map', ItemProcessor: DISTRIBUTED, ResultWriter: { ...writer, Parameters } }),
    ],
  ])('is an object: %s', (field, state) => {
    expect(problems(state({ a: 1 }))).toEqual([]);
    for (const other of [null, 5, 'text', true, [], [{ a: 1 }]])
      expect(problems(state(other))).toEqual([`/States/S/${field} Expected value of type [OBJECT]`]);
  });

  it.each<[string, (value: unknown) => object]>([
    ['Parameters of a task', (Parameters) => ({ ...TASK, Parameters })],
    ['Parameters of a Pass', (Parameters) => ({ Type: 'Pass', Parameters })],
    ['ItemSelector', (ItemSelector) => ({ Type: 'Map', ItemProcessor: ITEMS, ItemSelector })],
    [
      'BatchInput',
      (BatchInput) => ({ Type: 'Map', ItemProcessor: DISTRIBUTED, ItemBatcher: { MaxItemsPerBatch: 1, BatchInput } }),
    ],
  ])('is any value, whose paths are checked: %s', (_, state) => {
    for (const value of [null, 5, 'text', true, [], ['a', { 'b.$': '$.b' }], { a: 1 }])
      expect(problems(state(value))).toEqual([]);
    expect(problems(state([{ 'b.$': 'no path' }]))).toHaveLength(1);
  });

  it('is of any type where it is JSONata', () => {
    for (const Arguments of [null, 5, 'text', [], { a: 1 }])
      expect(problems({ ...TASK, QueryLanguage: 'JSONata', Arguments })).toEqual([]);
  });
});

describe('a reader and a writer', () => {
  const at = '/States/S/ItemReader';
  const map = (more: object) => ({
    Type: 'Map',
    ItemProcessor: { ...ITEMS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    ...more,
  });
  const reads = (ReaderConfig: unknown) =>
    problems(
      map({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'b' }, ReaderConfig } }),
    );

  it('have a resource', () => {
    const missing = 'These fields are required: [Resource]';
    expect(problems(map({ ItemReader: { Parameters: { Bucket: 'b' } } }))).toEqual([`${at} ${missing}`]);
    expect(problems(map({ ItemReader: {} }))).toEqual([`${at} ${missing}`]);
    const WriterConfig = { OutputType: 'JSON' };
    expect(problems(map({ ResultWriter: { Parameters: { Bucket: 'b' }, WriterConfig } }))).toEqual([
      `/States/S/ResultWriter ${missing}`,
    ]);
    expect(problems(map({ ResultWriter: { WriterConfig } }))).toEqual([]);
  });

  it('are configured by an object of known values', () => {
    expect(reads(null)).toEqual([`${at}/ReaderConfig Expected value of type [OBJECT]`]);
    for (const [field, values] of [
      ['CSVDelimiter', 'COMMA, PIPE, SEMICOLON, SPACE, TAB'],
      ['ManifestType', 'ATHENA_DATA, S3_INVENTORY'],
      ['Transformation', 'NONE, LOAD_AND_FLATTEN'],
    ] as const) {
      for (const value of values.split(', ')) expect(reads({ [field]: value })).toEqual([]);
      const where = `${at}/ReaderConfig/${field}`;
      expect(reads({ [field]: ';' })).toEqual([`${where} Value should be one of the following: [${values}]`]);
      expect(reads({ [field]: 5 })).toEqual([`${where} Expected value of type [STRING]`]);
    }
  });
});

describe('a constant of JSONata', () => {
  it.each(['text', '', '$.a', '2020-01-01'])('is a timestamp where one is waited for, not "%s"', (Timestamp) => {
    expect(problems({ Type: 'Wait', QueryLanguage: 'JSONata', Timestamp })).toEqual([
      '/States/S/Timestamp String does not match RFC3339 timestamp',
    ]);
  });

  it('can be a timestamp, and so can an expression', () => {
    for (const Timestamp of ['2020-01-01T00:00:00Z', '{% $now() %}'])
      expect(problems({ Type: 'Wait', QueryLanguage: 'JSONata', Timestamp })).toEqual([]);
  });

  it('is a text where it names a role', () => {
    const of = (RoleArn: unknown) => problems({ ...TASK, QueryLanguage: 'JSONata', Credentials: { RoleArn } });
    for (const role of ['arn:aws:iam::123456789012:role/r', '{% $role %}']) expect(of(role)).toEqual([]);
    for (const role of [5, true, [], {}])
      expect(of(role)).toEqual(['/States/S/Credentials/RoleArn Expected value of type [STRING]']);
  });
});
