import type { Order, PricedOrder } from './order.js';

const taxRates: Readonly<Record<string, number>> = { AT: 0.2, DE: 0.19, FR: 0.2, NL: 0.21 };

/** Refuses an order that can't be priced. */
class InvalidOrder extends Error {
  override readonly name = 'InvalidOrder';
}

/** Prices an order: the sum of its lines, 5 % off from 10 pieces on, and the tax of the customer's country. */
export const handler = async (order: Order): Promise<PricedOrder> => {
  const items = order?.items;
  if (!Array.isArray(items) || items.length === 0) throw new InvalidOrder('an order needs at least one item');
  for (const { sku, quantity, unitPrice } of items) {
    if (!Number.isInteger(quantity) || quantity < 1)
      throw new InvalidOrder(`item ${sku}: quantity must be a whole number of at least 1, got ${quantity}`);
    if (!Number.isInteger(unitPrice) || unitPrice < 0)
      throw new InvalidOrder(`item ${sku}: unitPrice must be a whole number of cents, got ${unitPrice}`);
  }
  const pieces = order.items.reduce((sum, item) => sum + item.quantity, 0);
  const subtotal = order.items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
  const discount = pieces >= 10 ? Math.round(subtotal * 0.05) : 0;
  const tax = Math.round((subtotal - discount) * (taxRates[order.customer?.country] ?? 0));
  return { orderId: order.orderId, currency: 'EUR', subtotal, discount, tax, total: subtotal - discount + tax };
};
