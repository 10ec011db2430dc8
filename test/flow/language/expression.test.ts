import { expr, fanOutFanIn, flow } from '../../../lib/flow/index.js';
import { asOperand } from '../../../lib/flow/language/expression.js';
import { activity, compile } from '../kit.js';
import { run } from '../run.js';

/** A deterministic sequence of numbers from 0 to 2^32 - 1 (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const alphabet = [...'ab019-_ .`"\'\\/$%{}[]()\n\téŁ字'].concat('and', 'null', '😀', '\ud800', '\u2028', '\u0000');

function randomKeys(count: number): readonly string[] {
  const next = numbers(13);
  const random = () => Array.from({ length: next() % 5 }, () => alphabet[next() % alphabet.length]!).join('');
  const special = ['', '0', '1', '-1', '01', '2024', '4294967296', 'and', 'function', 'constructor', '__proto__'];
  const words = ['toString', 'length', 'then', 'name', 'key', 'sequence', '%}', '$', '`', '``', '"', '{% a %}'];
  return [...new Set([...special, ...words, ...Array.from({ length: count }, random)])];
}

const keys = randomKeys(200);
const record = (value: (key: string) => unknown) => Object.fromEntries(keys.map((key) => [key, value(key)]));
type Dictionary<V> = Readonly<Record<string, V>>;

test('every text is a key: what is read is what stands under it', async () => {
  const read = flow<Dictionary<string>>()
    .step('a', activity<unknown, Dictionary<string>>('Same'))
    .output(({ input, a }) => ({ input: keys.map((key) => input[key]!), variable: keys.map((key) => a[key]!) }));
  const input = record((key) => `value of ${key}`);
  const { output } = await run(compile(read), { Same: (value) => value }, input);
  const values = keys.map((key) => input[key]);
  expect(output).toEqual({ input: values, variable: values });
});

test('a key below another, and below an item of a list, is read as it is', async () => {
  const steps = flow<{ readonly rows: readonly Dictionary<Dictionary<string>>[] }>()
    .step('a', activity<unknown, unknown>('Same'))
    .output(({ input }) => keys.map((key) => input.rows[1]![key]![key]!));
  const rows = [
    {},
    record((key) =>
      Object.fromEntries([
        ['0', 'no'],
        [key, `below ${key}`],
      ]),
    ),
  ];
  const { output } = await run(compile(steps), { Same: () => 'done' }, { rows });
  expect(output).toEqual(keys.map((key) => `below ${key}`));
});

test.each([
  ['a list', ['first', 'second'], 'second'],
  ['a list of lists', [['first'], ['second']], ['second']],
  ['a list of records with numbers', [{ 1: 'no' }, { 1: 'yes' }], { 1: 'yes' }],
  ['a record', { 0: 'first', 1: 'second' }, 'second'],
  ['a record of records', { 1: { 1: 'x' } }, { 1: 'x' }],
])('[1] of %s is its own', async (_, from, expected) => {
  const steps = flow<{ from: Dictionary<unknown> }>()
    .step('a', activity<unknown, unknown>('Same'))
    .output(({ input }) => ({ found: input.from['1']! }));
  expect((await run(compile(steps), { Same: (value) => value }, { from })).output).toEqual({ found: expected });
});

test('numbers below numbers are told apart at each level', async () => {
  const steps = flow<Dictionary<readonly Dictionary<readonly string[]>[]>>()
    .step('a', activity<unknown, unknown>('Same'))
    .output(({ input }) => ({ found: input['7']![0]!['0']![1]! }));
  const { output } = await run(compile(steps), { Same: (value) => value }, { 7: [{ 0: ['a', 'b'] }] });
  expect(output).toEqual({ found: 'b' });
});

test('what a fan-out gives is known to be a list', () => {
  const steps = flow<readonly string[]>()
    .step('sizes', fanOutFanIn({ each: activity<string, number>('Size') }))
    .step('one', activity<number, number>('Use'), ({ sizes }) => sizes[0]!)
    .output(({ sizes }) => ({ second: sizes[1]! }));
  const { States } = compile(steps);
  expect(States['one']).toMatchObject({
    Arguments: { Payload: '{% $sizes[0] %}' },
    Output: '{% {"second": $sizes[1]} %}',
  });
});

test.each([
  ['$a', '$a'],
  ['$a.`}`.b[0]', '$a.`}`.b[0]'],
  ['{"a": "}"}', '{"a": "}"}'],
  ['{"a": $b.`}`} & {}', '({"a": $b.`}`} & {})'],
  ['[$a.`[`] ~> [$b]', '([$a.`[`] ~> [$b])'],
  ["['a]', 1]", "['a]', 1]"],
  ['[1] & [2]', '([1] & [2])'],
  ['[/]/] & [/[/]', '([/]/] & [/[/])'],
  ['$f(")") & "("', '($f(")") & "(")'],
])('%s as an operand is %s', (text, operand) => expect(asOperand(text)).toBe(operand));

test('a key of a template that only an object of JavaScript has is missing', async () => {
  const inner = flow<Dictionary<string>>()
    .step('a', activity<unknown, unknown>('Same'))
    .output(({ input }) => ({ found: expr`$type(${input['constructor']})` }));
  const steps = flow<unknown>().step('inner', inner, () => ({ x: 'y' }));
  expect((await run(compile(steps), { Same: (value) => value })).output).toEqual({});
});
