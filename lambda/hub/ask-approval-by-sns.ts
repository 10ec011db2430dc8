import { SNSClient } from '@aws-sdk/client-sns';
import { sdkClient } from '../../lib/hub/connect.js';
import { snsMailer } from '../../lib/hub/mail/sns-mailer.js';
import { askFunction } from './ask-function.js';

export const handler = askFunction<'sns'>((settings) => snsMailer(new SNSClient(sdkClient(10_000)), settings));
