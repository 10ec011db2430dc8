import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Proposal } from '../../lambda/approvers/proposal.js';
import { Chain, expr, flow, humanApproval } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';

/**
 * A proposal that needs so many of its approvers, within three days; who hasn't decided after a day, or two, is reminded. A rejection ends it.
 *
 * Puts out `Approved (2 approvals received)`, `Rejected by ann@example.com` or `Timed out with 1 approvals so far`.
 */
export class MultipleApproversStack extends Stack {
  readonly multipleApprovers;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    this.multipleApprovers = new Chain(this, 'MultipleApprovers', {
      description: 'Asks several people, and needs some of them',
      hub,
      timeout: Duration.days(4),
      steps: flow<Proposal>()
        .customStatus('waiting for approvals')
        .step(
          'approval',
          humanApproval({
            approvers: ({ input }) => input.approvers,
            subject: ({ input }) => input.title,
            details: ({ input }) => ({ Proposal: input.text, 'Approvals needed': input.needed }),
            requestedBy: ({ input }) => input.author,
            quorum: ({ input }) => input.needed,
            timeout: Duration.days(3),
            reminders: { every: Duration.days(1) },
          }),
        )
        .choose('outcome', {
          cases: [
            {
              when: ({ approval }) => approval.approved,
              then: (f) =>
                f.output(
                  ({ approval }) => expr<string>`'Approved (' & $count(${approval.decisions}) & ' approvals received)'`,
                ),
            },
            {
              when: ({ approval }) => expr<boolean>`${approval.outcome} = 'rejected'`,
              then: (f) => f.output(({ approval }) => expr<string>`'Rejected by ' & ${approval.decidedBy}`),
            },
          ],
          otherwise: (f) =>
            f.output(
              ({ approval }) => expr<string>`'Timed out with ' & $count(${approval.decisions}) & ' approvals so far'`,
            ),
        })
        .customStatus(({ outcome }) => outcome),
    });
  }
}
