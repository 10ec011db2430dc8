import {
  compileJsonata,
  compileJsonataTemplate,
  jsonataSyntaxError,
  tryJsonataText,
} from '../../../lib/asl/evaluate/jsonata.js';
import type { Json } from '../../../lib/asl/language/json.js';
import { scopeOf } from './scopes.js';

const evaluate = (expression: string, input: Json = {}, variables = {}) =>
  compileJsonata(expression, 'Output')(scopeOf(input, { variables }));

describe('a JSONata text', () => {
  it('is an expression only between {% and %}, without anything around', () => {
    expect(tryJsonataText('{% $x %}')).toBe('$x');
    expect(tryJsonataText(' {% $x %}')).toBeUndefined();
    expect(tryJsonataText('{% $x %} ')).toBeUndefined();
    expect(tryJsonataText('$x')).toBeUndefined();
  });

  it('tells what is wrong with its syntax', () => {
    expect(jsonataSyntaxError('1 +')).toMatch(/^S0207: /);
    expect(jsonataSyntaxError('1 + 1')).toBeUndefined();
  });
});

describe('a JSONata evaluation', () => {
  it('sees the input, the context and the variables', () => {
    const scope = scopeOf({ a: 1 }, { context: { State: { Name: 'S' } }, variables: { v: { w: 2 } } });
    expect(
      compileJsonata('{"a": $states.input.a, "s": $states.context.State.Name, "w": $v.w}', 'Output')(scope),
    ).toEqual({ a: 1, s: 'S', w: 2 });
  });

  it('sees a result only where there is one', () => {
    expect(compileJsonata('$states.result', 'Output')(scopeOf({}, { result: [1] }))).toEqual([1]);
    expect(() => evaluate('$states.result')).toThrow(expect.objectContaining({ error: 'States.QueryEvaluationError' }));
  });

  it('fails when it gives nothing, naming expression and field', () => {
    expect(() => evaluate('$missing')).toThrow(
      expect.objectContaining({
        error: 'States.QueryEvaluationError',
        cause: "The JSONata expression '$missing' specified for the field 'Output' returned nothing (undefined).",
        location: 'Output',
      }),
    );
  });

  it('fails when it gives a function', () => {
    expect(() => evaluate('function($x) { $x }')).toThrow(
      expect.objectContaining({ cause: expect.stringContaining('returned an unsupported result type.') }),
    );
    expect(() => evaluate('{"f": $sum}')).toThrow(
      expect.objectContaining({ cause: expect.stringContaining('returned an unsupported result type.') }),
    );
  });

  it('gives plain JSON, without the marks of jsonata', () => {
    const items = evaluate('$states.input.items.n', { items: [{ n: 1 }, { n: 2 }] });
    expect(Object.keys(items as object)).toEqual(['0', '1']);
    expect(items).toEqual([1, 2]);
  });

  it.each([
    ['$partition([1, 2, 3], 2)', [[1, 2], [3]]],
    ['$range(1, 7, 3)', [1, 4, 7]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(1, 9, 9)', 1],
    ['$hash("input data", "MD5")', '812f45842bc6d66ee14572ce20db8e86'],
    ['$random()', 0.5],
    ['$random(42)', 0.7275636800328681],
    ['$random(42.9)', 0.7275636800328681],
    ['$partition([1, 2, 3, 4, 5], 2.9)', [[1, 2], [3, 4], [5]]],
    [
      '$parse("[{\\"a\\": [\\"a\\", {\\"a\\": 1}]}, {\\"a\\": \\"{\\\\\\"a\\"}]")',
      [{ a: ['a', { a: 1 }] }, { a: '{"a' }],
    ],
    ['1/0', 'Infinity'],
    ['[-1/0, {"n": 0/0}]', ['-Infinity', { n: 'NaN' }]],
    ['$base64decode("aGk")', 'hi'],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$count($range(1, 360145, 1))', 360_145],
    ['$count([1..873782])', 873_782],
    [Array(100).fill('1').join('+'), 100],
    [`${'('.repeat(99)}1${')'.repeat(99)}`, 1],
    ['($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(31))', 31],
    ['$uuid()', '00000000-0000-4000-8000-000000000000'],
    ['$parse("{\\"a\\": [1]}")', { a: [1] }],
    ['$now()', '2026-01-01T00:00:00.000Z'],
    ['$millis()', Date.UTC(2026, 0, 1)],
  ])("has AWS's function %s", (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each([
    '$partition([], 2)',
    '$partition([1], 0)',
    '$partition([1], 0.9)',
    '$range(1, 2)',
    '$range(1, 2, -1)',
    '$hash("a")',
  ])('returns nothing for %s', (expression) => {
    expect(() => evaluate(expression)).toThrow(
      expect.objectContaining({ cause: expect.stringContaining('returned nothing (undefined).') }),
    );
  });

  it.each([
    '$eval("1")',
    '$parse("{")',
    '$parse("{\\"a\\": 1, \\"b\\": {\\"a\\": 1}, \\"\\\\u0061\\": 2}")',
    '$hash("a", "CRC32")',
    `$parse("${'['.repeat(1_001)}${']'.repeat(1_001)}")`,
    '$partition([1], -1)',
    '$range(1, 2, 0)',
  ])('fails for %s', (expression) => {
    expect(() => evaluate(expression)).toThrow(
      expect.objectContaining({ cause: expect.stringContaining('threw an error during evaluation.') }),
    );
  });
});

describe('a runaway expression', () => {
  const limits = {
    stack:
      'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. Depth=101 max=100',
    memory: 'Expression evaluation memory limit exceeded: Check for excessive memory usage',
    time: 'Expression evaluation timeout: Check for infinite loop',
  };

  it.each<[keyof typeof limits, string]>([
    ['stack', Array(101).fill('1').join('+')],
    ['stack', `${'('.repeat(100)}1${')'.repeat(100)}`],
    ['stack', '($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(32))'],
    ['memory', '$range(1, 360146, 1)'],
    ['memory', '$range(0, 9007199254740991, 1)'],
    ['memory', '[1..873783] ~> $count()'],
    ['memory', '($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $d("x", 23))'],
    ['memory', '($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $length($d("x", 60)))'],
  ])('ends by the limit of its %s: %.40s', (limit, expression) => {
    expect(() => evaluate(expression)).toThrow(
      expect.objectContaining({
        error: 'States.QueryEvaluationError',
        cause: `The JSONata expression '${expression}' specified for the field 'Output' threw an error during evaluation: ${limits[limit]}`,
      }),
    );
  });

  it.each(['($f := function($n) { $f($n + 1) }; $f(0))', `$match("${'a'.repeat(40)}", /(a+)+b/)`])(
    'ends by the limit of its time: %.30s',
    (expression) => {
      expect(() => evaluate(expression)).toThrow(
        expect.objectContaining({ cause: expect.stringContaining(limits.time) }),
      );
    },
    30_000,
  );

  it('ends when it gives what is nested too deeply to be copied', () => {
    let deep: Json = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => evaluate('$states.input', deep)).toThrow(
      expect.objectContaining({ cause: expect.stringContaining(limits.stack) }),
    );
  });

  it('is no expression when its parentheses are too many to be parsed', () => {
    expect(jsonataSyntaxError(`${'('.repeat(20_000)}1${')'.repeat(20_000)}`)).toBe(limits.stack);
  });

  it("reports what is not Base64 as AWS's own error", () => {
    expect(() => evaluate('$base64decode("!!!")')).toThrow(
      expect.objectContaining({ cause: expect.stringContaining(' threw an internal error during evaluation.') }),
    );
  });
});

describe('a JSONata template', () => {
  it('evaluates expressions at any depth and leaves the rest as it is', () => {
    const template = {
      a: '{% $states.input.n + 1 %}',
      list: [1, '{% "x" %}', { deep: '{% true %}' }],
      text: '$states.input',
    };
    expect(compileJsonataTemplate(template, 'Output')(scopeOf({ n: 1 }))).toEqual({
      a: 2,
      list: [1, 'x', { deep: true }],
      text: '$states.input',
    });
  });

  it('names the place of a failure', () => {
    const evaluateTemplate = compileJsonataTemplate({ list: [{ deep: '{% $missing %}' }] }, 'Output');
    expect(() => evaluateTemplate(scopeOf({}))).toThrow(expect.objectContaining({ location: 'Output/list[0]/deep' }));
  });
});
