import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { ApprovalQuestion } from '../../lib/contract/approval.js';
import {
  type Approval,
  decide,
  escalate,
  giveUp,
  isExpired,
  miss,
  openApproval,
  resultOf,
  timeOut,
} from '../../lib/hub/approvals/approval.js';

const DEADLINE = 1_000;

/** An approval of a, b and c, and what happens to it. */
class Case {
  approval: Approval;

  constructor(question: Partial<ApprovalQuestion>, facts: Partial<Approval> = {}) {
    const asked = { subject: '?', approvers: ['a', 'b', 'c'], quorum: 'all', rejectEarly: true, ...question } as const;
    const approvers = asked.approvers.map((name) => ({ name, links: [], escalated: false }));
    const address = { execution: 'one', orchestration: 'Publish', askedAt: 0, deadline: DEADLINE };
    this.approval = openApproval(asked, { ...address, ...facts }, approvers);
  }

  /** Decides as the pages do: not when it is settled, and each once. */
  vote(name: string, approved: boolean, at = 1): this {
    const approver = this.approval.approvers.find((one) => one.name === name)!;
    const isOpen = this.approval.settled === undefined && !isExpired(this.approval, at);
    const isNew = !this.approval.decisions.some(({ by }) => by === name);
    const from = { address: null, userAgent: null };
    if (isOpen && isNew) this.approval = decide(this.approval, approver, { approved, comment: null, at, from });
    return this;
  }

  approve(...names: readonly string[]): this {
    for (const name of names) this.vote(name, true);
    return this;
  }

  reject(...names: readonly string[]): this {
    for (const name of names) this.vote(name, false);
    return this;
  }

  escalateTo(...names: readonly string[]): this {
    const further = names.map((name) => ({ name, links: [], escalated: true }));
    this.approval = escalate(this.approval, further, 5);
    return this;
  }

  unreachable(...names: readonly string[]): this {
    for (const name of names) this.approval = miss(this.approval, name, 'refused');
    this.approval = giveUp(this.approval);
    return this;
  }

  end(outcome: 'timedOut' | 'rejected' = 'timedOut'): this {
    this.approval = timeOut(this.approval, outcome, DEADLINE);
    return this;
  }

  /** The outcome and whose it is; `open` while there is none. */
  get state(): string {
    const { settled, givenUp } = this.approval;
    if (givenUp === true) return 'given up';
    return settled === undefined ? 'open' : `${settled.outcome} by ${settled.by}`;
  }
}

const late = { rejectEarly: false };

/** By the number of the rule. */
const CASES: Readonly<Record<number, readonly (readonly [Case, string])[]>> = {
  1: [[new Case({ quorum: 'any' }).approve('b'), 'approved by b']],
  2: [[new Case({}).approve('a', 'b'), 'open']],
  3: [[new Case({}).approve('a', 'b', 'c'), 'approved by c']],
  4: [
    [new Case({ quorum: 2 }).approve('c'), 'open'],
    [new Case({ quorum: 2 }).approve('c', 'a'), 'approved by a'],
  ],
  5: [
    [new Case({ quorum: 'any' }).reject('a'), 'rejected by a'],
    [new Case({ quorum: 2 }).approve('b').reject('a'), 'rejected by a'],
  ],
  6: [[new Case({ quorum: 2, ...late }).reject('a'), 'open']],
  7: [
    [new Case({ quorum: 2, ...late }).reject('a', 'b'), 'rejected by b'],
    [new Case({ quorum: 'all', ...late }).reject('a'), 'rejected by a'],
  ],
  8: [
    [new Case({ quorum: 2, ...late }).approve('a', 'a'), 'open'],
    [new Case({ quorum: 2, ...late }).approve('a').reject('a').approve('b'), 'approved by b'],
    [new Case({ quorum: 'any' }).approve('a').reject('b'), 'approved by a'],
  ],
  9: [[new Case({}).approve('a'), 'open']],
  10: [
    [new Case({}).escalateTo('boss').approve('boss'), 'approved by boss'],
    [new Case({ ...late }).escalateTo('boss').reject('boss'), 'rejected by boss'],
  ],
  11: [
    [new Case({}).escalateTo('boss').approve('a'), 'open'],
    [new Case({}).escalateTo('boss').approve('a', 'b'), 'open'],
    [new Case({}).escalateTo('boss').approve('a', 'b', 'c'), 'approved by c'],
  ],
  12: [[new Case({}).escalateTo('boss').reject('a'), 'rejected by a']],
  13: [[new Case({}).escalateTo('b').approve('b'), 'approved by b']],
  14: [
    [new Case({}).approve('b').escalateTo('b'), 'approved by b'],
    [new Case({ quorum: 2, ...late }).reject('b').escalateTo('B'), 'rejected by b'],
  ],
  15: [
    [new Case({}).approve('a').end(), 'timedOut by null'],
    [new Case({}).end('rejected'), 'rejected by null'],
  ],
  16: [[new Case({ quorum: 'any' }).vote('a', true, DEADLINE), 'open']],
  17: [
    [new Case({ quorum: 2 }).unreachable('a'), 'open'],
    [new Case({ quorum: 2 }).unreachable('a').approve('b', 'c'), 'approved by c'],
  ],
  18: [[new Case({ quorum: 'all' }).unreachable('a'), 'given up']],
  19: [
    [new Case({ quorum: 'all' }, { escalates: true }).unreachable('a'), 'open'],
    [
      new Case({ quorum: 'all' }, { escalates: true }).unreachable('a').escalateTo('boss').approve('boss'),
      'approved by boss',
    ],
  ],
};

/** The rules of the page: number and condition. */
const page = readFileSync(path.resolve(__dirname, '../../docs/approvals.md'), 'utf8');
const rules = [...page.matchAll(/^\| (\d+) \| (.*?) \|/gm)].map(([, number, when]) => [Number(number), when!] as const);

test('each rule of the page has its cases', () => {
  expect(rules.map(([number]) => number)).toEqual(Object.keys(CASES).map(Number));
});

test.each(rules)('rule %i: %s', (number) => {
  for (const [{ state }, expected] of CASES[number]!) expect(state).toBe(expected);
});

test('the result says who could not be reached', () => {
  const { approval } = new Case({ quorum: 2 }).unreachable('a').approve('b', 'c');
  expect(resultOf(approval)).toMatchObject({ outcome: 'approved', unreached: [{ by: 'a', reason: 'refused' }] });
});
