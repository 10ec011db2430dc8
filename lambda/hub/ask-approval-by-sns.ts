import { SNSClient } from '@aws-sdk/client-sns';
import { snsMailer } from '../../lib/hub/mail/sns-mailer';
import { askFunction } from './ask-function';

export const handler = askFunction<'sns'>((settings) => snsMailer(new SNSClient({}), settings));
