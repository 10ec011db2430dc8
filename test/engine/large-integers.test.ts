import { Harness, single, task } from './kit.js';

/** An order number that no JavaScript number holds: as one, it ends with 2. */
const BIG = '9007199254740993';

/** The text that an execution of one state gives for `{ "n": 9007199254740993, "list": [9007199254740993, 1], "text": "…" }`. */
async function outputOf(state: object, harness = new Harness()): Promise<string | undefined> {
  const stateMachineArn = harness.create(single(state));
  const input = `{"n":${BIG},"list":[${BIG},1],"text":"[${BIG}]"}`;
  const { executionArn } = harness.service.startExecution({ stateMachineArn, input });
  await harness.clock.settled();
  const { status, output, cause } = harness.service.describeExecution({ executionArn });
  return status === 'SUCCEEDED' ? output : cause;
}

const jsonata = (expression: string) => ({
  QueryLanguage: 'JSONata',
  Type: 'Pass',
  Output: `{% (${expression}) %}`,
});

describe('an integer beyond 2^53', () => {
  it.each([
    ['$states.input.n', BIG],
    ['$states.input.list', `[${BIG},1]`],
    ['{"id": $states.input.n}', `{"id":${BIG}}`],
    ['$string($states.input.list)', `"[${BIG},1]"`],
    ['"no " & $states.input.n', `"no ${BIG}"`],
    ['$type($states.input.n)', '"number"'],
    ['$parse($states.input.text)', `[${BIG}]`],
    [BIG, BIG],
    [`-${BIG}`, `-${BIG}`],
    [`$states.input.n = ${BIG}`, 'true'],
    ['$states.input.n = 9007199254740992', 'false'],
    ['$states.input.n > 9007199254740992', 'true'],
    ['$states.input.n in $states.input.list', 'true'],
    ['$states.input.list[$ > 1]', BIG],
    ['$states.input.list^($)', `[1,${BIG}]`],
    ['$sort($states.input.list)', `[1,${BIG}]`],
    ['$distinct($append($states.input.list, $states.input.n))', `[${BIG},1]`],
    ['$map($states.input.list, function($v) { $v })', `[${BIG},1]`],
    ['$states.input.n ? "y" : "n"', '"y"'],
    ['$number($states.input.n)', BIG],
  ])('stays what it is in JSONata: %s', async (expression, output) => {
    expect(await outputOf(jsonata(expression))).toBe(output);
  });

  it.each([
    ['$states.input.n + 0', '9007199254740992'],
    ['$states.input.n * 1 - 9007199254740992', '0'],
    ['$sum($states.input.list)', '9007199254740992'],
    ['$max($states.input.list)', '9007199254740992'],
    ['$abs(-$states.input.n)', '9007199254740992'],
    ['$floor($states.input.n / 2)', '4503599627370496'],
    ['$formatBase($states.input.n, 16)', '"20000000000000"'],
    ['$count($partition($states.input.list, $states.input.n))', '1'],
  ])('is a double where one computes with it: %s', async (expression, output) => {
    expect(await outputOf(jsonata(expression))).toBe(output);
  });

  it.each([
    [{ OutputPath: '$.n' }, BIG],
    [{ Parameters: { 'a.$': '$.n', b: [{ 'c.$': '$.list[0]' }] } }, `{"a":${BIG},"b":[{"c":${BIG}}]}`],
    [{ Parameters: { 'a.$': 'States.JsonToString($.list)' } }, `{"a":"[${BIG},1]"}`],
    [{ Parameters: { 'a.$': 'States.StringToJson($.text)' } }, `{"a":[${BIG}]}`],
    [{ Parameters: { 'a.$': "States.Format('{}', $.n)" } }, `{"a":"${BIG}"}`],
    [{ Parameters: { 'a.$': `States.ArrayContains($.list, ${BIG})` } }, '{"a":true}'],
    [{ Parameters: { 'a.$': 'States.ArrayContains($.list, 9007199254740992)' } }, '{"a":false}'],
    [{ Parameters: { 'a.$': `$.list[?(@ == ${BIG})]` } }, `{"a":[${BIG}]}`],
    [{ Parameters: { 'a.$': '$.list[?(@ > 9007199254740992)]' } }, `{"a":[${BIG}]}`],
  ])('stays what it is in JSONPath: %j', async (state, output) => {
    expect(await outputOf({ Type: 'Pass', ...state })).toBe(output);
  });

  it('is written in a definition', async () => {
    const harness = new Harness();
    const definition = `{"StartAt":"S","States":{"S":{"Type":"Pass","Result":${BIG},"End":true}}}`;
    const { stateMachineArn } = harness.service.createStateMachine({
      name: 'm',
      definition,
      roleArn: 'arn:aws:iam::123456789012:role/r',
    });
    const { executionArn } = harness.service.startExecution({ stateMachineArn });
    await harness.clock.settled();
    expect(harness.service.describeExecution({ executionArn }).output).toBe(BIG);
  });

  it('is told from its neighbours by a Choice', async () => {
    const choice = (operator: string, operand: string) => `{
      "StartAt": "C",
      "States": {
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$", "${operator}": ${operand}, "Next": "Yes" }], "Default": "No" },
        "Yes": { "Type": "Succeed" },
        "No": { "Type": "Fail", "Error": "No" }
      }
    }`;
    const status = async (operator: string, operand: string) => {
      const harness = new Harness();
      const { stateMachineArn } = harness.service.createStateMachine({
        name: 'm',
        definition: choice(operator, operand),
        roleArn: 'arn:aws:iam::123456789012:role/r',
      });
      const { executionArn } = harness.service.startExecution({ stateMachineArn, input: BIG });
      await harness.clock.settled();
      return harness.service.describeExecution({ executionArn }).status;
    };
    expect(await status('NumericEquals', BIG)).toBe('SUCCEEDED');
    expect(await status('NumericEquals', '9007199254740992')).toBe('FAILED');
    expect(await status('NumericGreaterThan', '9007199254740992')).toBe('SUCCEEDED');
    expect(await status('NumericLessThan', '9007199254740994')).toBe('SUCCEEDED');
    expect(await status('IsNumeric', 'true')).toBe('SUCCEEDED');
  });

  it('goes to a task and comes from a callback, and stands in the history', async () => {
    const harness = new Harness();
    const stateMachineArn = harness.create(
      single({
        ...task({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
        Parameters: {
          FunctionName: 'f',
          Payload: { 'token.$': '$$.Task.Token', 'n.$': '$.n' },
        },
      }),
    );
    const { executionArn } = harness.service.startExecution({ stateMachineArn, input: `{"n":${BIG}}` });
    await harness.clock.settled();
    const { token } = (harness.calls[0]!.request.parameters as { Payload: { token: string } }).Payload;
    harness.service.sendTaskSuccess({ taskToken: token, output: `{"n":${BIG}}` });
    await harness.clock.settled();
    expect(harness.service.describeExecution({ executionArn })).toMatchObject({
      input: `{"n":${BIG}}`,
      output: `{"n":${BIG}}`,
    });
    const { events } = harness.service.getExecutionHistory({ executionArn });
    const texts = JSON.stringify(events);
    expect(texts.match(/9007199254740993/g)!.length).toBeGreaterThan(4);
    expect(texts).not.toContain('9007199254740992');
  });

  it.each([
    [{ Type: 'Wait', SecondsPath: '$.n' }, /SecondsPath/],
    [{ QueryLanguage: 'JSONata', Type: 'Wait', Seconds: '{% $states.input.n %}' }, /9007199254740993/],
  ])('is no time to wait: %j', async (state, cause) => {
    expect(await outputOf(state)).toMatch(cause);
  });
});
