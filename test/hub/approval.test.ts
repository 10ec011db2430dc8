import { createHash } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { ApprovalResult } from '../../lib/contract/approval.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { rewindInstance } from '../../lib/hub/operations/rewind.js';
import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { startDynamo } from './hub-kit.js';

const HOUR = 3_600_000;
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: ApprovalKit;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createApprovals(dynamo.client);
});

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';
const CIO = 'cio@example.com';

test('a request that is lost is told by the step’s name as it was written', async () => {
  await expect(kit.close('timedOut', 'Ask!20the!20boss/0')).rejects.toThrow('`Ask the boss/0`: expected');
});

describe('asking', () => {
  test('sends each approver one mail with a link of 256 random bits', async () => {
    await kit.ask({ approvers: [ANN, BOB], details: { Location: 's3://videos/beach.mp4', Seconds: 42 } });
    expect(kit.mails.map(({ to, subject, kind }) => ({ to, subject, kind }))).toEqual([
      { to: ANN, subject: 'Publish beach.mp4?', kind: 'request' },
      { to: BOB, subject: 'Publish beach.mp4?', kind: 'request' },
    ]);
    const links = kit.mails.map(({ link }) => link);
    expect(new Set(links).size).toBe(2);
    for (const { link, text, html } of kit.mails) {
      expect(link).toMatch(/^https:\/\/hub\.example\/approvals\/[A-Za-z0-9_-]{43}$/);
      expect(text).toContain(link);
      expect(html).toContain(`href="${link}"`);
      expect(`${text}${html}`).not.toContain('token-');
      expect(text).toContain('Location: s3://videos/beach.mp4\nSeconds: 42');
      expect(text).toContain('Monday 2 March 2026 at 08:00 UTC');
    }
  });

  test('a retry sends nothing again, and the later token gets the answer', async () => {
    const first = await kit.ask();
    const second = await kit.ask();
    expect(kit.mails).toHaveLength(1);
    await kit.decide(kit.linkOf(ANN), 'approve');
    expect(kit.answerTo(first)).toBeUndefined();
    expect(kit.answerTo(second)?.outcome).toBe('approved');
  });

  test('an earlier token that arrives late does not replace the later one', async () => {
    const late = await kit.ask();
    await kit.ask({}, { taskToken: 'stale', enteredAt: '2020-01-01T00:00:00.000Z' });
    await kit.decide(kit.linkOf(ANN), 'approve');
    expect(kit.answerTo(late)?.outcome).toBe('approved');
  });

  test('coming to the step again asks again, with another link', async () => {
    await kit.ask();
    const before = kit.linkOf(ANN);
    await kit.ask({}, { askedAt: 1 });
    expect(kit.linkOf(ANN)).not.toBe(before);
    expect(kit.mails).toHaveLength(2);
  });

  test('approvers named twice are asked once', async () => {
    await kit.ask({ approvers: [ANN, ' Ann@example.com '] });
    expect(kit.mails).toHaveLength(1);
  });

  test.each([
    [{ approvers: [] }, /approvers.*1 to 50/],
    [{ approvers: ['ann'] }, /mail address/],
    [{ approvers: ['ann@example.com\r\nBcc: eve@example.com'] }, /mail address/],
    [{ approvers: ['ann@example.com, eve@example.com'] }, /mail address/],
    [{ approvers: ['"Ann" <ann@example.com>'] }, /mail address/],
    [{ approvers: [42 as unknown as string] }, /a list of texts/],
    [{ approvers: Array.from({ length: 51 }, (_, index) => `a${index}@example.com`) }, /1 to 50/],
    [{ quorum: 2 }, /1 to 1, the number of approvers/],
    [{ quorum: 0 }, /quorum/],
    [{ subject: ' ' }, /subject/],
    [{ subject: undefined as unknown as string }, /subject/],
    [{ details: 'x'.repeat(10_001) }, /details/],
  ])('refuses %.60j as InvalidApproval and asks nobody', async (question, message) => {
    await expect(kit.ask(question)).rejects.toMatchObject({
      name: 'InvalidApproval',
      message: expect.stringMatching(message),
    });
    expect(kit.mails).toEqual([]);
  });

  test('a mail that fails fails the step; its retry sends only what is missing', async () => {
    const send = kit.desk.mailer.send;
    let down = true;
    const mailer = {
      ...kit.desk.mailer,
      send: async (message: Parameters<typeof send>[0]) => {
        if (down && message.to === ANN)
          throw Object.assign(new Error('Maximum sending rate exceeded'), { name: 'TooManyRequestsException' });
        return send(message);
      },
    };
    Object.assign(kit.desk, { mailer });
    await expect(kit.ask({ approvers: [ANN, BOB] })).rejects.toMatchObject({
      name: 'TooManyRequestsException',
    });
    expect(kit.mails.map(({ to }) => to)).toEqual([BOB]);
    down = false;
    await kit.ask({ approvers: [ANN, BOB] });
    expect(kit.mails.map(({ to }) => to)).toEqual([BOB, ANN]);
  });
});

