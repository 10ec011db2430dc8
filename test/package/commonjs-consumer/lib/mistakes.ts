import type { Stack } from 'aws-cdk-lib';
import { Activity, Chain, flow } from 'durable-steps';
import type { Order } from '../lambda/price';

/** What the compiler must refuse, with the package's published types. Never called. */
export function mistakes(stack: Stack): void {
  const price = new Activity<typeof import('../lambda/price').handler>(stack, 'Price', { entry: 'lambda/price.ts' });
  const ship = new Activity<typeof import('../lambda/ship').handler>(stack, 'Ship', { entry: 'lambda/ship.ts' });
  // @ts-expect-error: a number is not an order
  flow<number>().step('price', price);
  const priced = flow<Order>().step('price', price);
  // @ts-expect-error: the price has no field `sum`
  priced.output(({ price }) => ({ sum: price.sum }));
  // @ts-expect-error: there is no step `prize`
  priced.output(({ prize }) => prize);
  // @ts-expect-error: what Price puts out is not what Ship takes in
  new Chain(stack, 'Chain', { steps: [price, ship] });
}
