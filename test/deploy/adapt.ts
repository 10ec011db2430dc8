import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import {
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Verifies the demos' senders, as one has to on AWS before Amazon SES takes their mail. */
export async function verifySenders(endpoint: string): Promise<void> {
  const client = new SESv2Client({ endpoint, region: 'us-east-1', credentials });
  for (const EmailIdentity of ['workflows@example.com', 'shop@example.com'])
    await client.send(new CreateEmailIdentityCommand({ EmailIdentity }));
  client.destroy();
}

/** A time-out of a callback, in seconds, for an emulator that can't compute one. */
const longEnough = 3600;

/**
 * Replaces expressions that stand for `TimeoutSeconds` by a number, in the emulator's copy of the definitions. AWS evaluates them (a shared deadline is one); the emulator takes the
 * expression's text for the number, and every approval and event would fail there. All else of the deployed workflows stays as it was deployed.
 *
 * @returns how many were replaced
 */
export async function replaceComputedTimeouts(endpoint: string): Promise<number> {
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials });
  let replaced = 0;
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn } of stateMachines) {
    const { definition = '' } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const adapted = definition.replace(/("TimeoutSeconds":\s*)"\{%(?:[^"\\]|\\.)*%\}"/g, (_whole, field: string) => {
      replaced += 1;
      return `${field}${longEnough}`;
    });
    if (adapted !== definition)
      await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: adapted }));
  }
  client.destroy();
  return replaced;
}
