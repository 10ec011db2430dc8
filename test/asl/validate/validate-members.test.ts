import { validateDefinition } from '../../../lib/asl/validate/validate.js';

const DONE = { T: { Type: 'Succeed' } };
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const ITEMS = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } };

function problems(state: object, machine: object = {}): readonly string[] {
  const definition = { StartAt: 'S', States: { S: { ...state, Next: 'T' }, ...DONE }, ...machine };
  return validateDefinition(definition as never, 'STANDARD').map(({ message, location }) => `${location} ${message}`);
}

describe('a number', () => {
  it.each<[string, object, string]>([
    ['TimeoutSeconds', { ...TASK, TimeoutSeconds: 0 }, 'Minimum value is 1'],
    ['TimeoutSeconds', { ...TASK, TimeoutSeconds: 100_000_000 }, 'Maximum value is 99999999'],
    ['HeartbeatSeconds', { ...TASK, HeartbeatSeconds: '5' }, 'Expected value of type Integer'],
    ['Seconds', { Type: 'Wait', Seconds: 1.5 }, 'Expected value of type Integer'],
    ['Seconds', { Type: 'Wait', Seconds: 100_000_000 }, 'Maximum value is 99999999'],
    ['MaxConcurrency', { Type: 'Map', ItemProcessor: ITEMS, MaxConcurrency: -1 }, 'Minimum value is 0'],
    [
      'ToleratedFailurePercentage',
      { Type: 'Map', ItemProcessor: ITEMS, ToleratedFailurePercentage: 101 },
      'Maximum value is 100',
    ],
  ])('of %s has limits', (field, state, message) => {
    expect(problems(state)).toEqual([`/States/S/${field} ${message}`]);
  });

  it('of a retrier has limits', () => {
    const retry = (more: object) => problems({ ...TASK, Retry: [{ ErrorEquals: ['X'], ...more }] });
    expect(retry({ IntervalSeconds: 0, MaxAttempts: 0, BackoffRate: 1.5, MaxDelaySeconds: 31_622_400 })).toEqual([]);
    expect(
      retry({ IntervalSeconds: 100_000_000, MaxAttempts: 100_000_000, BackoffRate: 0.9, MaxDelaySeconds: 31_622_401 }),
    ).toEqual([
      '/States/S/Retry[0]/IntervalSeconds Maximum value is 99999999',
      '/States/S/Retry[0]/MaxAttempts Maximum value is 99999999',
      '/States/S/Retry[0]/BackoffRate Minimum value is 1',
      '/States/S/Retry[0]/MaxDelaySeconds Maximum value is 31622400',
    ]);
  });
});

describe('members that contradict each other', () => {
  it.each<[string, object]>([
    ['[TimeoutSeconds, TimeoutSecondsPath]', { ...TASK, TimeoutSeconds: 5, TimeoutSecondsPath: '$.a' }],
    ['[Next, End]', { Type: 'Pass', End: true }],
    ['[ItemProcessor, Iterator]', { Type: 'Map', ItemProcessor: ITEMS, Iterator: ITEMS }],
    ['[SecondsPath, Seconds, TimestampPath, Timestamp]', { Type: 'Wait', Seconds: 1, SecondsPath: '$.a' }],
  ])('are refused: %s', (fields, state) => {
    expect(problems(state)).toEqual([`/States/S There should only be one of the following fields: ${fields}`]);
  });

  it('are refused: credentials for an activity', () => {
    const resource = 'arn:aws:states:us-east-1:123456789012:activity:a';
    expect(problems({ Type: 'Task', Resource: resource, Credentials: { RoleArn: 'r' } })).toEqual([
      "/States/S/Credentials The field 'Credentials' is not supported for activities",
    ]);
  });

  it('are refused: an execution type for an inline Map, a CSV header for JSON', () => {
    const inline = { ...ITEMS, ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'STANDARD' } };
    expect(problems({ Type: 'Map', ItemProcessor: inline })).toEqual([
      "/States/S/ItemProcessor/ProcessorConfig Field 'ExecutionType' is not supported",
    ]);
    const ItemReader = {
      Resource: 'arn:aws:states:::s3:getObject',
      Parameters: {},
      ReaderConfig: { InputType: 'JSON', CSVHeaderLocation: 'FIRST_ROW' },
    };
    const distributed = { ...ITEMS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
    expect(problems({ Type: 'Map', ItemProcessor: distributed, ItemReader })).toEqual([
      "/States/S/ItemReader/ReaderConfig Field 'CSVHeaderLocation' is not supported",
    ]);
    const empty = { Type: 'Map', ItemProcessor: distributed, ItemReader: {} };
    expect(problems(empty)).toEqual(['/States/S/ItemReader These fields are required: [Resource]']);
  });
});

