import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { MailSettings } from '../../contract/approval-environment.js';
import { refuseName } from './address.js';
import type { Mailer } from './mailer.js';

/** Hands mail to a Lambda function of the user's, which sends it its own way. */
export function functionMailer(
  lambda: Pick<LambdaClient, 'send'>,
  settings: Extract<MailSettings, { by: 'function' }>,
): Mailer {
  return {
    refusal: refuseName,
    send: async (message) => {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: settings.functionName, Payload: Buffer.from(JSON.stringify(message)) }),
      );
      if (FunctionError === undefined) return;
      throw new Error(`the mail activity failed: ${Payload === undefined ? FunctionError : Buffer.from(Payload)}`);
    },
  };
}
