import { RecipientRefused } from '../../lib/hub/mail/mailer.js';
import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { startDynamo } from './hub-kit.js';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';
const CIO = 'cio@example.com';
const REASON = 'MessageRejected: Email address is not verified.';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: ApprovalKit;
/** Whom the provider refuses, and how. */
let refused: Map<string, Error>;
let attempts: string[];

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createApprovals(dynamo.client);
  refused = new Map();
  attempts = [];
  const { send, ...mailer } = kit.desk.mailer;
  Object.assign(kit.desk, {
    mailer: {
      ...mailer,
      send: async (message: Parameters<typeof send>[0]) => {
        attempts.push(message.to);
        const error = refused.get(message.to);
        if (error !== undefined) throw error;
        await send(message);
      },
    },
  });
});

const refuse = (...names: readonly string[]) => {
  for (const name of names) refused.set(name, new RecipientRefused(REASON));
};

test('one of two is refused: the other is asked, decides, and the result says who was not reached', async () => {
  refuse(ANN);
  const token = await kit.ask({ approvers: [ANN, BOB] });
  expect(kit.mails.map(({ to }) => to)).toEqual([BOB]);
  expect((await kit.request('GET', kit.linkOf(BOB))).body).toContain(`Not reached</dt><dd>${ANN}`);
  await kit.decide(kit.linkOf(BOB), 'approve');
  expect(kit.answerTo(token)).toMatchObject({
    outcome: 'approved',
    decidedBy: BOB,
    unreached: [{ by: ANN, reason: REASON }],
  });
});

test.each([
  ['the only approver', [ANN], 'any', [ANN], 'an approver whom mail reaches'],
  ['everybody', [ANN, BOB], 'any', [ANN, BOB], 'an approver whom mail reaches'],
  ['one of all', [ANN, BOB], 'all', [ANN], '2 approvers whom mail reaches'],
  ['two of three where two are needed', [ANN, BOB, CIO], 2, [ANN, BOB], '2 approvers whom mail reaches'],
] as const)(
  '%s is refused: the step fails by name, once everybody else was mailed',
  async (_title, approvers, quorum, gone, expected) => {
    refuse(...gone);
    await expect(kit.ask({ approvers, quorum })).rejects.toMatchObject({
      name: 'ApproversUnreachable',
      message: `\`approval\`: expected ${expected}, got ${gone.map((name) => `${name}: ${REASON}`).join('; ')}`,
    });
    expect(attempts).toEqual(approvers);
  },
);

test('those who were mailed find that nothing is left to decide, once too few can be reached', async () => {
  refuse(ANN);
  await expect(kit.ask({ approvers: [ANN, BOB], quorum: 'all' })).rejects.toThrow();
  const page = await kit.request('GET', kit.linkOf(BOB));
  expect(page.statusCode).toBe(410);
  expect(page.body).toContain('Too few of those who were asked could be reached');
  expect((await kit.decide(kit.linkOf(BOB), 'approve')).statusCode).toBe(410);
});

test('asked again by a rewind, the refused are tried again, the others not, and the approval is open', async () => {
  refuse(ANN);
  await expect(kit.ask({ approvers: [ANN, BOB], quorum: 'all' })).rejects.toThrow();
  refused.clear();
  const token = await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
  expect(attempts).toEqual([ANN, BOB, ANN]);
  await kit.decide(kit.linkOf(ANN), 'approve');
  await kit.decide(kit.linkOf(BOB), 'approve');
  expect(kit.answerTo(token)).toMatchObject({ outcome: 'approved', unreached: [] });
});

test('a rejection that leaves too few who can be reached rejects', async () => {
  refuse(CIO);
  const token = await kit.ask({ approvers: [ANN, BOB, CIO], quorum: 2, rejectEarly: false });
  await kit.decide(kit.linkOf(ANN), 'reject');
  expect(kit.answerTo(token)).toMatchObject({ outcome: 'rejected', decidedBy: ANN });
});

test('an escalation to come keeps the approval open, and settles it', async () => {
  refuse(ANN);
  await kit.ask({ approvers: [ANN] }, { escalates: true });
  const token = await kit.escalate([CIO]);
  await kit.decide(kit.linkOf(CIO), 'approve');
  expect(kit.answerTo(token)).toMatchObject({ outcome: 'approved', decidedBy: CIO, unreached: [{ by: ANN }] });
});

test('an escalation that reaches nobody either fails the step', async () => {
  refuse(ANN, CIO);
  await kit.ask({ approvers: [ANN] }, { escalates: true });
  await expect(kit.escalate([CIO])).rejects.toMatchObject({ name: 'ApproversUnreachable' });
});

test('an escalation that reaches nobody leaves it to those who have a mail', async () => {
  refuse(CIO);
  await kit.ask({ approvers: [ANN] }, { escalates: true });
  const token = await kit.escalate([CIO]);
  await kit.decide(kit.linkOf(ANN), 'approve');
  expect(kit.answerTo(token)).toMatchObject({ outcome: 'approved', decidedBy: ANN });
});

test('a reminder reaches who was refused before, and one that is refused takes nobody’s link away', async () => {
  refuse(ANN);
  await kit.ask({ approvers: [ANN, BOB], quorum: 'any' });
  refused.clear();
  refuse(BOB);
  const token = await kit.remind(1);
  expect(kit.mails.map(({ to }) => to)).toEqual([BOB, ANN]);
  await kit.decide(kit.linkOf(BOB), 'approve');
  expect(kit.answerTo(token)).toMatchObject({ decidedBy: BOB, unreached: [] });
});

describe('a mail that fails in a way that may pass', () => {
  const DOWN = Object.assign(new Error('try later'), { name: 'TooManyRequestsException' });

  test('fails the step, which tries it again', async () => {
    refused.set(ANN, DOWN);
    await expect(kit.ask({ approvers: [ANN, BOB] }, { retry: 5 })).rejects.toBe(DOWN);
  });

  test('in the last retry is a refusal, and the others decide', async () => {
    refused.set(ANN, DOWN);
    const token = await kit.ask({ approvers: [ANN, BOB] }, { retry: 6 });
    await kit.decide(kit.linkOf(BOB), 'approve');
    expect(kit.answerTo(token)).toMatchObject({
      decidedBy: BOB,
      unreached: [{ by: ANN, reason: 'TooManyRequestsException: try later' }],
    });
  });
});
