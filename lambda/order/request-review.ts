/** Puts a large order before a person: here it only says so. */
export const handler = async ({
  orderId,
  total,
}: {
  readonly orderId: string;
  readonly total: number;
}): Promise<{ readonly queue: string; readonly reason: string }> => ({
  queue: 'large-orders',
  reason: `order ${orderId} totals ${(total / 100).toFixed(2)} EUR`,
});
