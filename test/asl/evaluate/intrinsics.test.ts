import { evaluateIntrinsic, parseIntrinsicCall } from '../../../lib/asl/evaluate/intrinsic-call.js';
import { compilePayloadTemplate } from '../../../lib/asl/evaluate/payload-template.js';
import type { Json } from '../../../lib/asl/language/json.js';
import { scopeOf } from './scopes.js';

const call = (text: string, input: Json = {}) =>
  evaluateIntrinsic(parseIntrinsicCall(text), scopeOf(input, { context: { Name: 'n' }, variables: { v: 3 } }));

describe('an intrinsic function', () => {
  it.each<[string, Json, Json]>([
    ["States.Format('{} and {}', $.a, $$.Name)", { a: 1 }, '1 and n'],
    ["States.Format('\\{{}\\} it\\'s', $v)", {}, "{3} it's"],
    ["States.Format('{}', $.o)", { o: { a: 1, b: [true, null] } }, '{a=1, b=[true, null]}'],
    ['States.StringToJson(\'{"a": 1}\')', {}, { a: 1 }],
    ['States.StringToJson($.s)', { s: ' ' }, null],
    ['States.JsonToString($.o)', { o: { a: [1] } }, '{"a":[1]}'],
    ['States.Array(1, $.a, States.Array(true))', { a: 'x' }, [1, 'x', [true]]],
    ['States.ArrayPartition($.l, 2)', { l: [1, 2, 3] }, [[1, 2], [3]]],
    ['States.ArrayContains($.l, $.x)', { l: [{ a: [1] }], x: { a: [1] } }, true],
    ['States.ArrayRange(1, 9, 4)', {}, [1, 5, 9]],
    ['States.ArrayRange(3, 1, -1)', {}, [3, 2, 1]],
    ['States.ArrayGetItem($.l, 1)', { l: [1, 2] }, 2],
    ['States.ArrayLength($.l)', { l: [1, 2] }, 2],
    ['States.ArrayUnique($.l)', { l: [1, '1', 1, { a: 1 }, { a: 1 }] }, [1, '1', { a: 1 }]],
    ["States.Base64Encode('é')", {}, 'w6k='],
    ["States.Base64Decode('w6k=')", {}, 'é'],
    ["States.Hash('input data', 'SHA-1')", {}, 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: { y: 1 }, k: 1 }, b: { x: { z: 2 } } }, { x: { z: 2 }, k: 1 }],
    ['States.MathAdd(-1.5, 0)', {}, -1],
    ['States.MathRandom(1, 9)', {}, 5],
    ["States.StringSplit('a.b+c', '.+')", {}, ['a', 'b', 'c']],
    [`${'States.Array('.repeat(11)}1${')'.repeat(11)}`, {}, [[[[[[[[[[[1]]]]]]]]]]]],
    ['States.UUID()', {}, '00000000-0000-4000-8000-000000000000'],
  ])('%s', (text, input, expected) => {
    expect(call(text, input)).toEqual(expected);
  });

  it.each([
    ['States.MathRandom(0, 1000, 42)', 130],
    ['States.MathRandom(0, 999, 3)', 239],
    ['States.MathRandom(10, 26, -7)', 14],
  ])("draws %s from java.util.Random's numbers for the seed", (text, expected) => {
    expect(call(text)).toBe(expected);
  });

  it.each([
    'States.ArrayGetItem($.l, 9)',
    'States.ArrayPartition($.l, 0)',
    'States.ArrayRange(0, 5000, 1)',
    "States.Hash('a', 'CRC')",
    'States.JsonMerge($.o, $.o, true)',
    "States.StringToJson('{')",
    `States.StringToJson('${'['.repeat(1_001)}${']'.repeat(1_001)}')`,
    "States.Format('{}')",
    "States.Base64Decode('w6k!')",
    "States.Base64Decode('w')",
    'States.MathAdd($.l, 1)',
  ])('fails with States.IntrinsicFailure: %s', (text) => {
    expect(() => call(text, { l: [1], o: {} })).toThrow(expect.objectContaining({ error: 'States.IntrinsicFailure' }));
  });

  it.each([
    "States.Nope('x')",
    'States.UUID(1)',
    "States.Format('x",
    'States.ArrayLength()',
    'States.Format($.a',
    'States.Array(1,,2)',
    `${'States.Array('.repeat(12)}1${')'.repeat(12)}`,
    `${'States.Array('.repeat(20_000)}1${')'.repeat(20_000)}`,
  ])('is refused when it can not be parsed: %s', (text) => {
    expect(() => parseIntrinsicCall(text)).toThrow(SyntaxError);
  });
});

it.each(['States.ArrayLength($.n[0])', 'States.Array($.n[1:])', '$.n[0]', '$.n[?(@.x)]'])(
  "says of %s what AWS's library says",
  (text) => {
    const evaluate = compilePayloadTemplate({ 'a.$': text });
    expect(() => evaluate(scopeOf({ n: 1 }))).toThrow(
      expect.objectContaining({
        error: 'States.Runtime',
        cause: expect.stringMatching(/^Filter: \[.*\] can .* Current context is: 1$/),
      }),
    );
  },
);

describe('a payload template', () => {
  it('evaluates members that end in .$, at any depth, and keeps the rest', () => {
    const template = { 'a.$': '$.x', b: [{ 'c.$': "States.Format('{}', $.x)" }], d: '$.x' };
    expect(compilePayloadTemplate(template)(scopeOf({ x: 1 }))).toEqual({ a: 1, b: [{ c: '1' }], d: '$.x' });
  });

  it('is handed on as it is when it has no expression', () => {
    const template = { a: [1] };
    expect(compilePayloadTemplate(template)(scopeOf({}))).toBe(template);
  });
});
