import { compileChoiceRule } from '../../../lib/asl/evaluate/choice.js';
import type { Json, JsonObject } from '../../../lib/asl/language/json.js';
import { scopeOf } from './scopes.js';

const test = (rule: JsonObject, value: Json) =>
  compileChoiceRule({ Variable: '$.v', ...rule })(scopeOf({ v: value, other: 5 }));

describe('StringMatches', () => {
  it.each([
    ['foo*.log', 'foo23.log', true],
    ['foo*.log', 'foo.log', true],
    ['foo*.log', 'foo.log.gz', false],
    ['*.log', 'zebra.log', true],
    ['foo*.*', 'foobar.zebra', true],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a.c', 'abc', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\\\b', 'a\\b', true],
    ['line*', 'line\nbreak', true],
    ['[a-z]', 'b', false],
  ])('%s against %s is %s', (pattern, value, expected) => {
    expect(test({ StringMatches: pattern }, value)).toBe(expected);
  });

  it('is false for what is no string', () => {
    expect(test({ StringMatches: '*' }, 1)).toBe(false);
  });

  it('takes no time to find that many asterisks match nothing', () => {
    expect(test({ StringMatches: `${'*a'.repeat(40)}*b` }, 'a'.repeat(10_000))).toBe(false);
  });
});

describe('IsTimestamp', () => {
  it.each<[Json, boolean]>([
    ['2016-03-14T01:59:00Z', true],
    ['2016-03-14T01:59:00.123Z', true],
    ['2016-03-14T01:59:00+02:00', true],
    ['2024-02-29T00:00:00Z', true],
    ['2023-02-29T00:00:00Z', false],
    ['2016-13-14T01:59:00Z', false],
    ['2016-03-14T24:59:00Z', false],
    ['2016-03-14 01:59:00Z', false],
    ['2016-03-14T01:59:00', false],
    ['yesterday', false],
    [1457920740, false],
    [null, false],
  ])('of %j is %s', (value, expected) => {
    expect(test({ IsTimestamp: true }, value)).toBe(expected);
    expect(test({ IsTimestamp: false }, value)).toBe(!expected);
  });
});

describe('a comparison', () => {
  it('of different types is false and no error', () => {
    expect(test({ NumericEquals: 1 }, '1')).toBe(false);
    expect(test({ StringEquals: '1' }, 1)).toBe(false);
    expect(test({ BooleanEquals: true }, 'true')).toBe(false);
  });

  it('compares times and not their text', () => {
    expect(test({ TimestampEquals: '2020-01-01T00:00:00Z' }, '2020-01-01T02:00:00+02:00')).toBe(true);
    expect(test({ TimestampLessThan: '2020-01-01T00:00:00Z' }, '2020-01-01T00:30:00+01:00')).toBe(true);
  });

  it('reads its operand from a path', () => {
    expect(test({ NumericGreaterThanPath: '$.other' }, 6)).toBe(true);
    expect(test({ NumericGreaterThanPath: '$.other' }, 5)).toBe(false);
  });

  it('fails when its variable is missing, but for IsPresent', () => {
    const missing = (rule: JsonObject) => compileChoiceRule({ Variable: '$.gone', ...rule })(scopeOf({}));
    expect(missing({ IsPresent: false })).toBe(true);
    expect(() => missing({ IsNull: true })).toThrow(
      expect.objectContaining({
        error: 'States.Runtime',
        cause: "Invalid path '$.gone': The choice state's condition path references an invalid value.",
      }),
    );
  });

  it('combines with And, Or and Not', () => {
    const rule: JsonObject = {
      And: [{ Variable: '$.v', NumericGreaterThan: 1 }, { Not: { Variable: '$.v', NumericEquals: 3 } }],
    };
    expect([1, 2, 3].map((v) => compileChoiceRule(rule)(scopeOf({ v })))).toEqual([false, true, false]);
    expect(
      compileChoiceRule({
        Or: [
          { Variable: '$.v', IsNull: true },
          { Variable: '$.v', IsString: true },
        ],
      })(scopeOf({ v: 'x' })),
    ).toBe(true);
  });
});
