/** A line of an order. Prices are in cents. */
export interface OrderItem {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** An order as it comes in. */
export interface Order {
  readonly orderId: string;
  readonly customer: { readonly email: string; readonly country: string };
  readonly items: readonly OrderItem[];
  readonly couponCode?: string;
}

/** An order with its prices, in cents. */
export interface PricedOrder {
  readonly orderId: string;
  readonly currency: 'EUR';
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
}
