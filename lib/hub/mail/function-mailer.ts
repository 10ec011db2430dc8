import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { RECIPIENT_REFUSED } from '../../contract/approval.js';
import type { MailSettings } from '../../contract/approval-environment.js';
import { refuseName } from './address.js';
import { type Mailer, RecipientRefused } from './mailer.js';

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
      const thrown = Payload === undefined ? FunctionError : Buffer.from(Payload).toString();
      const { errorType, errorMessage } = tryParse(thrown);
      if (errorType === RECIPIENT_REFUSED) throw new RecipientRefused(String(errorMessage ?? ''));
      throw new Error(`the mail activity failed: ${thrown}`);
    },
  };
}

/** What Lambda tells of an error that a handler threw. */
function tryParse(thrown: string): { readonly errorType?: unknown; readonly errorMessage?: unknown } {
  try {
    return Object(JSON.parse(thrown));
  } catch {
    return {};
  }
}
