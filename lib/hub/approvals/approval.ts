/**
 * An approval as data, and what may happen to it. All functions are pure; `approval-store.ts` stores the result with one conditional write.
 *
 * Invariants:
 * 1. Of one approver the first decision counts, and none after the deadline or once it is settled.
 * 2. What settled it never changes: `settled` is written once.
 * 3. Only the latest window's token is answered.
 * 4. Nobody is both known to have a mail and unreached; who is unreached doesn't count among those who may still decide.
 */
import type {
  ApprovalDetails,
  ApprovalOutcome,
  ApprovalQuestion,
  ApprovalResult,
  Quorum,
  UnreachedApprover,
} from '../../contract/approval.js';

/** Somebody who may decide. */
export interface Approver {
  readonly name: string;
  /** SHA-256, in hex, of the ids in this approver's links: one of each mail. */
  readonly links: readonly string[];
  /** Asked by the escalation: settles it alone. */
  readonly escalated: boolean;
}

/** A decision, and where it came from. */
export interface RecordedDecision {
  readonly by: string;
  readonly approved: boolean;
  readonly comment: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Address and browser of whoever decided, as far as the request told. */
  readonly from: { readonly address: string | null; readonly userAgent: string | null };
}

/** Where the workflow waits. */
export interface Callback {
  readonly token: string;
  /** Of two tokens the one with the greater order is the later. */
  readonly enteredAt: number;
  readonly retry: number;
}

/** How it ended. */
export interface Settlement {
  readonly outcome: ApprovalOutcome;
  /** Whose decision settled it; null at the deadline. */
  readonly by: string | null;
  readonly at: number;
}

/** See the head of this file. */
export interface Approval {
  /** Name of the execution that asks. */
  readonly execution: string;
  readonly orchestration: string;
  readonly subject: string;
  readonly details: ApprovalDetails | null;
  readonly requestedBy: string | null;
  readonly approvers: readonly Approver[];
  /** Approvals needed. */
  readonly needed: number;
  readonly rejectEarly: boolean;
  readonly askedAt: number;
  readonly deadline: number;
  readonly decisions: readonly RecordedDecision[];
  readonly settled?: Settlement;
  /** Whom the workflow's answer goes to. */
  readonly callback?: Callback;
  /** The token that has been answered. */
  readonly answered?: string;
  /** Mails that are known to be sent, as `<kind>[number]#<approver>`. */
  readonly mailed: readonly string[];
  /** Approvers whom the mail provider refused. */
  readonly unreached?: readonly UnreachedApprover[];
  /** Whether further approvers are asked later. */
  readonly escalates?: boolean;
  /** The workflow was told that too few can be reached: nobody may decide, unless it asks again. */
  readonly givenUp?: true;
}

/** How many approvals a quorum means. */
export function approvalsNeeded(quorum: Quorum, approvers: number): number {
  if (quorum === 'any') return 1;
  return quorum === 'all' ? approvers : quorum;
}

/** What is asked, before anybody decided. */
export function openApproval(
  question: ApprovalQuestion,
  facts: Pick<Approval, 'execution' | 'orchestration' | 'askedAt' | 'deadline' | 'escalates'>,
  approvers: readonly Approver[],
): Approval {
  return {
    ...facts,
    subject: question.subject,
    details: question.details ?? null,
    requestedBy: question.requestedBy ?? null,
    approvers,
    needed: approvalsNeeded(question.quorum, approvers.length),
    rejectEarly: question.rejectEarly,
    decisions: [],
    mailed: [],
  };
}

/** Makes a window's token the one to answer, unless a later one is known. An approval that was given up is asked anew, of everybody. */
export function wait(approval: Approval, callback: Callback): Approval {
  const known = approval.callback;
  const isOlder =
    known !== undefined &&
    (callback.enteredAt < known.enteredAt || (callback.enteredAt === known.enteredAt && callback.retry < known.retry));
  if (isOlder || known?.token === callback.token) return approval;
  const { givenUp, unreached, ...rest } = approval;
  return givenUp === true ? { ...rest, callback } : { ...approval, callback };
}

/** Lets further approvers decide. Those who are known already rise in rank; a decision that one of them made before settles it now. */
export function escalate(approval: Approval, further: readonly Approver[], now: number): Approval {
  const rises = (name: string) => further.some((other) => sameApprover(other.name, name));
  const known = approval.approvers.map((approver) =>
    rises(approver.name) && !approver.escalated ? { ...approver, escalated: true } : approver,
  );
  const added = further.filter(({ name }) => !approval.approvers.some((other) => sameApprover(other.name, name)));
  const changed = added.length > 0 || known.some((approver, index) => approver !== approval.approvers[index]);
  if (!changed) return approval;
  const escalated = { ...approval, approvers: [...known, ...added] };
  const earlier = approval.decisions.find(({ by }) => rises(by));
  if (earlier === undefined || approval.settled !== undefined) return escalated;
  return settle(escalated, { outcome: earlier.approved ? 'approved' : 'rejected', by: earlier.by, at: now });
}

