/** A line of an order. The price is in euros. */
export interface OrderItem {
  readonly sku: string;
  readonly title: string;
  readonly price: number;
}

/** An order of digital goods. */
export interface Order {
  readonly orderId: string;
  readonly customer: { readonly name: string; readonly email: string };
  readonly items: readonly OrderItem[];
}

/** An order as it was saved. */
export interface SavedOrder {
  readonly orderId: string;
  readonly total: number;
}

/** A file that a customer may download: an object in the downloads bucket. */
export interface Download {
  readonly title: string;
  readonly key: string;
}

/** What became of an order: the orchestration's output. */
export type OrderResult =
  | { readonly Status: 'Success'; readonly Downloads: readonly Download[] }
  | { readonly Status: 'NotApproved' }
  | { readonly Status: 'Problem'; readonly Message: string };

/** What an administrator decides about an order: the payload of the event `OrderApproval`. */
export interface OrderDecision {
  readonly approved: boolean;
  readonly by: string;
}

/** The state of an order in the table. */
export type OrderState = 'New' | 'AwaitingApproval' | 'NotApproved' | 'Problem' | 'Completed';

/** An order in the table. */
export interface OrderRecord extends Order {
  readonly total: number;
  readonly state: OrderState;
  readonly placedAt: string;
  readonly downloads?: readonly Download[];
}
