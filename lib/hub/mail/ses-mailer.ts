import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { MailSettings } from '../../contract/approval-environment.js';
import { refuseAddress } from './address.js';
import type { Mailer } from './mailer.js';

/** Sends by Amazon SES: one mail an approver, as text and as HTML. */
export function sesMailer(ses: Pick<SESv2Client, 'send'>, settings: Extract<MailSettings, { by: 'ses' }>): Mailer {
  return {
    refusal: refuseAddress,
    send: async ({ to, subject, text, html }) => {
      await ses.send(
        new SendEmailCommand({
          FromEmailAddress: settings.from,
          Destination: { ToAddresses: [to] },
          ...(settings.replyTo === undefined ? {} : { ReplyToAddresses: [...settings.replyTo] }),
          ...(settings.configurationSet === undefined ? {} : { ConfigurationSetName: settings.configurationSet }),
          Content: {
            Simple: {
              Subject: { Data: subject, Charset: 'UTF-8' },
              Body: { Text: { Data: text, Charset: 'UTF-8' }, Html: { Data: html, Charset: 'UTF-8' } },
            },
          },
        }),
      );
    },
  };
}