describe('deciding', () => {
  test('an approval with a comment reaches the workflow typed and whole', async () => {
    const token = await kit.ask();
    kit.advance(HOUR);
    const answer = await kit.decide(kit.linkOf(ANN), 'approve', 'Looks good,\r\nship it');
    expect(answer).toMatchObject({ statusCode: 303, headers: { location: kit.linkOf(ANN).split('/').at(-1) } });
    const expected: ApprovalResult = {
      outcome: 'approved',
      approved: true,
      decidedBy: ANN,
      comment: 'Looks good,\nship it',
      decidedAt: '2026-03-01T09:00:00.000Z',
      decisions: [{ by: ANN, approved: true, comment: 'Looks good,\nship it', at: '2026-03-01T09:00:00.000Z' }],
      unreached: [],
    };
    expect(kit.answerTo(token)).toEqual(expected);
  });

  test('the decision is stored before the workflow is told', async () => {
    await kit.ask();
    kit.steps.length = 0;
    await kit.decide(kit.linkOf(ANN), 'reject');
    const stored = kit.steps.indexOf('PutItem');
    expect(stored).toBeGreaterThan(-1);
    expect(kit.steps.indexOf('SendTaskSuccess')).toBeGreaterThan(stored);
  });

  test('the record says who, what, when and from where', async () => {
    await kit.ask();
    await kit.request('POST', kit.linkOf(ANN), {
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Firefox/140' },
      body: 'decision=reject&comment=no',
    });
    const stored = await storedApproval();
    expect(stored.decisions).toEqual([
      {
        by: ANN,
        approved: false,
        comment: 'no',
        at: kit.hub.now(),
        from: { address: '203.0.113.7', userAgent: 'Firefox/140' },
      },
    ]);
  });

  test('the table knows the digest of a link alone, from the first moment on', async () => {
    await kit.ask();
    const id = kit.linkOf(ANN).split('/').at(-1)!;
    const stored = JSON.stringify(await allItems());
    expect(stored).toContain(createHash('sha256').update(id).digest('hex'));
    expect(stored).not.toContain(id);
    // Nothing in it is as long as what a link could be made from.
    expect(JSON.stringify(await storedApproval())).not.toMatch(/[A-Za-z0-9_-]{43}(?<![0-9a-f]{43})/);
  });

  test('the first decision wins; a second click shows who decided what, and when', async () => {
    const token = await kit.ask({ approvers: [ANN, BOB] });
    await kit.decide(kit.linkOf(ANN), 'approve', 'fine');
    const late = await kit.decide(kit.linkOf(BOB), 'reject');
    expect(late.statusCode).toBe(409);
    expect(late.body).toContain('Others were faster');
    const again = await kit.decide(kit.linkOf(ANN), 'reject');
    expect(again.statusCode).toBe(409);
    for (const path of [kit.linkOf(ANN), kit.linkOf(BOB)]) {
      const page = await kit.request('GET', path);
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain(`<strong>${ANN}</strong> approved on Sunday 1 March 2026 at 08:00 UTC`);
      expect(page.body).toContain('<blockquote>fine</blockquote>');
      expect(page.body).not.toContain('<form');
    }
    expect(kit.answerTo(token)?.approved).toBe(true);
  });

  test('an approver who has decided sees so while others are awaited, and cannot decide twice', async () => {
    const token = await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    await kit.decide(kit.linkOf(ANN), 'approve');
    const page = await kit.request('GET', kit.linkOf(ANN));
    expect(page.body).toContain('Your decision is recorded');
    expect(page.body).toContain('1 of 2 needed approvals so far.');
    expect((await kit.decide(kit.linkOf(ANN), 'reject')).statusCode).toBe(409);
    expect((await kit.request('GET', kit.linkOf(BOB))).body).toContain(`${ANN} approved`);
    expect(kit.answerTo(token)).toBeUndefined();
    await kit.decide(kit.linkOf(BOB), 'approve');
    expect(kit.answerTo(token)).toMatchObject({
      outcome: 'approved',
      decidedBy: BOB,
      decisions: [{ by: ANN }, { by: BOB }],
    });
  });
});