describe('the ARN of a function', () => {
  const ofTask = (resource: string) => problems({ Type: 'Task', Resource: resource });
  const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function';

  it.each([`${FUNCTION}:f`, `${FUNCTION}:f:live`, `${FUNCTION}:f:$LATEST`])('is accepted: %s', (resource) => {
    expect(ofTask(resource)).toEqual([]);
  });

  it.each([`${FUNCTION}:f:`, `${FUNCTION}:`, FUNCTION, `${FUNCTION}:f:live:more`])('is refused: %s', (resource) => {
    expect(ofTask(resource)).toEqual(['/States/S/Resource Value is not a valid resource ARN']);
  });
});

describe('the query language', () => {
  it('is JSONata when it is written and not known, besides being refused', () => {
    const refusal = 'Value should be one of the following: [JSONPath, JSONata]';
    expect(problems({ Type: 'Pass', Output: '{% 1 %}' }, { QueryLanguage: 'jsonata' })).toEqual([
      `/QueryLanguage ${refusal}`,
    ]);
    expect(problems({ Type: 'Pass', QueryLanguage: 5, InputPath: '$' })).toEqual([
      '/States/S/QueryLanguage Expected value of type [STRING]',
      "/States/S The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
    ]);
  });

  it('can not go back to JSONPath, which is then all that is said about the fields', () => {
    const state = { Type: 'Pass', QueryLanguage: 'JSONPath', Output: 1 };
    expect(problems(state, { QueryLanguage: 'JSONata' })).toEqual([
      "/States/S 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
    ]);
  });

  it('decides about the fields of a rule', () => {
    const rule = { Variable: '$.a', IsNull: true, Condition: '{% true %}', Next: 'T' };
    const choice = { StartAt: 'C', States: { C: { Type: 'Choice', Choices: [rule] }, ...DONE } };
    const only = (language: string, field: string, other: string) =>
      `/States/C/Choices[0] The QueryLanguage is set to '${language}', but field '${field}' is only supported for the '${other}' QueryLanguage`;
    expect(problems({}, choice)).toEqual([only('JSONPath', 'Condition', 'JSONata')]);
    expect(problems({}, { ...choice, QueryLanguage: 'JSONata' })).toEqual([
      only('JSONata', 'Variable', 'JSONPath'),
      only('JSONata', 'IsNull', 'JSONPath'),
    ]);
  });
});

describe('transitions', () => {
  it("to nowhere are a missing 'Next' target, whatever the field", () => {
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'T' }], Default: 'Gone' };
    expect(problems({}, { StartAt: 'C', States: { C: choice, ...DONE } })).toEqual([
      "/States/C/Default Missing 'Next' target: Gone",
    ]);
    expect(problems({}, { StartAt: 'Gone', States: DONE })).toEqual([
      "/StartAt Missing 'Next' target: Gone",
      '/States/T State "T" is not reachable.',
    ]);
  });

  it('are not asked to reach every state where there is no end', () => {
    const loop = { A: { Type: 'Pass', Next: 'A' }, B: { Type: 'Pass', Next: 'A' } };
    expect(problems({}, { StartAt: 'A', States: loop })).toEqual(['undefined Workflow has no terminal state']);
  });
});

