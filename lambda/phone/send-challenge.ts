import { randomInt } from 'node:crypto';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

/** Whom to send a code to. */
export interface PhoneNumber {
  /** E.164, for example `+4915112345678`. */
  readonly phoneNumber: string;
}

let sns: SNSClient | undefined;

/**
 * Makes a code of four digits and sends it as a text message: by Amazon SNS where the environment says `SMS=sns`, otherwise to the function's log, for all to see.
 * The code is the result.
 */
export const handler = async ({ phoneNumber }: PhoneNumber): Promise<string> => {
  if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) throw new InvalidPhoneNumber(`no phone number: ${phoneNumber}`);
  const code = String(randomInt(10_000)).padStart(4, '0');
  const message = `Your verification code is ${code}`;
  if (process.env['SMS'] !== 'sns') {
    console.log(`SMS to ${phoneNumber} (not sent): ${message}`);
    return code;
  }
  sns ??= new SNSClient({});
  await sns.send(new PublishCommand({ PhoneNumber: phoneNumber, Message: message }));
  return code;
};

class InvalidPhoneNumber extends Error {
  override readonly name = 'InvalidPhoneNumber';
}
