import { PDFDocument } from 'pdf-lib';
import { renderPdf } from '../../../lambda/order-processing/render-pdf.js';

const item = { sku: 'book', title: 'A Book', price: 40 };
const customer = { name: 'Ada Lovelace', email: 'ada@example.com' };

test('a PDF of one page says what it is and for which order', async () => {
  const pdf = await PDFDocument.load(await renderPdf(item, customer, 'o-1'));
  expect([pdf.getTitle(), pdf.getSubject(), pdf.getPageCount()]).toEqual(['A Book', 'Order o-1', 1]);
});

test.each([
  ['an item without a title', { ...item, title: ' ' }, customer, 'item book has no title'],
  ['a name that the font has no signs for', item, { ...customer, name: '愛達' }, 'WinAnsi cannot encode'],
])('%s is refused by name', async (_what, given, buyer, message) => {
  await expect(renderPdf(given, buyer, 'o-1')).rejects.toMatchObject({
    name: 'PdfFailed',
    message: expect.stringContaining(message),
  });
});