describe('the deadline', () => {
  test('after it a link shows that it is too late, by 410, and decides nothing', async () => {
    await kit.ask();
    kit.advance(24 * HOUR);
    const posted = await kit.decide(kit.linkOf(ANN), 'approve');
    expect(posted.statusCode).toBe(410);
    expect(posted.body).toContain('The time to decide ended on Monday 2 March 2026 at 08:00 UTC');
    expect((await kit.request('GET', kit.linkOf(ANN))).statusCode).toBe(410);
    expect((await storedApproval()).decisions).toEqual([]);
  });

  test('one millisecond before it a decision counts, and the close afterwards gives it', async () => {
    await kit.ask();
    kit.advance(24 * HOUR - 1);
    await kit.decide(kit.linkOf(ANN), 'approve');
    kit.advance(1);
    expect(await kit.close()).toMatchObject({ outcome: 'approved', decidedBy: ANN });
  });

  test('the close gives the decisions so far', async () => {
    await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    await kit.decide(kit.linkOf(BOB), 'approve', 'ok');
    kit.advance(24 * HOUR);
    expect(await kit.close()).toEqual({
      outcome: 'timedOut',
      approved: false,
      decidedBy: null,
      comment: null,
      decidedAt: null,
      decisions: [{ by: BOB, approved: true, comment: 'ok', at: '2026-03-01T08:00:00.000Z' }],
      unreached: [],
    });
  });

  test('a window that opens after it asks and reminds nobody', async () => {
    await kit.ask({}, { deadline: kit.hub.now() });
    await kit.remind(1);
    expect(kit.mails).toEqual([]);
    expect((await kit.close())?.outcome).toBe('timedOut');
  });

  test('before it, the close refuses what nobody has decided: whoever answered the token was not the hub', async () => {
    await kit.ask({ quorum: 'all', approvers: [ANN, BOB] });
    await kit.decide(kit.linkOf(ANN), 'approve');
    kit.advance(24 * HOUR - 5_001);
    for (const onTimeout of ['timedOut', 'reject', 'fail'] as const) {
      await expect(kit.close(onTimeout)).rejects.toMatchObject({
        name: 'ApprovalUnsettled',
        message: expect.stringContaining(
          'expected a decision, or the deadline at 2026-03-02T08:00:00.000Z, got an answer to the task’s token that the hub didn’t give',
        ),
      });
    }
    await kit.decide(kit.linkOf(BOB), 'approve');
    expect(await kit.close()).toMatchObject({ outcome: 'approved', decidedBy: BOB });
  });

  test('the clocks of Step Functions and of Lambda may differ by five seconds', async () => {
    await kit.ask();
    kit.advance(24 * HOUR - 5_000);
    expect((await kit.close())?.outcome).toBe('timedOut');
  });

  test('the close is the same however often it is called', async () => {
    await kit.ask();
    kit.advance(24 * HOUR);
    const first = await kit.close();
    expect(await kit.close()).toEqual(first);
  });

  test('it may reject, or fail by name', async () => {
    await kit.ask();
    await kit.ask({}, { step: 'other' });
    kit.advance(24 * HOUR);
    expect(await kit.close('reject')).toMatchObject({ outcome: 'rejected', approved: false, decidedBy: null });
    await expect(kit.close('fail', 'other')).rejects.toMatchObject({ name: 'ApprovalTimedOut' });
    await expect(kit.close('fail', 'other')).rejects.toMatchObject({ name: 'ApprovalTimedOut' });
    expect((await kit.request('GET', kit.linkOf(ANN))).statusCode).toBe(410);
  });
});

