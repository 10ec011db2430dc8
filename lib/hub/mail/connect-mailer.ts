import { inflateRawSync } from 'node:zlib';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import type { MailSettings, MailTemplates } from '../../contract/approval-environment';
import { functionMailer } from './function-mailer';
import type { Mailer } from './mailer';
import { sesMailer } from './ses-mailer';
import { snsMailer } from './sns-mailer';

/** A mailer with the AWS client that its settings ask for. */
export function connectMailer(settings: MailSettings): Mailer {
  switch (settings.by) {
    case 'ses':
      return sesMailer(new SESv2Client({}), settings);
    case 'sns':
      return snsMailer(new SNSClient({}), settings);
    case 'function':
      return functionMailer(new LambdaClient({}), settings);
  }
}

/** Reads templates as the constructs put them into the environment. */
export function readTemplates(packed: string | undefined): MailTemplates {
  return packed === undefined ? {} : JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString());
}
