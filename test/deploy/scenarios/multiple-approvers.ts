import proposal from '../../../lambda/approvers/proposal.json';
import type { Json } from '../../../lib/asl/language/json.js';
import type { Cloud } from '../cloud.js';
import type { Scenario } from '../scenario.js';
import { ended, start } from './over-http.js';

export const multipleApprovers: readonly Scenario[] = [
  {
    fact: 'two of three approvers approve by the links of their mails; the third comes too late',
    orchestrations: ['MultipleApprovers/MultipleApprovers'],
    run: async (cloud) => {
      const id = `proposal-${Date.now()}`;
      const approvers = ['ann', 'bob', 'cleo'].map((name) => `${name}.${id}@example.com`);
      const status = await start(cloud, 'multiple-approvers', id, { ...proposal, approvers });
      const answers: Json[] = [];
      for (const [index, approver] of approvers.entries()) {
        const link = await linkOf(cloud, approver);
        answers.push((await fetch(link)).status);
        answers.push(await decide(link, index === 2 ? 'reject' : 'approve'));
      }
      const { runtimeStatus, customStatus, output } = await ended(cloud, status);
      return [answers, runtimeStatus ?? null, customStatus ?? null, output ?? null];
    },
    expected: [
      [200, 303, 200, 303, 200, 409],
      'Completed',
      'Approved (2 approvals received)',
      'Approved (2 approvals received)',
    ],
  },
];

/** The link in an approver's mail, at the address where the cloud serves the hub's pages. */
async function linkOf(cloud: Cloud, approver: string): Promise<string> {
  const mail = await cloud.until(`the mail to ${approver}`, 20, async () =>
    (await cloud.access.mails()).find(({ to }) => to.includes(approver)),
  );
  const path = /\/approvals\/[\w-]+/.exec(mail.text)?.[0] ?? '';
  return `${await cloud.api('Hub/Hub/Approvals/HttpApi')}${path}`;
}

async function decide(link: string, decision: string): Promise<number> {
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' });
  return answer.status;
}