describe('reminders and escalation', () => {
  test('a reminder goes to those who have not decided, with a link of its own; the first one holds too', async () => {
    await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    const link = kit.linkOf(BOB);
    await kit.decide(kit.linkOf(ANN), 'approve');
    kit.advance(4 * HOUR);
    const token = await kit.remind(1);
    await kit.remind(1);
    expect(kit.mails.slice(2).map(({ to, subject, kind }) => ({ to, subject, kind }))).toEqual([
      { to: BOB, subject: 'Reminder: Publish beach.mp4?', kind: 'reminder' },
    ]);
    expect(kit.linkOf(BOB)).not.toBe(link);
    await kit.decide(link, 'approve');
    expect(kit.answerTo(token)).toBeUndefined();
    expect([...kit.stepFunctions.tokens.values()].filter(({ output }) => output !== undefined)).toHaveLength(1);
  });

  test('a reminder that cannot be sent fails nothing', async () => {
    await kit.ask();
    const mailer = { ...kit.desk.mailer, send: () => Promise.reject(new Error('throttled')) };
    Object.assign(kit.desk, { mailer });
    const log = jest.spyOn(console, 'error').mockImplementation(() => {});
    const token = await kit.remind(1);
    log.mockRestore();
    await kit.decide(kit.linkOf(ANN), 'approve');
    expect(kit.answerTo(token)?.outcome).toBe('approved');
  });

  test('further approvers settle it alone, whatever the quorum', async () => {
    await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    const token = await kit.escalate([CIO]);
    await kit.escalate([CIO], { taskToken: token });
    expect(kit.mails.map(({ to, kind }) => [to, kind])).toEqual([
      [ANN, 'request'],
      [BOB, 'request'],
      [CIO, 'escalation'],
    ]);
    expect((await kit.request('GET', kit.linkOf(CIO))).body).toContain('Your decision settles it.');
    await kit.decide(kit.linkOf(CIO), 'approve');
    expect((await kit.request('GET', kit.linkOf(ANN))).body).toContain(`<strong>${CIO}</strong> approved`);
    expect((await storedApproval()).settled).toMatchObject({ outcome: 'approved', by: CIO });
  });

  test('the first approvers can still settle it after an escalation', async () => {
    await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    const token = await kit.escalate([CIO], { taskToken: 'third' });
    kit.stepFunctions.openToken('third');
    await kit.decide(kit.linkOf(ANN), 'approve');
    await kit.decide(kit.linkOf(BOB), 'approve');
    expect(kit.answerTo(token)).toMatchObject({ outcome: 'approved', decidedBy: BOB });
  });

  test('an escalation to somebody who has decided takes that decision', async () => {
    await kit.ask({ approvers: [ANN, BOB], quorum: 'all' });
    await kit.decide(kit.linkOf(ANN), 'approve');
    const token = await kit.escalate([ANN]);
    expect(kit.answerTo(token)).toMatchObject({ outcome: 'approved', decidedBy: ANN });
    expect(kit.mails).toHaveLength(2);
  });

  test('a window that opens after the decision is answered at once, and mails nobody', async () => {
    await kit.ask();
    kit.stepFunctions.tokens.clear();
    await kit.decide(kit.linkOf(ANN), 'approve');
    const token = await kit.remind(1);
    expect(kit.answerTo(token)?.outcome).toBe('approved');
    expect(kit.mails).toHaveLength(1);
  });
});

describe('a workflow that has ended', () => {
  test('withdraws the question: 410, and nothing is decided', async () => {
    await kit.ask();
    await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'ABORTED'));
    expect(await kit.request('GET', kit.linkOf(ANN))).toMatchObject({
      statusCode: 410,
      body: expect.stringContaining('No longer needed'),
    });
    expect((await kit.decide(kit.linkOf(ANN), 'approve')).statusCode).toBe(410);
    expect((await storedApproval()).decisions).toEqual([]);
  });

  test('and is rewound asks again by the same link', async () => {
    await kit.ask();
    await applyStatusChange(kit.hub, kit.stepFunctions.finish('one', 'FAILED'));
    expect((await kit.request('GET', kit.linkOf(ANN))).statusCode).toBe(410);
    await rewindInstance(kit.hub, 'one');
    await applyStatusChange(kit.hub, kit.stepFunctions.events.at(-1)!);
    const token = await kit.ask();
    expect(kit.mails).toHaveLength(1);
    await kit.decide(kit.linkOf(ANN), 'approve');
    expect(kit.answerTo(token)?.approved).toBe(true);
  });
});

async function allItems(): Promise<Record<string, Record<string, string>>[]> {
  const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: kit.hub.settings.tableName }));
  return Items as never;
}

async function storedApproval() {
  const item = (await allItems()).find(({ sk }) => sk?.['S']?.startsWith('approval#'));
  return JSON.parse(item?.['approval']?.['S'] ?? '{}');
}
