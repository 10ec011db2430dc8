import { PathNotFound } from '../../../lib/asl/evaluate/json-path/json-path.js';
import { parseReferencePath, Reference, tryWriteAt } from '../../../lib/asl/evaluate/reference.js';
import type { Json } from '../../../lib/asl/language/json.js';
import { scopeOf } from './scopes.js';

const STORE: Json = {
  book: [
    { title: 'A', price: 8, tags: ['x'], author: { name: 'Ann' } },
    { title: 'B', price: 12, tags: [], isbn: '1' },
    { title: 'C', price: 20, tags: ['x', 'y'] },
  ],
  'with.dot': { 'a b': 1 },
  empty: null,
};

const read = (path: string, input: Json = STORE) =>
  Reference.parse(path).read(scopeOf(input, { context: { c: [1, 2] }, variables: { v: { w: [5] } } }));
const reason = (path: string, input: Json = STORE) => {
  const value = read(path, input);
  return value instanceof PathNotFound ? value.reason : value;
};

describe('a JSONPath', () => {
  it.each<[string, Json]>([
    ['$', STORE],
    ['$.book[0].title', 'A'],
    ["$['book'][1]['title']", 'B'],
    ['$.book[(@.length-1)].title', 'C'],
    ["$['with.dot']['a b']", 1],
    ["$.['with.dot'].['a b']", 1],
    ['$.book.[0].title', 'A'],
    ['$.book.[?(@.price < 10)].title', ['A']],
    ['$.empty', null],
    ['$.book[*].title', ['A', 'B', 'C']],
    ['$.book[0,2].price', [8, 20]],
    ['$.book[1:].title', ['B', 'C']],
    ['$.book[:1].title', ['A']],
    ['$.book[-2:].title', ['B', 'C']],
    ['$.book[5:].title', []],
    ['$..name', ['Ann']],
    ['$..book[0].title', ['A']],
    ['$.book[?(@.price < 10)].title', ['A']],
    ['$.book[?(@.price >= 12 && @.title != C)].title', ['B']],
    ["$.book[?(@.title == 'A' || @.price == 20)].title", ['A', 'C']],
    ['$.book[?(@.isbn)].title', ['B']],
    ['$.book[?(!@.isbn)].title', ['A', 'C']],
    ['$.book[?(@.title =~ /a/i)].title', ['A']],
    ['$.book[?(@.price > $.book[1].price)].title', ['C']],
    ['$.missing[*]', []],
    ['$.missing[1:].title', []],
    ['$$.c[1]', 2],
    ['$v.w[0]', 5],
    ['$v', { w: [5] }],
  ])('%s', (path, expected) => {
    expect(read(path)).toEqual(expected);
  });

  it('says why a definite path leads nowhere', () => {
    expect(reason('$.a')).toBe("No results for path: $['a']");
    expect(reason('$.a.b')).toBe("Missing property in path $['a']");
    expect(reason('$.book[7]')).toBe("Index out of bounds when evaluating path $['book'][7]");
    expect(reason('$.book[-1]')).toBe("Index out of bounds when evaluating path $['book'][-1]");
    expect(reason('$.book[0].title.x')).toBe("Property ['x'] not found in path $['book'][0]['title']");
    expect(reason('$.book.length()')).toBe("Property ['length()'] not found in path $['book']");
    expect(reason("$['book','empty'].title")).toBe(
      "Multi properties can only be used as path leafs: $['book', 'empty']",
    );
    expect(reason('$.empty.x')).toBe("Property ['x'] not found in path $['empty']");
    expect(reason('$.empty[0]')).toBe("The path $['empty'] is null");
    expect(reason('$unknown.a')).toBe("No results for path: $['a']");
  });

  it('reads 130,000 items at once', () => {
    const items = Array.from({ length: 130_000 }, (_, n) => n);
    for (const path of ['$.a[*]', '$.a[0:]', '$.a[?(@ >= 0)]', '$..a[*]']) {
      expect(read(path, { a: items })).toHaveLength(130_000);
    }
  });

  it('fails for a regular expression that backtracks for ever', () => {
    expect(reason('$.a[?(@.t =~ /(a+)+b/)]', { a: [{ t: 'a'.repeat(40) }] })).toMatch(/takes too long$/);
  });

  it('finds what is 100,000 lists deep', () => {
    let deep: Json = { b: 1 };
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(read('$..b', { a: deep })).toEqual([1]);
  });

  it('parses 20,000 nested parentheses', () => {
    expect(read(`$.a[?(${'('.repeat(20_000)}@.b == 1${')'.repeat(20_000)})]`, { a: [{ b: 1 }, { b: 2 }] })).toEqual([
      { b: 1 },
    ]);
  });

  it.each(['a.b', '$.', '$.a[', '$.a[x]', '$.a["b"]', '$.a[?(@.b in [1])]', "$['a", '$.a b'])('refuses %s', (path) => {
    expect(() => Reference.parse(path)).toThrow(SyntaxError);
  });
});

describe('a reference path', () => {
  it('writes into a copy, making objects on the way', () => {
    const input = { a: { b: 1 }, list: [1, { x: 1 }] };
    expect(tryWriteAt(input, parseReferencePath('$.a.c.d'), 2)).toEqual({
      a: { b: 1, c: { d: 2 } },
      list: [1, { x: 1 }],
    });
    expect(tryWriteAt(input, parseReferencePath('$.list[1].x'), 9)).toEqual({ a: { b: 1 }, list: [1, { x: 9 }] });
    expect(input).toEqual({ a: { b: 1 }, list: [1, { x: 1 }] });
  });

  it('gives nothing when a scalar, a list or the end of one is in its way', () => {
    expect(tryWriteAt({ a: 1 }, parseReferencePath('$.a.b'), 2)).toBeUndefined();
    expect(tryWriteAt([1], parseReferencePath('$.b'), 2)).toBeUndefined();
    expect(tryWriteAt([1], parseReferencePath('$[3]'), 2)).toBeUndefined();
  });

  it('has names and indexes only', () => {
    expect(() => parseReferencePath('$.a[*]')).toThrow(SyntaxError);
  });
});
