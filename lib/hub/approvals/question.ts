import {
  type ApprovalDetails,
  type ApprovalQuestion,
  INVALID_APPROVAL,
  MAX_APPROVERS,
  MAX_DETAILS_LENGTH,
  MAX_SUBJECT_LENGTH,
} from '../../contract/approval.js';
import { quote } from '../hub-error.js';
import type { Mailer } from '../mail/mailer.js';
import { oneLine } from '../printable.js';
import { approvalsNeeded, sameApprover } from './approval.js';
import { WorkflowFailure } from './workflow-failure.js';

function refusal(where: string, expected: string, got: string, fix?: string): WorkflowFailure {
  return new WorkflowFailure(INVALID_APPROVAL, { where, expected, got, ...(fix === undefined ? {} : { fix }) });
}

/** Checks what a workflow asks, since its values are known only now. Approvers named twice are one. */
export function checkQuestion(question: ApprovalQuestion, mailer: Mailer): ApprovalQuestion {
  const approvers = checkApprovers(question.approvers, mailer);
  const needed = approvalsNeeded(question.quorum, approvers.length);
  if (!Number.isInteger(needed) || needed < 1 || needed > approvers.length) {
    throw refusal(
      'humanApproval.quorum',
      `\`any\`, \`all\` or a whole number from 1 to ${approvers.length}, the number of approvers`,
      `\`${String(question.quorum)}\``,
    );
  }
  return {
    ...question,
    approvers,
    subject: checkSubject(question.subject),
    details: checkDetails(question.details),
    requestedBy: checkRequestedBy(question.requestedBy),
  };
}

/** Checks approvers' names; those named twice are one. */
export function checkApprovers(given: unknown, mailer: Mailer): readonly string[] {
  // JSONata gives a list of one as the value itself.
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const names: string[] = [];
  for (const name of list) {
    if (typeof name !== 'string') throw refusal('humanApproval.approvers', 'a list of texts', describe(name));
    const trimmed = name.trim();
    const expected = mailer.refusal(trimmed);
    if (expected !== undefined) throw refusal('humanApproval.approvers', expected, quote(name));
    if (!names.some((other) => sameApprover(other, trimmed))) names.push(trimmed);
  }
  if (names.length >= 1 && names.length <= MAX_APPROVERS) return names;
  throw refusal('humanApproval.approvers', `1 to ${MAX_APPROVERS} approvers`, String(names.length));
}

function checkSubject(subject: unknown): string {
  if (typeof subject !== 'string' || subject.trim() === '') {
    throw refusal('humanApproval.subject', 'a text', typeof subject === 'string' ? 'an empty one' : describe(subject));
  }
  const line = oneLine(subject);
  const signs = [...line];
  return signs.length <= MAX_SUBJECT_LENGTH ? line : `${signs.slice(0, MAX_SUBJECT_LENGTH - 1).join('')}…`;
}

function checkRequestedBy(requestedBy: unknown): string | null {
  if (requestedBy === undefined || requestedBy === null || requestedBy === '') return null;
  return oneLine(String(requestedBy)).slice(0, MAX_SUBJECT_LENGTH);
}

function checkDetails(details: unknown): ApprovalDetails | null {
  if (details === undefined || details === null) return null;
  const text = typeof details === 'string' ? details : JSON.stringify(details);
  if (text.length > MAX_DETAILS_LENGTH) {
    throw refusal(
      'humanApproval.details',
      `at most ${MAX_DETAILS_LENGTH} characters`,
      String(text.length),
      'show a summary, and where to find the rest',
    );
  }
  if (typeof details !== 'object') return String(details);
  if (Array.isArray(details)) return text;
  return Object.fromEntries(Object.entries(details).map(([label, value]) => [label, showValue(value)]));
}

function showValue(value: unknown): string | number | boolean | null {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value)
    : (value as string | number | boolean | null);
}

function describe(value: unknown): string {
  return value === undefined ? 'nothing' : quote(JSON.stringify(value));
}
