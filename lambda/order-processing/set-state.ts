import type { Download, OrderState } from './order.js';
import { orderTable } from './order-table.js';

/** Shows in the table where an order stands. */
export const handler = async ({
  orderId,
  state,
  downloads,
}: {
  readonly orderId: string;
  readonly state: OrderState;
  readonly downloads?: readonly Download[];
}): Promise<void> => orderTable().setState(orderId, state, downloads ?? []);
