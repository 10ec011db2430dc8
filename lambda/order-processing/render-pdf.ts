import { PDFDocument, type PDFFont, rgb, StandardFonts } from 'pdf-lib';
import type { Order, OrderItem } from './order.js';

/** The item can't be made into a PDF. */
export class PdfFailed extends Error {
  override readonly name = 'PdfFailed';
}

/** A page with the title, and for whom it was made. Throws `PdfFailed` for a title that the font has no signs for, and for an item without a title. */
export async function renderPdf(
  { title, sku }: OrderItem,
  { name, email }: Order['customer'],
  orderId: string,
): Promise<Uint8Array> {
  if (title.trim() === '') throw new PdfFailed(`item ${sku} has no title`);
  const pdf = await PDFDocument.create();
  const bold = await pdf.embedFont(StandardFonts.HelveticaBold);
  const plain = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([595, 842]);
  const write = (text: string, y: number, font: PDFFont, size: number): void => {
    try {
      page.drawText(text, { x: 60, y, font, size, color: rgb(0.1, 0.2, 0.3) });
    } catch (error) {
      throw new PdfFailed(`item ${sku}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  write(title, 740, bold, 28);
  write(`Made for ${name} <${email}>`, 700, plain, 12);
  write(`Order ${orderId}, item ${sku}`, 680, plain, 12);
  pdf.setTitle(title);
  pdf.setSubject(`Order ${orderId}`);
  return pdf.save();
}
