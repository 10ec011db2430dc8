import type { ApprovalOutcome, Quorum } from '../../lib/contract/approval.js';
import { type Approval, approvalsNeeded, decide } from '../../lib/hub/approvals/approval.js';
import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { startDynamo } from './hub-kit.js';

type Vote = 'approve' | 'reject' | 'silent';
const NAMES = ['a', 'b', 'c'] as const;
const VOTES: readonly Vote[] = ['approve', 'reject', 'silent'];
const ORDERS = NAMES.flatMap((one) =>
  NAMES.filter((two) => two !== one).map(
    (two) => [one, two, NAMES.find((three) => three !== one && three !== two)!] as const,
  ),
);
const COMBINATIONS = VOTES.flatMap((a) => VOTES.flatMap((b) => VOTES.map((c) => ({ a, b, c }))));
const QUORUMS: readonly Quorum[] = ['any', 'all', 1, 2, 3];

/** The specification, written another way: by counting, vote by vote. */
function specified(
  votes: readonly Vote[],
  needed: number,
  rejectEarly: boolean,
): { outcome: ApprovalOutcome; counted: number } {
  let approvals = 0;
  let rejections = 0;
  let counted = 0;
  for (const vote of votes) {
    if (vote === 'silent') continue;
    counted++;
    if (vote === 'approve') approvals++;
    else rejections++;
    if (vote === 'reject' && rejectEarly) return { outcome: 'rejected', counted };
    if (approvals === needed) return { outcome: 'approved', counted };
    if (rejections > votes.length - needed) return { outcome: 'rejected', counted };
  }
  return { outcome: 'timedOut', counted };
}

describe.each(QUORUMS)('with a quorum of %s of three', (quorum) => {
  test.each([true, false])('every combination of decisions in every order, rejectEarly: %s', (rejectEarly) => {
    let checked = 0;
    for (const combination of COMBINATIONS) {
      for (const order of ORDERS) {
        const needed = approvalsNeeded(quorum, 3);
        const expected = specified(
          order.map((name) => combination[name]),
          needed,
          rejectEarly,
        );
        const approvers = NAMES.map((name) => ({ name, links: [name], escalated: false }));
        let approval: Approval = { ...BLANK, approvers, needed, rejectEarly };
        for (const name of order) {
          const vote = combination[name];
          if (approval.settled !== undefined || vote === 'silent') continue;
          const from = { address: null, userAgent: null };
          const approver = approvers.find((one) => one.name === name)!;
          approval = decide(approval, approver, { approved: vote === 'approve', comment: null, at: 1, from });
        }
        expect({ outcome: approval.settled?.outcome ?? 'timedOut', counted: approval.decisions.length }).toEqual(
          expected,
        );
        checked++;
      }
    }
    expect(checked).toBe(27 * 6);
  });
});

const BLANK: Approval = {
  execution: 'one',
  orchestration: 'Publish',
  subject: '?',
  details: null,
  requestedBy: null,
  approvers: [],
  needed: 1,
  rejectEarly: true,
  askedAt: 0,
  deadline: 100,
  decisions: [],
  mailed: [],
};

describe('many at once', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  let kit: ApprovalKit;
  beforeAll(async () => {
    dynamo = await startDynamo();
    kit = await createApprovals(dynamo.client);
  });
  afterAll(() => dynamo.close());

  test('200 approvals, two clicks each at the same moment: each is decided exactly once', async () => {
    const [ann, bob] = ['ann@example.com', 'bob@example.com'];
    const asked = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const subject = `Question ${index}`;
        const token = await kit.ask({ subject, approvers: [ann, bob] }, { step: `step-${index}` });
        const linkOf = (to: string) =>
          kit.mails.find((mail) => mail.to === to && mail.subject === subject)!.link.replace(/^.*(?=\/approvals)/, '');
        return { token, links: [linkOf(ann), linkOf(bob)] as const };
      }),
    );
    const clicks = await Promise.all(
      asked.map(({ links: [one, other] }) => Promise.all([kit.decide(one, 'approve'), kit.decide(other, 'reject')])),
    );
    for (const [index, answers] of clicks.entries()) {
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
      const approvedFirst = answers[0].statusCode === 303;
      const result = kit.answerTo(asked[index]!.token);
      expect(result).toMatchObject({ approved: approvedFirst, decidedBy: approvedFirst ? ann : bob });
      expect(result?.decisions).toHaveLength(1);
    }
  }, 60_000);

  test('50 approvers of one approval, all at once: every decision counts once', async () => {
    const approvers = Array.from({ length: 50 }, (_, index) => `a${index}@example.com`);
    const token = await kit.ask({ approvers, quorum: 'all' }, { step: 'crowd' });
    const answers = await Promise.all(
      approvers.map((approver) => kit.decide(kit.linkOf(approver), 'approve', approver)),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(approvers.map(() => 303));
    const result = kit.answerTo(token);
    expect(result?.outcome).toBe('approved');
    expect(result?.decisions.map(({ by }) => by).sort()).toEqual([...approvers].sort());
  }, 60_000);
});
