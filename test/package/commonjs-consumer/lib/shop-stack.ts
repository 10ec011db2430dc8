import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Activity, Chain, expr, flow } from 'durable-steps';
import type { Order } from '../lambda/price';

/** A stack as a user of the package writes it: two activities, a branch, a wait of a day, an error that is handled. */
export class ShopStack extends Stack {
  readonly ship;
  readonly fulfil;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const price = new Activity<typeof import('../lambda/price').handler>(this, 'Price', {
      entry: 'lambda/price.ts',
      retry: { maxAttempts: 3, firstInterval: Duration.seconds(1) },
    });
    this.ship = new Activity<typeof import('../lambda/ship').handler>(this, 'Ship', { entry: 'lambda/ship.ts' });
    this.fulfil = new Chain(this, 'Fulfil', {
      steps: flow<Order>()
        .step('price', price)
        .delay(Duration.days(1))
        .choose('shipping', {
          when: ({ price }) => expr<boolean>`${price.total} > 0`,
          then: (f) => f.step('ship', this.ship, ({ input, price }) => ({ id: input.id, count: price.count })),
          otherwise: (f) => f.output(() => 'nothing to ship'),
        })
        .output(({ price, shipping }) => ({ total: price.total, shipping })),
    });
  }
}
