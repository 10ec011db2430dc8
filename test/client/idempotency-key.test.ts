import { idempotencyKey } from '../../lib/client/idempotency-key.js';

test('reads the key from the client context', () => {
  expect(idempotencyKey({ clientContext: { idempotencyKey: 'order-1/charge' } })).toBe('order-1/charge');
});

test.each([
  [{}, 'a call without client context'],
  [{ clientContext: { other: 1 } }, '{"other":1}'],
])('refuses %j', (context, got) => {
  expect(() => idempotencyKey(context)).toThrow(
    `expected a call by a workflow of durable-steps, which sends the key in the client context, got ${got}`,
  );
});
