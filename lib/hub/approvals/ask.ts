import {
  APPROVAL_PATH,
  APPROVAL_TIMED_OUT,
  APPROVAL_UNSETTLED,
  APPROVERS_UNREACHABLE,
  type ApprovalRequest,
  type ApprovalResult,
  type ApprovalWindow,
  type AskWindow,
  type CloseRequest,
} from '../../contract/approval.js';
import type { MailKind } from '../../contract/approval-environment.js';
import { HUB_RETRIES } from '../../contract/hub-limits.js';
import { decodeName } from '../../contract/names.js';
import { RecipientRefused } from '../mail/mailer.js';
import {
  type Approval,
  type Approver,
  addLinks,
  escalate,
  giveUp,
  mail,
  mailKey,
  miss,
  openApproval,
  resultOf,
  timeOut,
  wait,
} from './approval.js';
import type { ApprovalDependencies } from './approval-desk.js';
import {
  approvalKey,
  changeApproval,
  createApproval,
  putLink,
  type StoredApproval,
  tryReadApproval,
} from './approval-store.js';
import { completeCallback } from './callback.js';
import { linkHash } from './links.js';
import { checkApprovers, checkQuestion } from './question.js';
import { renderMail } from './render-mail.js';
import { WorkflowFailure } from './workflow-failure.js';

/**
 * Serves a state machine's request: opens a window of an approval, or closes the approval at its deadline. Safe to repeat in every part: the approval is
 * found by its address, mails known to be sent are not sent again, and a settled approval answers at once.
 *
 * @returns the result, for `close`; nothing for a window, which is answered by its token
 */
export async function serveApprovalRequest(
  desk: ApprovalDependencies,
  request: ApprovalRequest,
): Promise<ApprovalResult | null> {
  if (request.kind === 'close') return closeApproval(desk, request);
  await openWindow(desk, request);
  return null;
}

async function openWindow(desk: ApprovalDependencies, window: ApprovalWindow): Promise<void> {
  const { hub } = desk;
  const found = await tryReadApproval(hub, approvalKey(window));
  if (found === undefined && window.kind !== 'ask') throw lost(window);
  const begun = found ?? (await begin(desk, window as AskWindow));
  const callback = { token: window.taskToken, enteredAt: Date.parse(window.enteredAt), retry: window.retry };
  const waiting = await changeApproval(hub, begun, (approval) => wait(approval, callback));
  const asked = window.kind === 'escalate' ? await askFurther(desk, waiting, window.approvers) : waiting;
  // Settled while nobody waited, or before the workflow could be told: it is told now, and nobody is asked any more.
  if (asked.approval.settled !== undefined) await completeCallback(hub, asked);
  // A window that opens after the deadline (rewound late, or asked with a deadline in the past) only waits for its time-out.
  else if (hub.now() < asked.approval.deadline) await sendMails(desk, asked, window);
}

async function begin(desk: ApprovalDependencies, window: AskWindow): Promise<StoredApproval> {
  const question = checkQuestion(window.question, desk.mailer);
  const facts = {
    execution: window.execution,
    orchestration: window.stateMachine,
    askedAt: window.askedAt,
    deadline: window.deadline,
    ...(window.escalates === true ? { escalates: true } : {}),
  };
  const approvers = question.approvers.map((name) => ({ name, links: [], escalated: false }));
  return createApproval(desk.hub, approvalKey(window), openApproval(question, facts, approvers));
}

async function askFurther(desk: ApprovalDependencies, stored: StoredApproval, given: unknown): Promise<StoredApproval> {
  const names = checkApprovers(given, desk.mailer);
  const further = names.map((name) => ({ name, links: [], escalated: true }));
  return changeApproval(desk.hub, stored, (approval) =>
    approval.settled === undefined ? escalate(approval, further, desk.hub.now()) : approval,
  );
}

interface Letter {
  readonly kind: MailKind;
  /** What its mails' keys begin with. */
  readonly key: string;
  readonly approvers: readonly Approver[];
}

function letterOf(window: ApprovalWindow, { approvers, decisions }: Approval): Letter {
  switch (window.kind) {
    case 'ask':
      return { kind: 'request', key: 'request', approvers: approvers.filter(({ escalated }) => !escalated) };
    case 'escalate':
      return { kind: 'escalation', key: 'escalation', approvers: approvers.filter(({ escalated }) => escalated) };
    case 'remind': {
      const undecided = approvers.filter(({ name }) => !decisions.some(({ by }) => by === name));
      return { kind: 'reminder', key: `reminder${window.number}`, approvers: undecided };
    }
  }
}

/**
 * Sends the window's mails, each followed by a note that it is sent: at most the mail whose note was lost is sent again, with a link of its own. Whom the provider
 * refuses is noted too, and the others decide; the step fails when they are too few.
 */
