import { type ApprovalKit, createApprovals } from './approval-kit.js';
import { awsError } from './fake-step-functions.js';
import { Crash, startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: ApprovalKit;

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';
const HOUR = 3_600_000;

beforeAll(async () => {
  dynamo = await startDynamo();
  jest.spyOn(console, 'error').mockImplementation(() => {});
});
afterAll(async () => {
  jest.restoreAllMocks();
  await dynamo.close();
});

/** Lets a process die after its n-th call, for every n until it gets through; says how often it died. */
async function dieEverywhere(
  prepare: () => Promise<unknown>,
  act: () => Promise<unknown>,
  check: (died: { readonly after: number; readonly last: string | undefined }) => Promise<void>,
): Promise<number> {
  for (let after = 0; ; after++) {
    kit = await createApprovals(dynamo.client);
    await prepare();
    kit.steps.length = 0;
    kit.dieAfter(after);
    const survived = await act().then(
      () => true,
      (error) => {
        if (!(error instanceof Crash)) throw error;
        return false;
      },
    );
    const last = kit.steps.at(-1);
    kit.revive();
    if (survived && kit.steps.length < after) return after;
    await check({ after, last });
  }
}

test('a crash anywhere while asking: after the retry each approver has a link that decides, and the workflow goes on', async () => {
  let token = '';
  const asked = { approvers: [ANN, BOB] };
  const crashes = await dieEverywhere(
    async () => {},
    () => kit.ask(asked),
    async ({ last }) => {
      token = await kit.ask(asked);
      for (const approver of [ANN, BOB]) {
        const mails = kit.mails.filter(({ to }) => to === approver);
        for (const { link } of mails) expect((await kit.request('GET', new URL(link).pathname)).statusCode).toBe(200);
        expect(new Set(mails.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
        // SES can't be asked whether it took a mail: only one that it took and that nobody could note any more is sent again.
        if (last !== 'mail') expect(mails).toHaveLength(1);
      }
      expect(kit.mails.length).toBeLessThanOrEqual(last === 'mail' ? 3 : 2);
      await kit.decide(kit.linkOf(ANN), 'approve');
      expect(kit.answerTo(token)?.outcome).toBe('approved');
    },
  );
  expect(crashes).toBeGreaterThan(10);
});

describe.each([
  ['the same click again', (path: string) => kit.decide(path, 'approve', 'mine')],
  ['a click to the contrary', (path: string) => kit.decide(path, 'reject', 'no')],
  ['a look at the page', (path: string) => kit.request('GET', path)],
])('a crash anywhere while deciding, then %s', (title, next) => {
  test('the first stored decision stands, and the workflow gets it', async () => {
    let token = '';
    await dieEverywhere(
      async () => {
        token = await kit.ask();
      },
      async () => {
        const answer = await kit.decide(kit.linkOf(ANN), 'approve', 'mine');
        if (answer.statusCode === 503) throw new Crash();
      },
      async () => {
        await next(kit.linkOf(ANN));
        const result = kit.answerTo(token);
        if (result === undefined) kit.advance(24 * HOUR);
        const stored = await kit.close();
        if (result === undefined) {
          expect(title).toBe('a look at the page');
          expect(stored?.decisions).toEqual([]);
          return;
        }
        expect(result).toEqual(stored);
        expect(result.decisions).toHaveLength(1);
        expect(kit.mails).toHaveLength(1);
      },
    );
  });
});

test('a decision whose callback is lost, and that nobody looks at again, is in the next window’s or the close’s result', async () => {
  await dieEverywhere(
    () => kit.ask(),
    async () => {
      const answer = await kit.decide(kit.linkOf(ANN), 'approve');
      if (answer.statusCode === 503) throw new Crash();
    },
    async () => {
      kit.advance(4 * HOUR);
      const reminded = await kit.remind(1);
      kit.advance(20 * HOUR);
      const closed = await kit.close();
      const settled = closed?.outcome === 'approved';
      expect(kit.answerTo(reminded)).toEqual(settled && kit.answerTo(reminded) !== undefined ? closed : undefined);
      expect(kit.mails).toHaveLength(settled ? 1 : 2);
    },
  );
});

test('a crash anywhere in a reminder, an escalation or the close changes nothing but the time', async () => {
  const acts = [
    () => kit.remind(1),
    () => kit.escalate(['cio@example.com']),
    async () => {
      kit.advance(24 * HOUR);
      await kit.close();
    },
  ];
  for (const [index, act] of acts.entries()) {
    await dieEverywhere(
      () => kit.ask(),
      act,
      async ({ last }) => {
        await act();
        const more = index === 2 ? 0 : 1;
        const again = last === 'mail' ? 1 : 0;
        expect(kit.mails.length - 1 - more).toBeLessThanOrEqual(again);
        expect(new Set(kit.mails.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1 + more);
        kit.advance(24 * HOUR);
        expect((await kit.close())?.outcome).toBe('timedOut');
      },
    );
  }
});

describe('while Step Functions can’t be told', () => {
  const throttle = (times: number) => {
    for (let time = 0; time < times; time++) {
      kit.stepFunctions.refusals.push({ call: 'SendTaskSuccess', error: awsError('ThrottlingException') });
    }
  };
  const ON_ITS_WAY = 'is recorded and is on its way to the workflow';
  let token = '';
  beforeEach(async () => {
    kit = await createApprovals(dynamo.client);
    token = await kit.ask();
  });

  test('a decision is recorded, its page says that it is on its way, and the next look tells the workflow', async () => {
    throttle(2);
    const link = kit.linkOf(ANN);
    expect((await kit.decide(link, 'approve')).statusCode).toBe(303);
    const page = await kit.request('GET', link);
    expect([page.statusCode, page.body.includes(ON_ITS_WAY)]).toEqual([200, true]);
    expect(page.body).not.toContain('Nothing was decided');
    expect(kit.answerTo(token)).toBeUndefined();
    const later = await kit.request('GET', link);
    expect([later.statusCode, later.body.includes(ON_ITS_WAY)]).toEqual([200, false]);
    expect(kit.answerTo(token)?.outcome).toBe('approved');
  });

  test('a second decision is told that the first counts', async () => {
    throttle(2);
    await kit.decide(kit.linkOf(ANN), 'approve');
    const second = await kit.decide(kit.linkOf(ANN), 'reject');
    expect([second.statusCode, second.body.includes(ON_ITS_WAY)]).toEqual([409, true]);
  });

  test('a decision whose storing got no answer is not called undecided', async () => {
    kit.dieAfter(4);
    const answer = await kit.decide(kit.linkOf(ANN), 'approve');
    kit.revive();
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('Nothing was decided');
    expect(answer.body).toContain('open the link once more');
  });
});