/** Whether two names mean the same approver: mail addresses are compared without regard to case. */
export function sameApprover(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Records a decision. The caller has made sure that the approver may decide. */
export function decide(approval: Approval, approver: Approver, decision: Omit<RecordedDecision, 'by'>): Approval {
  const decisions = [...approval.decisions, { by: approver.name, ...decision }];
  const outcome = outcomeOf({ ...approval, decisions }, approver, decision.approved);
  if (outcome === undefined) return { ...approval, decisions };
  return settle({ ...approval, decisions }, { outcome, by: approver.name, at: decision.at });
}

function outcomeOf(approval: Approval, approver: Approver, approved: boolean): ApprovalOutcome | undefined {
  if (approver.escalated) return approved ? 'approved' : 'rejected';
  if (!approved && approval.rejectEarly) return 'rejected';
  if (approvalsOf(approval) >= approval.needed) return 'approved';
  return canStillBeApproved(approval) ? undefined : 'rejected';
}

function approvalsOf({ decisions }: Approval): number {
  return decisions.filter((decision) => decision.approved).length;
}

/** Whether those who may still decide can bring it about. Those whom the escalation added are no part of the quorum: each of them settles it alone. */
function canStillBeApproved(approval: Approval): boolean {
  const able = approval.approvers.filter(
    (approver) => tryDecisionOf(approval, approver) === undefined && !isUnreached(approval, approver.name),
  );
  const asked = able.filter(({ escalated }) => !escalated);
  return able.length > asked.length || approvalsOf(approval) + asked.length >= approval.needed;
}

function isUnreached({ unreached = [] }: Approval, name: string): boolean {
  return unreached.some(({ by }) => by === name);
}

/** Ends it at the deadline. One that is settled stays as it is. */
export function timeOut(approval: Approval, outcome: 'timedOut' | 'rejected', now: number): Approval {
  return approval.settled === undefined ? settle(approval, { outcome, by: null, at: now }) : approval;
}

function settle(approval: Approval, settled: Settlement): Approval {
  return { ...approval, settled };
}

/** Notes that a token has been answered. */
export function answer(approval: Approval, token: string): Approval {
  return approval.answered === token ? approval : { ...approval, answered: token };
}

/** The key of a mail: `letter` is its kind, and number. */
export function mailKey(letter: string, approver: string): string {
  return `${letter}#${approver}`;
}

/** Notes the links of mails that are about to be sent, by approver. An approval that is settled asks nobody any more. */
export function addLinks(approval: Approval, hashes: ReadonlyMap<string, string>): Approval {
  if (approval.settled !== undefined || hashes.size === 0) return approval;
  const approvers = approval.approvers.map((approver) => {
    const hash = hashes.get(approver.name);
    return hash === undefined ? approver : { ...approver, links: [...approver.links, hash] };
  });
  return { ...approval, approvers };
}

/** Notes that an approver has a mail. */
export function mail(approval: Approval, letter: string, approver: string): Approval {
  const key = mailKey(letter, approver);
  if (approval.mailed.includes(key)) return approval;
  const unreached = approval.unreached?.filter(({ by }) => by !== approver);
  return { ...approval, mailed: [...approval.mailed, key], ...(unreached === undefined ? {} : { unreached }) };
}

/** Notes that an approver is refused; one who has another mail can decide by that. */
export function miss(approval: Approval, approver: string, reason: string): Approval {
  const hasMail = approval.mailed.some((key) => key.slice(key.indexOf('#') + 1) === approver);
  if (hasMail || isUnreached(approval, approver)) return approval;
  return { ...approval, unreached: [...(approval.unreached ?? []), { by: approver, reason }] };
}

/** Gives it up when too few can be reached, and no further approvers will be asked. */
export function giveUp(approval: Approval): Approval {
  const waitsForOthers = approval.escalates === true && !approval.approvers.some(({ escalated }) => escalated);
  const isHopeless = approval.settled === undefined && !canStillBeApproved(approval) && !waitsForOthers;
  return isHopeless ? { ...approval, givenUp: true } : approval;
}

/** The token that still has to be answered, if any. */
export function tryOwedToken({ settled, callback, answered }: Approval): string | undefined {
  return settled !== undefined && callback !== undefined && callback.token !== answered ? callback.token : undefined;
}

/** The decision of an approver, if they made one. */
export function tryDecisionOf(approval: Approval, { name }: Approver): RecordedDecision | undefined {
  return approval.decisions.find(({ by }) => by === name);
}

/** Whether the time to decide is over. */
export function isExpired({ settled, deadline }: Approval, now: number): boolean {
  return settled === undefined ? now >= deadline : settled.by === null;
}

/** What the workflow gets. */
export function resultOf({ decisions, settled, unreached = [] }: Approval): ApprovalResult {
  const outcome = settled?.outcome ?? 'timedOut';
  const decisive = settled?.by == null ? undefined : decisions.find(({ by }) => by === settled.by);
  return {
    outcome,
    approved: outcome === 'approved',
    decidedBy: decisive?.by ?? null,
    comment: decisive?.comment ?? null,
    decidedAt: decisive === undefined ? null : new Date(decisive.at).toISOString(),
    decisions: decisions.map(({ by, approved, comment, at }) => ({
      by,
      approved,
      comment,
      at: new Date(at).toISOString(),
    })),
    unreached,
  };
}
