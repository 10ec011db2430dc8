import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Download, Order, OrderItem } from './order.js';
import { renderPdf } from './render-pdf.js';

const s3 = new S3Client({ forcePathStyle: true });

/** One item of an order, to be personalised. */
export interface PdfJob {
  readonly orderId: string;
  readonly customer: Order['customer'];
  readonly item: OrderItem;
}

/** Makes the customer's own copy of an item: a PDF with their name in it. */
export const handler = async ({ orderId, customer, item }: PdfJob): Promise<Download> => {
  const key = `orders/${orderId}/${item.sku}.pdf`;
  await s3.send(
    new PutObjectCommand({
      Bucket: process.env['DOWNLOADS_BUCKET'],
      Key: key,
      Body: await renderPdf(item, customer, orderId),
      ContentType: 'application/pdf',
    }),
  );
  return { title: item.title, key };
};
