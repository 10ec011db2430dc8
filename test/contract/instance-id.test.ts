import {
  executionArn,
  executionName,
  instanceKey,
  parseExecutionName,
  stateMachineArnOf,
} from '../../lib/contract/instance-id.js';
import { decodeOrder, encodeOrder, runtimeStatusOf } from '../../lib/contract/runtime-status.js';

const LEGAL_NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

test.each(['a', 'order-1', "it's(ok)", 'a.b@c=d+e_f', 'x'.repeat(64)])('the id %s is its own key', (id) => {
  expect(instanceKey(id)).toBe(id);
});

test.each([
  '',
  ' ',
  'a b',
  'a/b',
  'a..2',
  'ends.',
  '..',
  'ünïcode',
  '注文-42',
  '🚀',
  'x'.repeat(65),
  'x'.repeat(200),
  'a\u0000b',
])('the id %j has a hashed key', (id) => {
  expect(instanceKey(id)).toMatch(/^h-[0-9a-f]{40}$/);
});

test('different ids have different keys', () => {
  const ids = ['a b', 'a/b', 'a..b', 'A b', `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`];
  expect(new Set(ids.map(instanceKey)).size).toBe(ids.length);
});

test('a key is its own key, so that links may carry it', () => {
  expect(instanceKey(instanceKey('a/b c'))).toBe(instanceKey('a/b c'));
});

test.each([
  ['a', 1],
  ['x'.repeat(64), 1],
  ['x'.repeat(64), 999_999_999],
  ['a.b', 7],
])('the execution name of %s, generation %d, is legal and reads back', (key, generation) => {
  const name = executionName({ key, generation });
  expect(name).toMatch(LEGAL_NAME);
  expect(parseExecutionName(name)).toEqual({ key, generation });
});

test.each(['a..1', 'a..x', 'a..', '..2', 'plain'])(
  'the name %s that is not the hub’s is a first generation',
  (name) => {
    expect(parseExecutionName(name)).toEqual({ key: name, generation: 1 });
  },
);

test('execution ARN and state machine ARN derive from each other', () => {
  const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:Hello';
  const execution = 'arn:aws:states:eu-west-1:123456789012:execution:Hello:order-1..2';
  expect(executionArn(machine, 'order-1..2')).toBe(execution);
  expect(stateMachineArnOf(execution)).toBe(machine);
});

test('the order of a run counts generation before redrive before rank', () => {
  const orders = [
    { generation: 1, redrive: 0, rank: 0 },
    { generation: 1, redrive: 0, rank: 9 },
    { generation: 1, redrive: 1, rank: 5 },
    { generation: 2, redrive: 0, rank: 0 },
    { generation: 900_000_000, redrive: 99_999, rank: 9 },
  ] as const;
  const numbers = orders.map(encodeOrder);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(numbers.map(decodeOrder)).toEqual(orders);
});

test('only an output that names the next generation continues as new', () => {
  expect(runtimeStatusOf('SUCCEEDED', 1, '{"continuedAsNew":2}')).toBe('ContinuedAsNew');
  expect(runtimeStatusOf('SUCCEEDED', 1, '{"continuedAsNew":3}')).toBe('Completed');
  expect(runtimeStatusOf('SUCCEEDED', 1, '{"continuedAsNew":2,"more":1}')).toBe('Completed');
  expect(runtimeStatusOf('TIMED_OUT', 1)).toBe('Failed');
  expect(runtimeStatusOf('ABORTED', 1)).toBe('Terminated');
});
