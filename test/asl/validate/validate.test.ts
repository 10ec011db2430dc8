import { validateDefinition } from '../../../lib/asl/validate/validate.js';

const PASS = { Type: 'Pass', End: true };
const machine = (state: object, more: object = {}) => ({ StartAt: 'S', States: { S: state, ...more } }) as never;
const problems = (definition: never, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  validateDefinition(definition, type).map(({ code, message, location }) => `${code} ${location ?? ''} ${message}`);

describe('a definition', () => {
  it('that is complete has nothing wrong', () => {
    expect(problems(machine({ ...PASS, Comment: 'x' }))).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'a field that the state type does not have',
      { ...PASS, Resource: 'x' },
      "SCHEMA_VALIDATION_FAILED /States/S Field 'Resource' is not supported",
    ],
    [
      'a field of the other query language',
      { ...PASS, QueryLanguage: 'JSONata', Parameters: {} },
      "SCHEMA_VALIDATION_FAILED /States/S The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage",
    ],
    [
      'an unknown type',
      { Type: 'Loop', End: true },
      'SCHEMA_VALIDATION_FAILED /States/S/Type Value should be one of the following: [Task, Pass, Choice, Wait, Succeed, Fail, Parallel, Map]',
    ],
    [
      'a state without a way on',
      { Type: 'Pass' },
      'SCHEMA_VALIDATION_FAILED /States/S This object should have only one of the following fields: [Next, End]',
    ],
    [
      'a way on to nowhere',
      { Type: 'Pass', Next: 'T' },
      "MISSING_TRANSITION_TARGET /States/S/Next Missing 'Next' target: T",
    ],
    [
      'a resource that is no ARN',
      { Type: 'Task', Resource: 'hello', End: true },
      'SCHEMA_VALIDATION_FAILED /States/S/Resource Value is not a valid resource ARN',
    ],
    [
      'a wrong path',
      { ...PASS, InputPath: 'x' },
      'SCHEMA_VALIDATION_FAILED /States/S/InputPath Value must be a valid JSONPath.',
    ],
    [
      'a ResultPath that is no reference path',
      { ...PASS, ResultPath: '$.a[*]' },
      'SCHEMA_VALIDATION_FAILED /States/S/ResultPath Value is not a Reference Path',
    ],
    [
      'a wrong intrinsic function',
      { ...PASS, Parameters: { 'a.$': 'States.Nope()' } },
      "SCHEMA_VALIDATION_FAILED /States/S/Parameters The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call",
    ],
    [
      'wrong JSONata',
      { ...PASS, QueryLanguage: 'JSONata', Output: { a: '{% 1 + %}' } },
      'INVALID_JSONATA_EXPRESSION /States/S/Output/a Unexpected end of expression',
    ],
    [
      'two ways to wait',
      { Type: 'Wait', Seconds: 1, Timestamp: '2020-01-01T00:00:00Z', End: true },
      'SCHEMA_VALIDATION_FAILED /States/S There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]',
    ],
    [
      'States.ALL among others',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Retry: [{ ErrorEquals: ['States.ALL', 'X'] }],
        End: true,
      },
      'SCHEMA_VALIDATION_FAILED /States/S/Retry[0]/ErrorEquals States.ALL must appear alone and at end of list',
    ],
    [
      'an unknown field of a retrier',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Retry: [{ ErrorEquals: ['X'], Delay: 1 }],
        End: true,
      },
      "SCHEMA_VALIDATION_FAILED /States/S/Retry[0] Field 'Delay' is not supported",
    ],
    [
      'a heartbeat as long as the timeout',
      { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 5, HeartbeatSeconds: 5, End: true },
      "SCHEMA_VALIDATION_FAILED /States/S/HeartbeatSeconds 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'",
    ],
    [
      'a choice with two operators',
      { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, IsString: true, Next: 'S' }] },
      'SCHEMA_VALIDATION_FAILED /States/S/Choices[0] There should only be one of the following fields: [IsNull, IsString]',
    ],
    [
      'an operand of the wrong type',
      { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'S' }] },
      'SCHEMA_VALIDATION_FAILED /States/S/Choices[0]/NumericEquals Value is not valid for NumericEquals',
    ],
    [
      'a reader in an inline Map',
      {
        Type: 'Map',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: {} },
        ItemProcessor: machine(PASS),
        End: true,
      },
      "SCHEMA_VALIDATION_FAILED /States/S Field 'ItemReader' is not supported",
    ],
  ])('is refused for %s', (_what, state, expected) => {
    expect(problems(machine(state))).toContain(expected);
  });

  it('is refused when a state can not be reached, or when two have one name', () => {
    expect(problems(machine(PASS, { T: PASS }))).toEqual([
      'MISSING_TRANSITION_TARGET /States/T State "T" is not reachable.',
    ]);
    const parallel = { Type: 'Parallel', Branches: [machine(PASS)], End: true };
    expect(problems(machine(parallel))).toContain(
      'DUPLICATE_STATE_NAME /States/S/Branches[0]/States/S Duplicate State name: S',
    );
  });

  it.each<[string, object]>([
    ['/States/S/Next', { Type: 'Pass', Next: 1 }],
    ['/States/S/Default', { Type: 'Choice', Choices: [], Default: ['T'] }],
    ['/States/S/Choices[0]/Next', { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: {} }] }],
    [
      '/States/S/Catch[0]/Next',
      {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Catch: [{ ErrorEquals: ['X'], Next: true }],
        End: true,
      },
    ],
  ])('is refused when %s is not the name of a state', (location, state) => {
    expect(problems(machine(state))).toContain(`SCHEMA_VALIDATION_FAILED ${location} Expected value of type [STRING]`);
  });

  it('is refused, not a crash, for rules and catchers that are null', () => {
    expect(problems(machine({ Type: 'Choice', Choices: [null] }))).toContain(
      'SCHEMA_VALIDATION_FAILED /States/S/Choices[0] Expected value of type [OBJECT]',
    );
    const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Catch: [null], End: true };
    expect(problems(machine(task))).toEqual([
      'SCHEMA_VALIDATION_FAILED /States/S/Catch[0] Expected value of type [OBJECT]',
    ]);
  });

  it('is refused for a query language of a branch or a processor', () => {
    const inner = { QueryLanguage: 'JSONata', StartAt: 'T', States: { T: PASS } };
    for (const [field, state] of [
      ['ItemProcessor', { Type: 'Map', ItemProcessor: inner, End: true }],
      ['Iterator', { Type: 'Map', Iterator: inner, End: true }],
      ['Branches[0]', { Type: 'Parallel', Branches: [inner], End: true }],
    ] as const)
      expect(problems(machine(state))).toEqual([
        `SCHEMA_VALIDATION_FAILED /States/S/${field} Field 'QueryLanguage' is not supported`,
      ]);
  });

  it('is refused without a state to end in, also inside a Map or a Parallel', () => {
    const endless = machine({ Type: 'Pass', Next: 'S' });
    const inner = { StartAt: 'T', States: { T: { Type: 'Wait', Seconds: 1, Next: 'T' } } };
    const refusal = ['MISSING_END_STATE  Workflow has no terminal state'];
    expect(problems(endless)).toEqual(refusal);
    expect(problems(machine({ Type: 'Map', ItemProcessor: inner, End: true }))).toEqual(refusal);
    expect(problems(machine({ Type: 'Parallel', Branches: [inner], End: true }))).toEqual(refusal);
    expect(problems(machine({ Type: 'Pass', Next: 'T' }, { T: { Type: 'Fail' } }))).toEqual([]);
  });

  it('is refused when an Express machine waits for others', () => {
    const task = (resource: string) => machine({ Type: 'Task', Resource: resource, End: true });
    expect(problems(task('arn:aws:states:::lambda:invoke.waitForTaskToken'), 'EXPRESS')).toHaveLength(1);
    expect(problems(task('arn:aws:states:::states:startExecution.sync:2'), 'EXPRESS')).toHaveLength(1);
    expect(problems(task('arn:aws:states:us-east-1:123456789012:activity:a'), 'EXPRESS')).toHaveLength(1);
    expect(problems(task('arn:aws:states:::lambda:invoke'), 'EXPRESS')).toEqual([]);
  });

  it('is refused for a state name of more than 80 characters', () => {
    const name = 'x'.repeat(81);
    expect(problems({ StartAt: name, States: { [name]: PASS } } as never)).toEqual([
      `SCHEMA_VALIDATION_FAILED /States/${name} State name exceeds 80 characters`,
    ]);
  });
});

it.each([300, 5_000, 50_000])('says alone of %d Parallels in each other that they are too deep', (depth) => {
  let branch: object = { StartAt: 'S', States: { S: { Type: 'Pass', Next: 'Gone' } } };
  for (let level = 0; level < depth; level++)
    branch = { StartAt: `P${level}`, States: { [`P${level}`]: { Type: 'Parallel', Branches: [branch], End: true } } };
  expect(validateDefinition(branch as never, 'STANDARD')).toEqual([
    { severity: 'ERROR', code: 'TOO_DEEPLY_NESTED', message: 'The states are too deeply nested' },
  ]);
});
