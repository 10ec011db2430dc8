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
    ['$exists($partition([], 2))', false],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$count($range(1, 200000, 1))', 200_000],
    ['$uuid()', '00000000-0000-4000-8000-000000000000'],
    ['$parse("{\\"a\\": [1]}")', { a: [1] }],
    ['$now()', '2026-01-01T00:00:00.000Z'],
    ['$millis()', Date.UTC(2026, 0, 1)],
  ])("has AWS's function %s", (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each([
    '$eval("1")',
    '$parse("{")',
    '$hash("a", "CRC32")',
    '$partition([1], 0)',
    '$range(1, 2, 0)',
    '$range(1, 10000001, 1)',
  ])('fails for %s', (expression) => {
    expect(() => evaluate(expression)).toThrow(
      expect.objectContaining({ cause: expect.stringContaining('threw an error during evaluation.') }),
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
