import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Json } from '../../../lib/asl/language/json.js';
import type { Scenario } from '../scenario.js';

function orderOf(file: string): Json {
  return JSON.parse(readFileSync(path.join(__dirname, '../../../lambda/order', file), 'utf8')) as Json;
}

export const priceOrder: readonly Scenario[] = [
  {
    fact: 'a large order goes to a review',
    orchestrations: ['PriceOrder/PriceOrder'],
    run: (cloud) => cloud.run('PriceOrder/PriceOrder', orderOf('large-order.json')),
    expected: {
      orderId: 'A-1001',
      total: 403928,
      currency: 'EUR',
      next: { decision: 'review', detail: 'order A-1001 totals 4039.28 EUR' },
    },
  },
  {
    fact: 'a small order reserves stock',
    orchestrations: ['PriceOrder/PriceOrder'],
    run: (cloud) => cloud.run('PriceOrder/PriceOrder', orderOf('small-order.json')),
  },
];
