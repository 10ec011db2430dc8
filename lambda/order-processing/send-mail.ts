import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { Download, Order } from './order.js';

const ses = new SESv2Client({});

/** The occasions of a mail to the customer. */
export interface OrderMail {
  readonly kind: 'success' | 'not-approved' | 'problem';
  readonly orderId: string;
  readonly customer: Order['customer'];
  readonly downloads?: readonly Download[];
}

/** Tells the customer what became of the order. */
export const handler = async (mail: OrderMail): Promise<{ readonly messageId: string }> => {
  const { subject, lines } = renderMail(mail);
  const { MessageId } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: process.env['MAIL_FROM'],
      Destination: { ToAddresses: [mail.customer.email] },
      Content: {
        Simple: {
          Subject: { Data: subject },
          Body: { Text: { Data: [`Dear ${mail.customer.name},`, ...lines].join('\n\n') } },
        },
      },
    }),
  );
  return { messageId: MessageId ?? '' };
};

function renderMail({ kind, orderId, downloads = [] }: OrderMail): {
  readonly subject: string;
  readonly lines: readonly string[];
} {
  const shop = process.env['SHOP_URL'] ?? '';
  switch (kind) {
    case 'success':
      return {
        subject: `Your order ${orderId} is ready`,
        lines: ['here is what you bought:', ...downloads.map(({ title, key }) => `${title}: ${shop}/downloads/${key}`)],
      };
    case 'not-approved':
      return {
        subject: `Your order ${orderId} was not approved`,
        lines: ['we are sorry: nobody approved your order in time, or it was rejected.'],
      };
    case 'problem':
      return {
        subject: `A problem with your order ${orderId}`,
        lines: ['we could not prepare what you bought. We will look into it and write to you.'],
      };
  }
}
