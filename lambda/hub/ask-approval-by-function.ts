import { LambdaClient } from '@aws-sdk/client-lambda';
import { sdkClient } from '../../lib/hub/connect.js';
import { functionMailer } from '../../lib/hub/mail/function-mailer.js';
import { askFunction } from './ask-function.js';

export const handler = askFunction<'function'>((settings) =>
  functionMailer(new LambdaClient(sdkClient(50_000)), settings),
);
