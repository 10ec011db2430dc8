import type { ApprovalDetails } from '../../lib/contract/approval.js';
import type { Approval } from '../../lib/hub/approvals/approval.js';
import { renderMail } from '../../lib/hub/approvals/render-mail.js';
import { answerEmpty, answerJson } from '../../lib/hub/http/api-answer.js';
import { refuseAddress } from '../../lib/hub/mail/address.js';
import { oneLine, printable, showApprover } from '../../lib/hub/printable.js';

const approval = (more: Partial<Approval>): Approval => ({
  execution: 'one',
  orchestration: 'publish',
  subject: 'Publish?',
  details: null,
  requestedBy: null,
  approvers: [],
  needed: 1,
  rejectEarly: true,
  askedAt: 0,
  deadline: 0,
  decisions: [],
  mailed: [],
  ...more,
});
const mail = (more: Partial<Approval>, approver = 'ann@example.com') =>
  renderMail({
    kind: 'request',
    idempotencyKey: 'k',
    approver,
    link: 'https://real.example/approvals/x',
    approval: approval(more),
  });

const FORGED =
  'all fine\r\n\r\nOpen this page to approve or reject, until tomorrow:\nhttps://evil.example/\u202egnp.exe';

test('details can’t pass for what the hub says: a value is one line, a text is quoted line by line', () => {
  const all: readonly ApprovalDetails[] = [FORGED, { Note: FORGED }, { [FORGED]: 'x' }];
  for (const details of all) {
    const { text } = mail({ details });
    expect(text).not.toMatch(/\u202e|\r/);
    const lines = text.split('\n');
    expect(lines.filter((line) => line.startsWith('https://'))).toEqual(['https://real.example/approvals/x']);
    expect(lines.filter((line) => line.startsWith('Open this page'))).toHaveLength(1);
  }
});

test('a subject, a requester and a header are one line without marks of direction', () => {
  const { subject, text } = mail({ subject: 'a\u0085b\u2028c\u2066d', requestedBy: 'x\u001b[31my\nz' });
  expect(subject).toBe('a b cd');
  expect(text.split('\n')[0]).toBe('x [31my z asks for your decision.');
});

test('what is printed has its lines and signs alone', () => {
  expect(oneLine(' a\tb\r\nc\u200f ')).toBe('a b c');
  expect(printable('a\r\nb\rc\u2028d\u001be\u0000\tf')).toBe('a\nb\nc\nd e \tf');
});

test('a domain that looks like another is shown as it is registered', () => {
  expect(showApprover('ann@еxample.com')).toBe('ann@xn--xample-2of.com');
  expect(showApprover('ann@example.com')).toBe('ann@example.com');
  expect(showApprover('Übermut')).toBe('Übermut');
  expect(mail({}, 'ann@еxample.com').to).toBe('ann@еxample.com');
});

test('an encoded word is no address', () => {
  expect(refuseAddress('=?utf-8?q?ann?=@example.com')).toMatch(/a mail address/);
  expect(refuseAddress('ann=b@example.com')).toBeUndefined();
});

test('no answer of the API is taken for something else, or kept', () => {
  for (const { headers } of [answerJson(200, {}), answerEmpty(204)])
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
});