/** Every member of a JSON value, by its path. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = replaced((value as Record<string, unknown>)[key], rest, by);
  return copy;
}

describe('a member of whatever type', () => {
  const all = {
    Comment: 'all',
    StartAt: 'Task',
    TimeoutSeconds: 5,
    States: {
      Task: {
        ...TASK,
        Comment: 'c',
        InputPath: '$',
        Parameters: { 'a.$': '$' },
        ResultSelector: { b: 1 },
        ResultPath: '$.r',
        OutputPath: '$',
        Assign: { v: 1 },
        TimeoutSeconds: 5,
        HeartbeatSeconds: 4,
        Credentials: { RoleArn: 'r' },
        Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1, JitterStrategy: 'FULL' }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Assign: { v: 2 }, Next: 'Choice' }],
        Next: 'Choice',
      },
      Choice: {
        Type: 'Choice',
        Choices: [
          { And: [{ Variable: '$.a', NumericEquals: 1 }, { Not: { Variable: '$.a', IsNull: true } }], Next: 'Wait' },
          { Variable: '$.t', TimestampEquals: '2020-01-01T00:00:00Z', Next: 'Data', Assign: { v: 3 } },
        ],
        Default: 'Map',
      },
      Wait: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', Next: 'Fail' },
      Fail: { Type: 'Fail', Error: 'E', CausePath: '$.c' },
      Map: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          Parameters: { Bucket: 'b' },
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['h'], MaxItems: 5 },
        },
        ItemSelector: { 'a.$': '$' },
        ItemBatcher: { MaxItemsPerBatch: 5, BatchInput: { a: 1 } },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' } },
        ItemProcessor: { ...ITEMS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
        MaxConcurrency: 5,
        ToleratedFailurePercentage: 5,
        Label: 'label',
        Next: 'Parallel',
      },
      Parallel: {
        Type: 'Parallel',
        Branches: [{ Comment: 'b', StartAt: 'J', States: { J: { Type: 'Succeed' } } }],
        End: true,
      },
      Data: { Type: 'Pass', QueryLanguage: 'JSONata', Output: { a: ['{% 1 %}'] }, End: true },
    },
  };

  it('is checked without a crash', () => {
    expect(problems({}, all)).toEqual([]);
    for (const path of pathsOf(all).slice(1))
      for (const by of [null, 5, -0.5, 'text', true, [], [null], {}, { a: null }])
        expect(Array.isArray(problems({}, replaced(all, path, by) as object))).toBe(true);
  });

  it('is refused where it says where to go, when, how often, and after which errors', () => {
    const paths = pathsOf(all).filter((path) =>
      ['StartAt', 'Next', 'Default', 'End', 'Type', 'Resource', 'ErrorEquals', 'Choices', 'Catch', 'Retry'].includes(
        path.at(-1)!,
      ),
    );
    for (const path of paths)
      for (const by of [null, 5, {}, [null]])
        expect([path, by, problems({}, replaced(all, path, by) as object)]).not.toEqual([path, by, []]);
    expect(paths.length).toBeGreaterThan(25);
  });
});

describe('the children of a distributed Map that run as Express', () => {
  const map = (ExecutionType: string, inner: object, name = 'I') => ({
    Type: 'Map',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
      StartAt: name,
      States: { [name]: { ...inner, End: true } },
    },
  });
  const at = '/States/S/ItemProcessor/States/I';

  it.each<[string, object, string]>([
    ['a callback', { ...TASK, Resource: `${TASK.Resource}.waitForTaskToken` }, "does not support '.waitForTaskToken'"],
    [
      'a job',
      { ...TASK, Resource: 'arn:aws:states:::states:startExecution.sync:2' },
      "does not support '.sync' service integration",
    ],
    [
      'an activity',
      { ...TASK, Resource: 'arn:aws:states:us-east-1:123456789012:activity:a' },
      'does not support Activity',
    ],
    ['a distributed Map', map('STANDARD', { Type: 'Pass' }, 'J'), "is not supported inside 'EXPRESS' state machines"],
  ])('have no %s', (_, inner, message) => {
    expect(problems(map('EXPRESS', inner))).toEqual([expect.stringContaining(message)]);
    expect(problems(map('EXPRESS', inner))[0]).toContain(at);
    expect(problems(map('STANDARD', inner))).toEqual([]);
  });
});
