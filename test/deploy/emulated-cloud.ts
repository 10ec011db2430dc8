import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import type { Assembly } from '../../lib/assembly/model.js';
import { Cloud, type SentMail } from './cloud.js';
import { emulatedAccount } from './emulator.js';

/** The app as the emulator has it. Physical ids are CloudFormation's own answer. */
export function emulatedCloud(endpoint: string, assembly: Assembly): Cloud {
  const cloudFormation = new CloudFormationClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return new Cloud({
    name: 'emulator',
    endpoint,
    physicalId: async (path) => {
      const resource = assembly.resources.find((one) => one.path === path);
      if (resource === undefined) throw new Error(`no resource at ${path}`);
      const { StackResources = [] } = await cloudFormation.send(
        new DescribeStackResourcesCommand({ StackName: resource.stack.name, LogicalResourceId: resource.logicalId }),
      );
      const [found] = StackResources.filter(({ LogicalResourceId }) => LogicalResourceId === resource.logicalId);
      if (found?.PhysicalResourceId === undefined) throw new Error(`${path} was not deployed`);
      return found.PhysicalResourceId;
    },
    apiUrl: (apiId) => `${endpoint}/_aws/execute-api/${apiId}/$default`,
    mails: () => sentMails(endpoint),
  });
}

async function sentMails(endpoint: string): Promise<readonly SentMail[]> {
  const response = await fetch(`${endpoint}/_ministack/ses/messages?account=${emulatedAccount}`);
  const { messages } = (await response.json()) as {
    readonly messages: Readonly<
      Record<string, readonly { readonly To: readonly string[]; readonly Subject: string; readonly BodyText: string }[]>
    >;
  };
  return (messages[emulatedAccount] ?? []).map(({ To, Subject, BodyText }) => ({
    to: To,
    subject: Subject,
    text: BodyText,
  }));
}
