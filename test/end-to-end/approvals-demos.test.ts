import { App } from 'aws-cdk-lib';
import { ApiStack } from '../../bin/demos/api.js';
import { HubStack } from '../../bin/demos/hub.js';
import { MultipleApproversStack } from '../../bin/demos/multiple-approvers.js';
import { PhoneVerificationStack } from '../../bin/demos/phone-verification.js';
import proposal from '../../lambda/approvers/proposal.json';
import phoneNumber from '../../lambda/phone/phone-number.json';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(180_000);

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const phone = new PhoneVerificationStack(app, 'PhoneVerification', { hub });
const approvers = new MultipleApproversStack(app, 'MultipleApprovers', { hub });
new ApiStack(app, 'Api', {
  hub,
  open: true,
  orchestrations: { phone: phone.phoneVerification, many: approvers.multipleApprovers },
});

describe('phone verification', () => {
  const stack = phone;
  let env: TestEnvironment;
  beforeEach(async () => {
    env = await TestEnvironment.create(stack);
  });
  afterEach(() => env.close());

  async function begin() {
    env.stub(stack.sendChallenge, () => '0042');
    const instance = await env.start(stack.phoneVerification, phoneNumber);
    await instance.waiting();
    return instance;
  }

  test('the right code verifies', async () => {
    const instance = await begin();
    await instance.raiseEvent('SmsChallengeResponse', '0042');
    expect(await instance.completed()).toBe(true);
  });

  test('the fourth try is the last', async () => {
    const right = await begin();
    for (const code of ['1', '2', '3', '0042']) await right.raiseEvent('SmsChallengeResponse', code);
    expect(await right.completed()).toBe(true);
    const wrong = await begin();
    for (const code of ['1', '2', '3', '4', '0042'])
      await wrong.raiseEvent('SmsChallengeResponse', code).catch(() => {});
    expect(await wrong.completed()).toBe(false);
  });

  test('all tries share 90 seconds', async () => {
    const instance = await begin();
    for (const code of ['1', '2']) {
      await env.advance({ seconds: 40 });
      await instance.raiseEvent('SmsChallengeResponse', code);
    }
    await env.advance({ seconds: 10 });
    expect(await instance.completed()).toBe(false);
    expect(instance.duration).toBe(90_000);
  });

  test('the real activity makes a code of four digits; a wrong number fails', async () => {
    const instance = await env.start(stack.phoneVerification, phoneNumber);
    await instance.waiting();
    const sent = instance.history.flatMap((event) =>
      event.type === 'TaskSucceeded' ? [JSON.stringify(event.details)] : [],
    );
    const code = /\D(\d{4})\D/.exec(sent[0]!.replace(/.*Payload/, ''))![1];
    await instance.raiseEvent('SmsChallengeResponse', code);
    expect(await instance.completed()).toBe(true);
    const broken = await env.start(stack.phoneVerification, { phoneNumber: '110' });
    expect(await broken.failed()).toMatchObject({ name: 'InvalidPhoneNumber' });
  });
});

describe('multiple approvers', () => {
  const stack = approvers;
  let env: TestEnvironment;
  beforeEach(async () => {
    env = await TestEnvironment.create(stack);
  });
  afterEach(() => env.close());

  const [ann, bob, cleo] = ['ann@example.com', 'bob@example.com', 'cleo@example.com'] as const;
  async function begin() {
    const instance = await env.start(stack.multipleApprovers, proposal);
    await instance.waiting();
    return instance;
  }

  test('two of three approve', async () => {
    const instance = await begin();
    for (const to of [cleo, ann]) await (await env.mail({ to })).approve();
    expect(await instance.completed()).toBe('Approved (2 approvals received)');
    expect(instance.customStatus).toBe('Approved (2 approvals received)');
  });

  test('a rejection ends it', async () => {
    const instance = await begin();
    await (await env.mail({ to: ann })).approve();
    await (await env.mail({ to: bob })).reject({ comment: 'Too far' });
    expect(await instance.completed()).toBe('Rejected by bob@example.com');
  });

  test('three days pass, with two reminders to those who kept silent', async () => {
    const instance = await begin();
    await (await env.mail({ to: ann })).approve();
    await env.advance({ days: 3 });
    expect(await instance.completed()).toBe('Timed out with 1 approvals so far');
    const reminded = env.mails.filter(({ subject }) => subject.startsWith('Reminder')).map(({ to }) => to[0]);
    expect(reminded).toEqual([bob, cleo, bob, cleo]);
  });

  test('nobody at all', async () => {
    const instance = await begin();
    await env.advance({ days: 3 });
    expect(await instance.completed()).toBe('Timed out with 0 approvals so far');
  });
});
