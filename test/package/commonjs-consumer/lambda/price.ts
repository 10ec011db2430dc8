export interface Order {
  readonly id: string;
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly price: number }[];
}

export const handler = async (order: Order): Promise<{ total: number; count: number }> => {
  if (order.items.length === 0) throw new EmptyOrderError(`order ${order.id} has no items`);
  return {
    total: order.items.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
    count: order.items.length,
  };
};

class EmptyOrderError extends Error {
  override readonly name = 'EmptyOrderError';
}
