import { Harness, single, task } from './kit.js';

/** A value of so many lists, each in the one before. */
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('data that is nested very deeply', () => {
  const errorOf = (action: () => unknown) => {
    try {
      action();
      return undefined;
    } catch (error) {
      return (error as Error).name;
    }
  };

  it.each([1_001, 5_000, 120_000])('is refused as the input of an execution: %d lists', (depth) => {
    const harness = new Harness();
    const stateMachineArn = harness.create(single({ Type: 'Pass' }));
    expect(errorOf(() => harness.service.startExecution({ stateMachineArn, input: nested(depth) }))).toBe(
      'InvalidExecutionInput',
    );
  });

  it.each([1_001, 5_000, 120_000])('fails the task whose result it is: %d lists', async (depth) => {
    const harness = new Harness(() => ({ output: JSON.parse(nested(depth)) as never }));
    expect(await harness.run(single(task()))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('passes through every kind of state up to a depth of 1,000', async () => {
    const harness = new Harness(({ parameters }) => ({ output: parameters }));
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', OutputPath: '$[0]', Next: 'B' },
        B: {
          QueryLanguage: 'JSONata',
          Type: 'Pass',
          Output: '{% $states.input %}',
          Assign: { v: '{% $states.input %}' },
          Next: 'C',
        },
        C: { ...task(), Next: 'D' },
        D: { Type: 'Map', ItemProcessor: { StartAt: 'E', States: { E: { Type: 'Pass', End: true } } }, End: true },
      },
    };
    expect(await harness.run(definition, JSON.parse(nested(1_000)))).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    ['JSONPath', { Parameters: { 'inner.$': '$' } }],
    ['JSONata', { QueryLanguage: 'JSONata', Output: { inner: '{% $states.input %}' } }],
  ])('fails an execution whose states make it, in %s', async (_language, pass) => {
    const states = {
      A: { Type: 'Pass', ...pass, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.never', IsPresent: true, Next: 'C' }], Default: 'A' },
      C: { Type: 'Succeed' },
    };
    expect(await new Harness().run({ StartAt: 'A', States: states }, {})).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });

  it('fails an execution that assigns it', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: {} }, Next: 'B' },
        B: { Type: 'Pass', Assign: { v: { inner: '{% $v %}' } }, Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Condition: '{% $exists($v.never) %}', Next: 'D' }], Default: 'B' },
        D: { Type: 'Succeed' },
      },
    };
    expect(await new Harness().run(definition)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it.each(['States.StringToJson($)', 'States.JsonToString(States.StringToJson($))'])(
    'in a text is an error of the workflow, and no fault of the engine: %s',
    async (call) => {
      const definition = single({ Type: 'Pass', Parameters: { 'v.$': call } });
      const { status, cause } = await new Harness().run(definition, nested(50_000));
      expect([status, String(cause).includes('engine')]).toEqual(['FAILED', false]);
    },
  );

  it.each(['$parse($states.input)', '$string($parse($states.input))', '$count($parse($states.input).**)'])(
    'in a text is an error of the workflow in JSONata too: %s',
    async (expression) => {
      const definition = single({ QueryLanguage: 'JSONata', Type: 'Pass', Output: `{% ${expression} %}` });
      const { status, cause } = await new Harness().run(definition, nested(50_000));
      expect([status, String(cause).includes('engine')]).toEqual(['FAILED', false]);
    },
  );

  it('is refused where TestState and a task token take it', async () => {
    const harness = new Harness();
    const definition = JSON.stringify({ Type: 'Pass', End: true });
    await expect(harness.service.testState({ definition, input: nested(5_000) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    const callback = single({
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { 't.$': '$$.Task.Token' },
    });
    await harness.start(callback);
    const taskToken = harness.calls[0]!.request.taskToken!;
    expect(errorOf(() => harness.service.sendTaskSuccess({ taskToken, output: nested(5_000) }))).toBe('InvalidOutput');
  });
});

describe('a definition', () => {
  const check = (definition: string) =>
    new Harness().service.validateStateMachineDefinition({ definition }).diagnostics;

  it.each([
    [
      'not a definition',
      "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') at [line: 1, column: 4]",
    ],
    [
      '{not json',
      "Unexpected character ('n' (code 110)): was expecting double-quote to start field name at [line: 1, column: 2]",
    ],
    [
      '{"StartAt": "A",\n "States" }',
      "Unexpected character ('}' (code 125)): was expecting a colon to separate field name and value at [line: 2, column: 11]",
    ],
    [
      '{"a": [1 2]}',
      "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries at [line: 1, column: 10]",
    ],
    ['{"a": 1', 'Unexpected end-of-input: was expecting comma to separate Object entries at [line: 1, column: 8]'],
    [
      '{"a": }',
      "Unexpected character ('}' (code 125)): was expecting a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false') at [line: 1, column: 7]",
    ],
    ['{} {}', "Unexpected character ('{' (code 123)): was expecting end of the document at [line: 1, column: 4]"],
  ])('that is not even JSON is an INVALID_JSON_DESCRIPTION: %s', (definition, message) => {
    expect(check(definition)).toEqual([{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message }]);
    expect(() =>
      new Harness().service.createStateMachine({ name: 'm', definition, roleArn: 'arn:aws:iam::123456789012:role/r' }),
    ).toThrow(
      expect.objectContaining({
        name: 'InvalidDefinition',
        message: expect.stringContaining('INVALID_JSON_DESCRIPTION'),
      }),
    );
  });

  it.each(['', ' ', '[]', '"text"', 'null'])('that is JSON and no object: %j', (definition) => {
    expect(check(definition)).toMatchObject([{ message: 'Definition must be a valid JSON object' }]);
  });

  it('whose states are nested too deeply is refused as such, and no stack overflows', () => {
    const parallels = (depth: number): string =>
      `{"StartAt":"P${depth}","States":{"P${depth}":${'x'}}}`.replace(
        'x',
        depth === 0
          ? '{"Type":"Pass","End":true}'
          : `{"Type":"Parallel","End":true,"Branches":[${parallels(depth - 1)}]}`,
      );
    expect(check(parallels(100))).toEqual([]);
    expect(check(parallels(500))).toMatchObject([{ code: 'TOO_DEEPLY_NESTED' }]);
    expect(check(nested(200_000))).toMatchObject([{ code: 'TOO_DEEPLY_NESTED' }]);
    expect(check(`${'['.repeat(200_000)}x`)).toMatchObject([{ code: 'INVALID_JSON_DESCRIPTION' }]);
  });
});
