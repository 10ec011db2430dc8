import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApprovalResult } from '../../contract/approval.js';
import { flow } from '../../flow/flow.js';
import type { FlowScope } from '../../flow/language/flow-scope.js';
import { LONGEST_LIFE } from '../../flow/language/span.js';
import { approvalTimeline } from '../../flow/steps/human-approval/approval-timeline.js';
import { APPROVAL, type HumanApprovalOptions, humanApproval } from '../../flow/steps/human-approval/human-approval.js';
import { needed } from '../../options/kinds.js';
import { checkProps, optionsOf } from '../check-props.js';
import type { OrchestrationHub } from '../hub/orchestration-hub.js';
import { ORCHESTRATION, Orchestration, type OrchestrationProps } from '../orchestration.js';

/** Options of a {@link HumanApproval}. */
export type HumanApprovalProps<I> = Omit<OrchestrationProps, 'timeout' | 'hub'> & {
  /** The hub, with `mail`. */
  readonly hub: OrchestrationHub;
  // biome-ignore lint/complexity/noBannedTypes: no step comes before it
} & HumanApprovalOptions<FlowScope<I, {}>>;

const CHECKS = { ...ORCHESTRATION, ...APPROVAL, hub: needed(ORCHESTRATION.hub) };

/** An instance lives so many seconds longer than its question may stay open. */
const margin = 86_400;

/**
 * An orchestration that asks people to approve or reject, by mail, and completes with the decision. The same as the step `humanApproval`, as a state machine of
 * its own: to be started over HTTP, or to run as a sub-orchestration.
 *
 * @example
 * new HumanApproval<Video>(this, 'ApproveVideo', {
 *   hub,
 *   approvers: ({ input }) => [input.approver],
 *   subject: ({ input }) => expr<string>`'Publish ' & ${input.location} & '?'`,
 *   timeout: Duration.hours(24),
 * });
 */
export class HumanApproval<I> extends Orchestration<I, ApprovalResult> {
  constructor(scope: Construct, id: string, props: HumanApprovalProps<I>) {
    checkProps(scope, id, props, CHECKS);
    const { timeout: _timeout, ...rest } = props;
    const machine: OrchestrationProps = { ...rest, timeout: machineTimeout(`${scope.node.path}/${id}`, props) };
    super(scope, id, wholeMachine<I>(props), machine);
  }
}

function wholeMachine<I>(props: HumanApprovalProps<I>) {
  const approval = flow<I>().step(
    'approval',
    humanApproval(optionsOf<HumanApprovalOptions<FlowScope<I, unknown>>>(props, APPROVAL)),
  );
  return {
    stepName: 'approval',
    compile: (site: Parameters<typeof approval.compile>[0]) => approval.compile({ ...site, name: '' }),
  };
}

function machineTimeout<I>(where: string, props: HumanApprovalProps<I>): Duration {
  const last = approvalTimeline(where, props).at(-1)?.until;
  return Duration.seconds(Math.min(last === undefined ? LONGEST_LIFE : last.toSeconds() + margin, LONGEST_LIFE));
}
