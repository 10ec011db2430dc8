import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Order } from '../../lambda/order/order.js';
import { Activity, Chain, expr, flow } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/** A chain that branches: an order is priced, and a total above 1000 EUR goes to a review instead of straight to the stock. */
export class PriceOrderStack extends Stack {
  readonly priceOrder;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    const price = new Activity<typeof import('../../lambda/order/price.js').handler>(this, 'Price', {
      entry: 'lambda/order/price.ts',
      timeout: Duration.seconds(10),
    });
    const reserveStock = new Activity<typeof import('../../lambda/order/reserve-stock.js').handler>(
      this,
      'ReserveStock',
      {
        entry: 'lambda/order/reserve-stock.ts',
        retry: { maxAttempts: 3, firstInterval: Duration.seconds(2), backoffRate: 2 },
      },
    );
    const requestReview = new Activity<typeof import('../../lambda/order/request-review.js').handler>(
      this,
      'RequestReview',
      {
        entry: 'lambda/order/request-review.ts',
      },
    );
    this.priceOrder = new Chain(this, 'PriceOrder', {
      hub,
      description: 'Prices an order and branches on its total',
      timeout: Duration.hours(1),
      steps: flow<Order>()
        .step('price', price)
        .choose('next', {
          when: ({ price }) => expr<boolean>`${price.total} > 100000`,
          then: (f) =>
            f.step('review', requestReview).output(({ review }) => ({ decision: 'review', detail: review.reason })),
          otherwise: (f) =>
            f
              .step('stock', reserveStock, ({ input }) => ({ orderId: input.orderId, items: input.items }))
              .output(({ stock }) => ({ decision: 'reserved', detail: stock.reservation })),
        })
        .output(({ input, price, next }) => ({
          orderId: input.orderId,
          total: price.total,
          currency: price.currency,
          next,
        })),
    });
  }
}
