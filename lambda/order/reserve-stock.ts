import type { Order } from './order.js';

/** Reserves what the order needs. The number follows from the order alone, so that a repeated call reserves nothing twice. */
export const handler = async ({
  orderId,
  items,
}: Pick<Order, 'orderId' | 'items'>): Promise<{ readonly reservation: string; readonly pieces: number }> => ({
  reservation: `res-${orderId}`,
  pieces: items.reduce((sum, { quantity }) => sum + quantity, 0),
});
