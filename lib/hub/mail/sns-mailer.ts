import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { MailSettings } from '../../contract/approval-environment.js';
import { refuseName } from './address.js';
import { type Mailer, refusingBy } from './mailer.js';

/**
 * Errors that the same message meets again.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
const PERMANENT = new Set([
  'InvalidParameterException',
  'InvalidParameterValueException',
  'NotFoundException',
  'EndpointDisabledException',
  'PlatformApplicationDisabledException',
]);

/** SNS takes a subject of up to 100 characters of ASCII. */
const LONGEST_SUBJECT = 100;

/** Publishes to an SNS topic: one message an approver, whose name is the message attribute `approver`, for subscriptions to filter by. */
export function snsMailer(sns: Pick<SNSClient, 'send'>, settings: Extract<MailSettings, { by: 'sns' }>): Mailer {
  return {
    refusal: refuseName,
    send: async ({ to, subject, text, kind }) => {
      const command = new PublishCommand({
        TopicArn: settings.topicArn,
        Subject: asciiSubject(subject),
        Message: text,
        MessageAttributes: {
          approver: { DataType: 'String', StringValue: to },
          kind: { DataType: 'String', StringValue: kind },
        },
      });
      await refusingBy(PERMANENT, () => sns.send(command));
    },
  };
}

function asciiSubject(subject: string): string {
  const ascii = subject
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]+/g, '?');
  return ascii.length <= LONGEST_SUBJECT ? ascii : `${ascii.slice(0, LONGEST_SUBJECT - 3)}...`;
}
