import type { Order, SavedOrder } from './order.js';
import { orderTable } from './order-table.js';

/** Refuses an order that can't be processed. */
class InvalidOrder extends Error {
  override readonly name = 'InvalidOrder';
}

/** Saves an order, and adds its prices up. */
export const handler = async (order: Order): Promise<SavedOrder> => {
  if (!Array.isArray(order?.items) || order.items.length === 0)
    throw new InvalidOrder('an order needs at least one item');
  const total = order.items.reduce((sum, { price }) => sum + price, 0);
  if (!(total >= 0)) throw new InvalidOrder('prices must be numbers, not negative');
  await orderTable().create({ ...order, total, state: 'New', placedAt: new Date().toISOString() });
  return { orderId: order.orderId, total };
};
