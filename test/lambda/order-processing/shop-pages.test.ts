import { renderAdmin, renderOrder } from '../../../lambda/order-processing/shop-pages.js';

const order = {
  orderId: 'o-1',
  customer: { name: '<b>"Ada" & co</b>', email: 'ada@example.com' },
  items: [{ sku: 'book', title: 'A <i>Book</i>', price: 40 }],
  total: 40,
  placedAt: '2026-01-01T00:00:00Z',
} as const;

test('what customers write is text, never HTML', () => {
  const page = renderOrder('/shop', { ...order, state: 'New' }, '<script>');
  expect(page).toContain('&lt;b&gt;&quot;Ada&quot; &amp; co&lt;/b&gt;');
  expect(page).not.toMatch(/<b>|<i>|<script>/);
});

test('downloads are shown once there are some', () => {
  const downloads = [{ title: 'A Book', key: 'orders/o-1/book.pdf' }];
  expect(renderOrder('/shop', { ...order, state: 'Completed', downloads }, undefined)).toContain(
    '<a href="/shop/downloads/orders/o-1/book.pdf">A Book</a>',
  );
  expect(renderOrder('/shop', { ...order, state: 'New' }, undefined)).not.toContain('Downloads');
});

test('only an order that waits can be decided', () => {
  const page = renderAdmin('', [
    { ...order, state: 'AwaitingApproval' },
    { ...order, orderId: 'o-2', state: 'Completed' },
  ]);
  expect(page.match(/<form[^>]*>/g)).toEqual([
    '<form class="inline" method="post" action="/admin/orders/o-1/approve">',
    '<form class="inline" method="post" action="/admin/orders/o-1/reject">',
  ]);
});
