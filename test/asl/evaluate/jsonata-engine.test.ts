import jsonata from 'jsonata';
import { compileJsonataSync, setJsonataTime } from '../../../lib/asl/evaluate/jsonata-engine.js';

const DATA = {
  name: 'Ada',
  items: [
    { sku: 'a', price: 2.5, tags: ['x', 'y'] },
    { sku: 'b', price: 10, tags: [] },
    { sku: 'c', price: 4, tags: ['y'] },
  ],
  nested: { deep: { value: null } },
};

const EXPRESSIONS = [
  'name',
  'items.price',
  'items[price > 3].sku',
  'items[0]',
  'items[-1].sku',
  'items[].sku',
  'items.tags',
  'items^(>price).sku',
  '$sum(items.price)',
  '$map(items, function($v, $i) { $v.sku & $string($i) })',
  '$filter(items, function($v) { $v.price > 3 })',
  '$reduce(items.price, function($a, $b) { $a + $b })',
  '$sort(items, function($a, $b) { $a.price > $b.price }).sku',
  'items{sku: price}',
  '$merge(items.{sku: price})',
  '$each({"a": 1, "b": 2}, function($v, $k) { $k & $v })',
  '$sift({"a": 1, "b": 2}, function($v) { $v > 1 })',
  '$replace("aXbX", /X/, function($m) { $lowercase($m.match) })',
  '$split("a, b;c", /[,;] ?/)',
  '$match("ababb", /a(b+)/)',
  '$contains("hello", /l+/)',
  'items ~> |$|{"double": price * 2}, ["tags"]|',
  '($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(5))',
  '($add := function($a, $b) { $a + $b }; $inc := $add(1, ?); $inc(2))',
  '[1..5][$ > 2]',
  'nested.**.value',
  'items.%.name',
  '$exists(missing)',
  'missing',
  'missing ? 1 : 2',
  'name in ["Ada", "Bob"]',
  '{"a": missing, "b": [missing, 1]}',
  '$formatNumber(1234.5, "#,##0.00")',
  '$fromMillis(0, "[Y]-[M01]-[D01]")',
  '$toMillis("2020-02-29T12:00:00Z")',
  '$string({"a": [1, "x", null]})',
  '$number("12.5") + 1',
  'items#$i.{"i": $i, "sku": sku}',
  'items@$x.{"s": $x.sku}',
  '$zip([1, 2], [3, 4])',
  '$single(items, function($v) { $v.sku = "b" }).price',
  'name ~> $uppercase ~> $length',
  'true and false or true',
  '"a" & 1 & true & null',
  '1 + "x"',
  '$notAFunction(1)',
  '$sum("x")',
  '$error("custom")',
  '[1, [2, 3]]',
  '$append([1], [2])',
  '$distinct([1, 1, 2])',
  'items.tags[0]',
  'items[sku = "a"].tags[]',
];

async function outcome(evaluate: () => unknown): Promise<unknown> {
  try {
    return { value: JSON.stringify(await evaluate()) };
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    return { code, message };
  }
}

describe('the synchronous jsonata', () => {
  it.each(EXPRESSIONS)('gives what the package itself gives: %s', async (expression) => {
    const expected = await outcome(() => jsonata(expression).evaluate(DATA));
    const actual = await outcome(() => compileJsonataSync(expression, {}).evaluate(DATA));
    expect(actual).toEqual(expected);
  });

  it('answers without a promise', () => {
    expect(compileJsonataSync('$sum($map([1, 2], function($v) { $v * 2 }))', {}).evaluate(undefined)).toBe(6);
  });

  it('reads the time that was set', () => {
    setJsonataTime(Date.UTC(2030, 0, 1));
    expect(compileJsonataSync('$now()', {}).evaluate(undefined)).toBe('2030-01-01T00:00:00.000Z');
    expect(compileJsonataSync('$millis()', {}).evaluate(undefined)).toBe(Date.UTC(2030, 0, 1));
  });

  it('ends an endless recursion with an error', () => {
    const endless = compileJsonataSync('($f := function($n) { 1 + $f($n) }; $f(0))', { stack: 100 });
    expect(() => endless.evaluate(undefined)).toThrow(expect.objectContaining({ code: 'D1011' }));
  });

  it('ends an endless tail recursion with an error', () => {
    const endless = compileJsonataSync('($f := function($n) { $f($n) }; $f(0))', { timeout: 20 });
    expect(() => endless.evaluate(undefined)).toThrow(expect.objectContaining({ code: 'D1012' }));
  });
});
