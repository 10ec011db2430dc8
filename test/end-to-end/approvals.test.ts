import { App } from 'aws-cdk-lib';
import { TestEnvironment } from '../../lib/testing/index.js';
import { ANN, ApprovalsStack } from './approvals-app.js';

jest.setTimeout(120_000);

const BOB = 'bob@example.com';
const CIO = 'cio@example.com';
const video = { location: 'beach.mp4', approvers: [ANN, BOB] };

const stack = new ApprovalsStack(new App());
let env: TestEnvironment;

beforeEach(async () => {
  env = await TestEnvironment.create(stack, { time: '2026-03-01T08:00:00Z' });
});
afterEach(() => env.close());

/** Every mail so far: hours since the start, whom it went to, and its subject. */
const mails = () =>
  env.mails.map(({ sentAt, to, subject }) => [(sentAt.getTime() - START) / 3_600_000, to[0], subject]);
const START = Date.parse('2026-03-01T08:00:00Z');

describe('an approval', () => {
  test('a mail, its link, a click: the workflow goes on with the decision', async () => {
    const instance = await env.start(stack.publish, video);
    await instance.waiting();
    const mail = await env.mail({ to: ANN });
    expect(mail).toMatchObject({ from: 'Workflows <workflows@example.com>', subject: 'Publish beach.mp4?' });
    expect(mail.text).toContain('Video team asks for your decision.');
    const page = await mail.approve({ comment: 'Go' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('Thank you. You approved this as ann@example.com.');
    expect(await instance.completed()).toEqual({ published: true, by: ANN, why: 'Go' });
    const late = await (await env.mail({ to: BOB })).open();
    expect(late.hasForm).toBe(false);
    expect(late.text).toContain('ann@example.com approved on Sunday 1 March 2026 at 08:00 UTC');
  });

  test('a rejection takes the other branch', async () => {
    const instance = await env.start(stack.publish, video);
    await instance.waiting();
    await (await env.mail({ to: BOB })).reject();
    expect(await instance.completed()).toEqual({ published: false, by: BOB, why: 'rejected' });
  });

  test('24 hours pass in a moment: reminder at 4 h, escalation at 8 h, timed out at 24 h, and exactly these mails', async () => {
    const instance = await env.start(stack.publish, video);
    await instance.waiting();
    await env.advance({ hours: 24 });
    expect(await instance.completed()).toEqual({ published: false, by: null, why: 'timedOut' });
    expect(mails()).toEqual([
      [0, ANN, 'Publish beach.mp4?'],
      [0, BOB, 'Publish beach.mp4?'],
      [4, ANN, 'Reminder: Publish beach.mp4?'],
      [4, BOB, 'Reminder: Publish beach.mp4?'],
      [8, CIO, 'Escalated: Publish beach.mp4?'],
    ]);
    expect(instance.duration).toBe(24 * 3_600_000);
    const page = await (await env.mail({ to: CIO })).open();
    expect(page.status).toBe(410);
    expect(page.text).toContain('The time to decide ended on Monday 2 March 2026 at 08:00 UTC.');
  });

  test('a decision after the reminder and one after the escalation count all the same', async () => {
    const first = await env.start(stack.publish, video);
    await first.waiting();
    await env.advance({ hours: 5 });
    await (await env.mail({ to: ANN, subject: 'Reminder' })).approve();
    expect(await first.completed()).toMatchObject({ published: true, by: ANN });
    const second = await env.start(stack.publish, { ...video, location: 'sea.mp4' });
    await second.waiting();
    await env.advance({ hours: 9 });
    await (await env.mail({ to: CIO, subject: 'sea.mp4' })).reject();
    expect(await second.completed()).toMatchObject({ published: false, by: CIO });
  });

  test('each mail has a link of its own, and each of an approver’s links decides', async () => {
    const instance = await env.start(stack.publish, video);
    await instance.waiting();
    await env.advance({ hours: 5 });
    const links = env.mails.filter(({ to }) => to.includes(ANN)).map((mail) => mail.links[0]);
    expect(links).toHaveLength(2);
    expect(new Set(links).size).toBe(2);
    await env.mails.filter(({ to }) => to.includes(ANN))[0]!.approve();
    expect(await instance.completed()).toMatchObject({ published: true, by: ANN });
    expect((await fetch(links[1]!)).status).toBe(200);
  });

  test('two approvals of three', async () => {
    const instance = await env.start(stack.approveVideo, { ...video, approvers: [ANN, BOB, CIO] });
    await instance.waiting();
    await (await env.mail({ to: CIO })).approve({ comment: 'one' });
    expect(instance.status).toBe('Running');
    await (await env.mail({ to: ANN })).approve({ comment: 'two' });
    expect(await instance.completed()).toMatchObject({
      outcome: 'approved',
      decidedBy: ANN,
      comment: 'two',
      decisions: [{ by: CIO }, { by: ANN }],
    });
  });

  test('what was decided so far is in the result when the time is up', async () => {
    const instance = await env.start(stack.approveVideo, video);
    await instance.waiting();
    await (await env.mail({ to: ANN })).approve();
    await env.advance({ minutes: 10 });
    expect(await instance.completed()).toMatchObject({
      outcome: 'timedOut',
      decidedBy: null,
      decisions: [{ by: ANN }],
    });
  });

  test('its time-out is an error by name where that is wanted', async () => {
    const instance = await env.start(stack.impatient, video);
    await instance.waiting();
    await env.advance({ minutes: 1 });
    expect(await instance.failed()).toMatchObject({
      name: 'ApprovalTimedOut',
      message: expect.stringContaining('approval'),
    });
  });

  test('a malformed approver fails the step, at once and by name', async () => {
    const instance = await env.start(stack.publish, { ...video, approvers: ['ann@example.com\nBcc: eve@example.com'] });
    expect(await instance.failed()).toMatchObject({ name: 'InvalidApproval' });
    expect(env.mails).toEqual([]);
  });

  test('a terminated instance withdraws its question', async () => {
    const instance = await env.start(stack.publish, video);
    await instance.waiting();
    await instance.terminate('no longer wanted');
    await instance.finished();
    const page = await (await env.mail({ to: ANN })).open();
    expect(page.status).toBe(410);
    expect(page.text).toContain('The workflow that asked has ended');
  });
});

describe('an approval that is its own orchestration', () => {
  test('runs as a step of another', async () => {
    const instance = await env.start(stack.around, video);
    for (const to of [ANN, BOB]) await (await env.mail({ to })).approve();
    expect(await instance.completed()).toBe('approved');
  });

  test('is withdrawn when the instance around it is terminated', async () => {
    const instance = await env.start(stack.around, video);
    const mail = await env.mail({ to: BOB });
    expect((await mail.open()).status).toBe(200);
    await instance.terminate('enough');
    await instance.finished();
    expect((await mail.open()).status).toBe(410);
  });
});

test('an instance that failed while it asked is withdrawn; rewound, it asks on by the same mail', async () => {
  const instance = await env.start(stack.slow, video);
  await env.advance({ minutes: 121 });
  expect(await instance.failed()).toMatchObject({ name: 'States.Timeout' });
  const mail = await env.mail({ to: ANN });
  expect((await mail.open()).status).toBe(410);
  await env.client(stack.slow).rewind(instance.id);
  await env.settle();
  await mail.approve();
  expect(await instance.completed()).toBe('approved');
  expect(env.mails).toHaveLength(1);
});

describe('events', () => {
  test('raised before the wait are kept and delivered in order', async () => {
    const instance = await env.start(stack.twoEvents, {});
    await instance.raiseEvent('Number', 1);
    await instance.raiseEvent('Number', 2);
    expect(await instance.completed()).toEqual([
      { received: true, timedOut: false, payload: 1 },
      { received: true, timedOut: false, payload: 2 },
    ]);
  });

  test('each wait has its own time-out, which is an outcome', async () => {
    const instance = await env.start(stack.twoEvents, {});
    await instance.waiting();
    await env.advance({ minutes: 7 });
    await instance.raiseEvent('Number', 7);
    expect(await instance.completed()).toEqual([
      { received: false, timedOut: true, payload: null },
      { received: true, timedOut: false, payload: 7 },
    ]);
    expect(instance.duration).toBe(7 * 60_000);
  });

  test('waits that share a deadline end together', async () => {
    const instance = await env.start(stack.shared, {});
    await instance.waiting();
    await env.advance({ seconds: 60 });
    await instance.raiseEvent('Code', 'a');
    await env.advance({ seconds: 30 });
    expect(await instance.completed()).toEqual([
      { received: true, timedOut: false, payload: 'a' },
      { received: false, timedOut: true, payload: null },
    ]);
    expect(instance.duration).toBe(90_000);
  });
});
