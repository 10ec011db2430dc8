import { validateDefinition } from '../../../lib/asl/validate/validate.js';

const DONE = { Type: 'Succeed' };
const machine = (state: object) => ({ StartAt: 'S', States: { S: { ...state, Next: 'T' }, T: DONE } }) as never;
const afterwards = (assign: object, state: object) =>
  ({
    StartAt: 'A',
    States: { A: { Type: 'Pass', Assign: assign, Next: 'S' }, S: { ...state, Next: 'T' }, T: DONE },
  }) as never;
const problems = (definition: never) =>
  validateDefinition(definition, 'STANDARD').map(({ code, message, location }) => `${code} ${location} ${message}`);
const assigning = (name: string) => machine({ Type: 'Pass', Assign: { [name]: 1 } });

describe('the name of a variable', () => {
  it.each(['x', 'x_1', 'Größe', '変数', 'a'.repeat(80)])('is an identifier: %s', (name) => {
    expect(problems(assigning(name))).toEqual([]);
  });

  it.each(['_1st', '1st', 'a.b', 'a[0]', 'a b', 'a-b', '$a', ''])('is refused when it is none: "%s"', (name) => {
    expect(problems(assigning(name))).toEqual([
      `INVALID_VARIABLE_NAME /States/S/Assign/${name} Invalid variable name '${name}': the variable name contains invalid characters.`,
    ]);
  });

  it('has no more than 80 characters', () => {
    const name = 'a'.repeat(81);
    expect(problems(assigning(name))).toEqual([
      `INVALID_VARIABLE_NAME /States/S/Assign/${name} Invalid variable name '${name}': the variable name exceeds 80 characters.`,
    ]);
  });

  it('is not `states`, which is reserved', () => {
    const refusal = "Cannot assign to reserved variable '$states'.";
    expect(problems(machine({ Type: 'Pass', Assign: { 'states.$': '$.a' } }))).toEqual([
      `RESERVED_VARIABLE_NAME /States/S/Assign/states.$ ${refusal}`,
    ]);
    const rule = { Variable: '$.a', IsNull: true, Next: 'T', Assign: { states: 1 } };
    const choice = { StartAt: 'S', States: { S: { Type: 'Choice', Choices: [rule] }, T: DONE } };
    expect(problems(choice as never)).toEqual([`RESERVED_VARIABLE_NAME /States/S/Choices[0]/Assign/states ${refusal}`]);
  });

  it('ends with `.$` for a path of JSONPath only', () => {
    expect(problems(machine({ Type: 'Pass', Assign: { 'a.$': '$.a' } }))).toEqual([]);
    expect(problems(machine({ Type: 'Pass', QueryLanguage: 'JSONata', Assign: { 'a.$': 1 } }))).toHaveLength(1);
  });
});

describe('a variable of an outer scope', () => {
  const inner = (assign: object, more: object = {}) => ({
    ...more,
    StartAt: 'I',
    States: { I: { Type: 'Pass', Assign: assign, End: true } },
  });
  const refusal = (location: string) =>
    `DUPLICATE_VARIABLE_NAME ${location} The variable name 'x' was already defined in a parent scope.`;

  it('can not be assigned in a branch or an iteration, at any depth', () => {
    const map = { Type: 'Map', ItemProcessor: inner({ x: 1 }) };
    expect(problems(afterwards({ 'x.$': '$' }, map))).toEqual([refusal('/States/S/ItemProcessor/States/I/Assign/x')]);
    const deep = { StartAt: 'M', States: { M: { Type: 'Parallel', Branches: [inner({ x: 1 })], End: true } } };
    expect(problems(afterwards({ x: 1 }, { Type: 'Parallel', Branches: [deep] }))).toEqual([
      refusal('/States/S/Branches[0]/States/M/Branches[0]/States/I/Assign/x'),
    ]);
  });

  it('is another one in a sibling branch', () => {
    const second = { StartAt: 'J', States: { J: { Type: 'Pass', Assign: { x: 2 }, End: true } } };
    expect(problems(afterwards({ y: 1 }, { Type: 'Parallel', Branches: [inner({ x: 1 }), second] }))).toEqual([]);
  });

  it('is another one while it has no value, as recorded: it is assigned after the branches only', () => {
    const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Assign: { x: 1 }, Next: 'T' }], Assign: { x: 2 } };
    expect(problems(machine({ Type: 'Parallel', Branches: [inner({ x: 1 })], ...caught }))).toEqual([]);
  });

  it('has a value in the second round of a loop', () => {
    const again = { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'M' }], Default: 'T' };
    const map = { Type: 'Map', ItemProcessor: inner({ x: 1 }), Assign: { x: 1 }, Next: 'C' };
    expect(problems({ StartAt: 'M', States: { M: map, C: again, T: DONE } } as never)).toEqual([
      refusal('/States/M/ItemProcessor/States/I/Assign/x'),
    ]);
  });

  it('is not in sight of the children of a distributed Map', () => {
    const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
    const map = { Type: 'Map', ItemProcessor: inner({ x: 1 }, { ProcessorConfig }) };
    expect(problems(afterwards({ x: 1 }, map))).toEqual([]);
  });
});