async function sendMails(desk: ApprovalDependencies, stored: StoredApproval, window: ApprovalWindow): Promise<void> {
  const letter = letterOf(window, stored.approval);
  const { mailed } = stored.approval;
  const missing = letter.approvers.filter(({ name }) => !mailed.includes(mailKey(letter.key, name)));
  const ids = new Map(missing.map(({ name }) => [name, desk.newLinkId()]));
  // Known to the approval before any of them is out, so that each of them can be purged with it.
  const hashes = new Map([...ids].map(([name, id]) => [name, linkHash(id)]));
  let current = await changeApproval(desk.hub, stored, (approval) => addLinks(approval, hashes));
  const failures: unknown[] = [];
  for (const approver of missing) {
    // Settled meanwhile: there is nothing left to ask.
    if (current.approval.settled !== undefined) break;
    let note = (approval: Approval) => mail(approval, letter.key, approver.name);
    try {
      await sendMail(desk, current, { letter, approver, id: ids.get(approver.name) ?? '' });
    } catch (error) {
      const reason = tryRefusal(error, window);
      if (reason === undefined) {
        failures.push(error);
        continue;
      }
      note = (approval) => miss(approval, approver.name, reason);
    }
    current = await changeApproval(desk.hub, current, note);
  }
  if (failures.length === 0) return refuseHopeless(desk, current, window);
  // A reminder that can't be sent is no reason to give up on those who have been asked.
  if (window.kind !== 'remind') throw failures[0];
  console.error(JSON.stringify({ level: 'ERROR', message: 'a reminder was not sent', error: String(failures[0]) }));
}

/** Why a recipient isn't reached: refused for good, or failed as often as the workflow tries. */
function tryRefusal(error: unknown, { retry, kind }: ApprovalWindow): string | undefined {
  if (error instanceof RecipientRefused) return error.message;
  return retry >= HUB_RETRIES && kind !== 'remind' ? new RecipientRefused(String(error)).message : undefined;
}

async function refuseHopeless(
  desk: ApprovalDependencies,
  stored: StoredApproval,
  window: ApprovalWindow,
): Promise<void> {
  const { approval } = await changeApproval(desk.hub, stored, giveUp);
  if (approval.givenUp !== true) return;
  const { needed, unreached = [] } = approval;
  throw new WorkflowFailure(APPROVERS_UNREACHABLE, {
    where: decodeName(window.step),
    expected: needed === 1 ? 'an approver whom mail reaches' : `${needed} approvers whom mail reaches`,
    got: unreached.map(({ by, reason }) => `${by}: ${reason}`).join('; '),
  });
}

async function sendMail(
  desk: ApprovalDependencies,
  { key, approval }: StoredApproval,
  { letter, approver, id }: { readonly letter: Letter; readonly approver: Approver; readonly id: string },
): Promise<void> {
  const { name } = approver;
  await putLink(desk.hub, linkHash(id), { key, approver: name }, approval);
  const link = `${desk.baseUrl}${APPROVAL_PATH}/${id}`;
  const idempotencyKey = `${key.pk}/${key.sk}/${mailKey(letter.key, name)}`;
  const { kind } = letter;
  await desk.mailer.send(renderMail({ kind, idempotencyKey, approver: name, link, approval }, desk.templates));
}

async function closeApproval(desk: ApprovalDependencies, request: CloseRequest): Promise<ApprovalResult> {
  const found = await tryReadApproval(desk.hub, approvalKey(request));
  if (found === undefined) throw lost(request);
  refuseEarly(desk, request, found.approval);
  const outcome = request.onTimeout === 'reject' ? 'rejected' : 'timedOut';
  const { approval } = await changeApproval(desk.hub, found, (current) => timeOut(current, outcome, desk.hub.now()));
  const result = resultOf(approval);
  if (request.onTimeout !== 'fail' || approval.settled?.by !== null) return result;
  throw new WorkflowFailure(APPROVAL_TIMED_OUT, {
    where: decodeName(request.step),
    expected: `a decision until ${new Date(approval.deadline).toISOString()}`,
    got: `${result.decisions.length} of ${approval.needed} needed`,
  });
}

/** How far the clocks of Step Functions and of Lambda may differ, in milliseconds. */
const CLOCK_SKEW = 5_000;

/** A task's token stands in the history, and ends its window without anybody deciding. */
function refuseEarly({ hub }: ApprovalDependencies, { step }: CloseRequest, { settled, deadline }: Approval): void {
  if (settled !== undefined || hub.now() >= deadline - CLOCK_SKEW) return;
  throw new WorkflowFailure(APPROVAL_UNSETTLED, {
    where: decodeName(step),
    expected: `a decision, or the deadline at ${new Date(deadline).toISOString()}`,
    got: 'an answer to the task’s token that the hub didn’t give',
    fix: 'see who may do `states:SendTaskSuccess`, and restart the instance',
  });
}

/** The hub's record of an open approval is gone: the instance was purged, or the table was changed by hand. */
function lost({ step }: ApprovalRequest): Error {
  return new WorkflowFailure('ApprovalLost', {
    where: decodeName(step),
    expected: 'the record of an approval that was asked for',
    got: 'none in the hub’s table',
    fix: 'restart the instance',
  });
}
