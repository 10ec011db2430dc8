import { LambdaClient } from '@aws-sdk/client-lambda';
import { functionMailer } from '../../lib/hub/mail/function-mailer';
import { askFunction } from './ask-function';

export const handler = askFunction<'function'>((settings) => functionMailer(new LambdaClient({}), settings));
