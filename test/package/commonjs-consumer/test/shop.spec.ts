import { App } from 'aws-cdk-lib';
import { TestEnvironment } from 'durable-steps/testing';
import { ShopStack } from '../lib/shop-stack';

const stack = new ShopStack(new App(), 'Shop');
let env: TestEnvironment;

beforeEach(async () => {
  env = await TestEnvironment.create(stack);
});
afterEach(() => env.close());

test('an order is priced, and shipped a day later', async () => {
  const ordered = env.now.getTime();
  const instance = await env.start(stack.fulfil, { id: 'A-1', items: [{ name: 'desk', quantity: 2, price: 150 }] });
  expect(await instance.completed()).toEqual({ total: 300, shipping: 'shipped 1 of A-1' });
  expect(env.now.getTime() - ordered).toBeGreaterThanOrEqual(86_400_000);
});

test('an activity gives way to a stub, and is counted', async () => {
  const ship = env.stub(stack.ship, ({ id }) => `did not ship ${id}`);
  const instance = await env.start(stack.fulfil, { id: 'A-2', items: [{ name: 'pen', quantity: 1, price: 2 }] });
  expect(await instance.completed()).toEqual({ total: 2, shipping: 'did not ship A-2' });
  expect(ship.calls).toHaveLength(1);
});
