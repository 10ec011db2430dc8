import { parseExecutionName } from '../../contract/instance-id.js';
import type { Hub } from '../hub.js';
import { isOver, tryReadRecordByKey } from '../store/instance-record.js';
import { type Approval, type Approver, decide, isExpired, type RecordedDecision, tryDecisionOf } from './approval.js';
import { changeApproval, type StoredApproval, tryReadApproval, tryReadLink } from './approval-store.js';
import { tryCompleteCallback } from './callback.js';
import { isLinkId, linkHash } from './links.js';

/** What somebody with a link finds. */
export type Visit =
  | { readonly state: 'unknown' }
  | { readonly state: 'withdrawn'; readonly approval: Approval }
  /** Nobody decided in time. */
  | { readonly state: 'expired'; readonly approval: Approval }
  /** It waits for this approver. */
  | { readonly state: 'open'; readonly approval: Approval; readonly approver: Approver }
  /** This approver has decided, or others have settled it. */
  | {
      readonly state: 'decided';
      readonly approval: Approval;
      readonly approver: Approver;
      readonly own: RecordedDecision | undefined;
    };

interface Found {
  readonly stored: StoredApproval;
  readonly approver: Approver;
}

/** Looks at an approval by a link. Decides nothing; tells a workflow what it is known to have missed. */
export async function visitApproval(hub: Hub, link: string): Promise<Visit> {
  const found = await tryFind(hub, link);
  if (found === undefined) return { state: 'unknown' };
  const stored = await tryCompleteCallback(hub, found.stored);
  return describeVisit(hub, { ...found, stored });
}

/** A decision as it arrives. */
export type GivenDecision = Pick<RecordedDecision, 'approved' | 'comment' | 'from'>;

/** What became of a decision: it counts, or it came to what the visit tells. */
export type DecisionOutcome = { readonly counts: true } | { readonly counts: false; readonly visit: Visit };

/**
 * Decides by a link. The decision is stored by one conditional write before the workflow is told; whether it counts is decided by that write, against what
 * is stored then.
 */
export async function decideApproval(hub: Hub, link: string, given: GivenDecision): Promise<DecisionOutcome> {
  const found = await tryFind(hub, link);
  if (found === undefined) return { counts: false, visit: { state: 'unknown' } };
  const before = await describeVisit(hub, found);
  if (before.state !== 'open') return { counts: false, visit: await visitApproval(hub, link) };
  let counts = false;
  const stored = await changeApproval(hub, found.stored, (approval) => {
    const now = hub.now();
    counts = mayDecide(approval, found.approver, now);
    return counts ? decide(approval, currentRank(approval, found.approver), { ...given, at: now }) : approval;
  });
  hub.audit?.({
    operation: 'decideApproval',
    subject: `approver:${found.approver.name}`,
    object: { stateMachine: stored.approval.orchestration, execution: stored.approval.execution },
    result: { decision: given.approved ? 'approved' : 'rejected', counts: counts ? 'yes' : 'no' },
  });
  const told = await tryCompleteCallback(hub, stored);
  return counts ? { counts } : { counts, visit: await describeVisit(hub, { ...found, stored: told }) };
}

function mayDecide(approval: Approval, approver: Approver, now: number): boolean {
  const isOpen = approval.settled === undefined && approval.givenUp !== true && now < approval.deadline;
  return isOpen && tryDecisionOf(approval, approver) === undefined;
}

/** The approver may have risen since the link was looked up. */
function currentRank({ approvers }: Approval, approver: Approver): Approver {
  return approvers.find(({ name }) => name === approver.name) ?? approver;
}

async function tryFind(hub: Hub, link: string): Promise<Found | undefined> {
  if (!isLinkId(link)) return undefined;
  const hash = linkHash(link);
  const target = await tryReadLink(hub, hash);
  const stored = target === undefined ? undefined : await tryReadApproval(hub, target.key);
  const approver = stored?.approval.approvers.find(({ links }) => links.includes(hash));
  return stored === undefined || approver === undefined ? undefined : { stored, approver };
}

async function describeVisit(hub: Hub, { stored, approver }: Found): Promise<Visit> {
  const { approval } = stored;
  const own = tryDecisionOf(approval, approver);
  if (own !== undefined || (approval.settled !== undefined && approval.settled.by !== null)) {
    return { state: 'decided', approval, approver, own };
  }
  if (isExpired(approval, hub.now())) return { state: 'expired', approval };
  if (await isWithdrawn(hub, stored)) return { state: 'withdrawn', approval };
  return { state: 'open', approval, approver };
}

/** Whether the workflow went on without a decision, or the execution that asked is over, as far as the hub's record tells. An instance without a record is taken to live, until the deadline. */
async function isWithdrawn(hub: Hub, { approval }: StoredApproval): Promise<boolean> {
  if (approval.givenUp === true) return true;
  const { key, generation } = parseExecutionName(approval.execution);
  const record = await tryReadRecordByKey(hub, key);
  if (record === undefined) return false;
  return record.purged || record.generation > generation || (record.generation === generation && isOver(record));
}
