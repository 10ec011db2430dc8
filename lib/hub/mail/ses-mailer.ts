import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import type { MailSettings } from '../../contract/approval-environment.js';
import { refuseAddress } from './address.js';
import { type Mailer, refusingBy } from './mailer.js';

/**
 * Errors that the same mail meets again: an address that is malformed or, in the sandbox, not verified; a sender or an account that may not send. Throttling,
 * a paused account and missing grants pass.
 *
 * @see https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
 */
const PERMANENT = new Set([
  'MessageRejected',
  'BadRequestException',
  'MailFromDomainNotVerifiedException',
  'AccountSuspendedException',
  'NotFoundException',
]);

/** Sends by Amazon SES: one mail an approver, as text and as HTML. */
export function sesMailer(ses: Pick<SESv2Client, 'send'>, settings: Extract<MailSettings, { by: 'ses' }>): Mailer {
  return {
    refusal: refuseAddress,
    send: async ({ to, subject, text, html }) => {
      const command = new SendEmailCommand({
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
      });
      await refusingBy(PERMANENT, () => ses.send(command));
    },
  };
}
