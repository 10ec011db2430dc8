import { SESv2Client } from '@aws-sdk/client-sesv2';
import { sdkClient } from '../../lib/hub/connect.js';
import { sesMailer } from '../../lib/hub/mail/ses-mailer.js';
import { askFunction } from './ask-function.js';

export const handler = askFunction<'ses'>((settings) => sesMailer(new SESv2Client(sdkClient(10_000)), settings));
