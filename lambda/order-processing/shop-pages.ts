import type { OrderItem, OrderRecord } from './order.js';

/** What the shop sells. */
export const PRODUCTS: readonly OrderItem[] = [
  { sku: 'durable-functions', title: 'Durable Functions Explained', price: 39 },
  { sku: 'step-functions', title: 'Step Functions in Practice', price: 45 },
  { sku: 'site-licence', title: 'Site Licence, 100 Readers', price: 1500 },
];

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b2b3a}
h1{font-size:1.5rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;border-bottom:1px solid #cfd8e0}
label{display:block;margin:.5rem 0}button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}form.inline{display:inline}nav a{margin-right:1rem}
@media(prefers-color-scheme:dark){body{background:#10202d;color:#e3ebf1}a{color:#8fc7ff}}`;

/** Escapes a text for HTML. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** The shop: what there is, and a form to order. */
export function renderShop(base: string): string {
  const products = PRODUCTS.map(
    ({ sku, title, price }) =>
      `<label><input type="checkbox" name="sku" value="${escapeHtml(sku)}"> ${escapeHtml(title)}, ${euros(price)}</label>`,
  );
  return renderPage(
    base,
    'Shop',
    `<form method="post" action="${base}/orders">${products.join('')}
<label>Name <input name="name" required maxlength="100"></label><label>Mail <input name="email" type="email" required maxlength="200"></label>
<button>Order</button></form><p>Orders above ${euros(1000)} wait for an approval, three minutes at most.</p>`,
  );
}

/** One order, as its customer sees it. */
export function renderOrder(base: string, order: OrderRecord, customStatus: string | undefined): string {
  const downloads = (order.downloads ?? []).map(
    ({ title, key }) => `<li><a href="${base}/downloads/${escapeHtml(key)}">${escapeHtml(title)}</a></li>`,
  );
  return renderPage(
    base,
    `Order ${order.orderId}`,
    `<p>${escapeHtml(order.customer.name)}, ${euros(order.total)}: <strong>${order.state}</strong>${customStatus === undefined ? '' : ` (${escapeHtml(customStatus)})`}</p>
<ul>${order.items.map(({ title, price }) => `<li>${escapeHtml(title)}, ${euros(price)}</li>`).join('')}</ul>
${downloads.length === 0 ? '' : `<h2>Downloads</h2><ul>${downloads.join('')}</ul>`}`,
  );
}

/** All orders, with buttons for those that wait for an approval. */
export function renderAdmin(base: string, orders: readonly OrderRecord[]): string {
  const rows = orders.map((order) => {
    const buttons =
      order.state === 'AwaitingApproval'
        ? ['approve', 'reject'].map((decision) => renderButton(base, order, decision))
        : [];
    return `<tr><td><a href="${base}/orders/${escapeHtml(order.orderId)}">${escapeHtml(order.orderId)}</a></td><td>${escapeHtml(order.customer.name)}</td>
<td>${euros(order.total)}</td><td>${order.state}</td><td>${buttons.join('')}</td></tr>`;
  });
  return renderPage(
    base,
    'Orders',
    `<table><tr><th>Order</th><th>Customer</th><th>Total</th><th>State</th><th></th></tr>${rows.join('')}</table>`,
  );
}

/** A page that says one thing. */
export function renderMessage(base: string, title: string, text: string): string {
  return renderPage(base, title, `<p>${escapeHtml(text)}</p>`);
}

function renderButton(base: string, { orderId }: OrderRecord, decision: string): string {
  return `<form class="inline" method="post" action="${base}/admin/orders/${escapeHtml(orderId)}/${decision}"><button>${decision === 'approve' ? 'Approve' : 'Reject'}</button></form>`;
}

function renderPage(base: string, title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><nav><a href="${base}/">Shop</a><a href="${base}/admin">Admin</a></nav>
<main><h1>${escapeHtml(title)}</h1>${content}</main></body></html>`;
}

function euros(amount: number): string {
  return `€${amount.toFixed(2)}`;
}
