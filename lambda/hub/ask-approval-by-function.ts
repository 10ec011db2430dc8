import { LambdaClient } from '@aws-sdk/client-lambda';
import { functionMailer } from '../../lib/hub/mail/function-mailer.js';
import { askFunction } from './ask-function.js';

export const handler = askFunction<'function'>((settings) => functionMailer(new LambdaClient({}), settings));
