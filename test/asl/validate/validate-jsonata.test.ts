import { validateDefinition } from '../../../lib/asl/validate/validate.js';

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

function problems(state: object, next: object = { Type: 'Succeed' }): readonly string[] {
  const definition = { QueryLanguage: 'JSONata', StartAt: 'S', States: { S: { ...state, Next: 'T' }, T: next } };
  return validateDefinition(definition as never, 'STANDARD').map(
    ({ code, message, location }) => `${code} ${location} ${message}`,
  );
}
const ofOutput = (expression: string) => problems({ Type: 'Pass', Output: `{% ${expression} %}` });

const INVALID = 'INVALID_JSONATA_EXPRESSION /States/S/Output';
const UNSUPPORTED = 'UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output';

describe('an expression', () => {
  // AWS's answers, as published by people who asked ValidateStateMachineDefinition.
  it.each([
    ['a[1,2)', 'Expected "]", got ","'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
    ['1 +', 'Unexpected end of expression'],
    ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
    ['$match("a", /abc', 'No terminating / in regular expression'],
    ['', 'Unexpected end of expression'],
  ])("that does not parse is refused in JSONata's words: %s", (expression, message) => {
    expect(ofOutput(expression)).toEqual([`${INVALID} ${message}`]);
  });

  it('has the grammar of JSONata 2.0, without the operators of 2.1', () => {
    expect(ofOutput('$states.input.a ?? 1')).toEqual([`${INVALID} The symbol "?" cannot be used as a unary operator`]);
    expect(ofOutput('[$states.input.a ?: 1]')).toEqual([
      `${INVALID} The symbol ":" cannot be used as a unary operator`,
    ]);
    expect(ofOutput('$states.input.a ? "??" : $match("x", /(?:x)??/)')).toEqual([]);
  });

  it('that is nested too deeply to be read is refused', () => {
    expect(ofOutput(`${'('.repeat(20_000)}1${')'.repeat(20_000)}`)).toEqual([
      `${INVALID} The expression is nested too deeply`,
    ]);
  });

  it.each([
    ['phone', 'phone'],
    ['phone[0].number', 'phone'],
    ['$.phone', '$'],
    ['"phone".number', 'phone'],
    ['$map($states.input.a, function($x){ b })', 'b'],
    ['{"k": [1, phone]}', 'phone'],
    ['$states.input.a ? 1 : phone', 'phone'],
    ['($x := phone; $x)', 'phone'],
    ['-phone', 'phone'],
    ['phone ~> $sum', 'phone'],
  ])('that reads a name where there is no item is refused: %s', (expression, name) => {
    expect(ofOutput(expression)).toEqual([`${UNSUPPORTED} Reference to '${name}' at the top level is not supported.`]);
  });

  it('may read names of the items of a path', () => {
    expect(ofOutput('$states.input.items[phone > 3]^(>age){name: $sum(age)}.(a & b)')).toEqual([]);
    expect(ofOutput('$map($states.input.a, function($x){ $x.phone })')).toEqual([]);
    expect(ofOutput('$states.input ~> |a|{"b": c}|')).toEqual([]);
    expect(ofOutput('$phone')).toEqual([]);
  });

  it('names every item that is not there, each once', () => {
    expect(ofOutput('a + b + a')).toEqual([
      `${UNSUPPORTED} Reference to 'a' at the top level is not supported.`,
      `${UNSUPPORTED} Reference to 'b' at the top level is not supported.`,
    ]);
  });

  it('can not read the root', () => {
    expect(ofOutput('$$')).toEqual([`${UNSUPPORTED} Reference to '$$' is not supported.`]);
    expect(ofOutput('$states.input.a[b = $$.c]')).toEqual([`${UNSUPPORTED} Reference to '$$' is not supported.`]);
  });

  it('reads the result only where there is one', () => {
    const refusal = (location: string, field: string) =>
      `UNSUPPORTED_JSONATA_EXPRESSION ${location} Field '$states.${field}' does not exist.`;
    const result = '{% $states.result.a %}';
    expect(problems({ ...TASK, Output: result, Assign: { a: result } })).toEqual([]);
    expect(problems({ ...TASK, Arguments: { a: [result] } })).toEqual([refusal('/States/S/Arguments/a[0]', 'result')]);
    expect(problems({ Type: 'Pass', Assign: { a: result } })).toEqual([refusal('/States/S/Assign/a', 'result')]);
    expect(ofOutput('$states.nothing')).toEqual([refusal('/States/S/Output', 'nothing')]);
  });

  it('reads an error only where one is caught', () => {
    const error = '{% $count($states.input[$states.errorOutput.Error = 1]) %}';
    const catching = (more: object) => ({ ...TASK, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'T', ...more }] });
    expect(problems(catching({ Output: error, Assign: { e: error } }))).toEqual([]);
    expect(problems(catching({ Output: '{% $states.result %}' }))).toEqual([
      "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Catch[0]/Output Field '$states.result' does not exist.",
    ]);
    expect(problems({ ...TASK, Output: error })).toEqual([
      "UNSUPPORTED_JSONATA_EXPRESSION /States/S/Output Field '$states.errorOutput' does not exist.",
    ]);
  });
});

describe('the delimiters of an expression', () => {
  it.each(['{% 10 %', '{% 10', '10 %}', ' {% 10 %}', '{% 10 %} '])('come in pairs, without padding: "%s"', (text) => {
    expect(problems({ Type: 'Pass', Output: { a: [text] } })).toEqual([
      'SCHEMA_VALIDATION_FAILED /States/S/Output/a[0] JSONata string must start with {% and end with %}',
    ]);
  });

  it('are text in the middle of a text', () => {
    expect(problems({ Type: 'Pass', Output: [' {% 10 %} ', 'a {% 10 %} b'] })).toEqual([]);
  });
});
