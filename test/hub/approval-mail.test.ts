import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import type { MailMessage } from '../../lib/contract/approval-environment.js';
import { STYLE } from '../../lib/hub/html/style.js';
import { functionMailer } from '../../lib/hub/mail/function-mailer.js';
import { RecipientRefused } from '../../lib/hub/mail/mailer.js';
import { sesMailer } from '../../lib/hub/mail/ses-mailer.js';
import { snsMailer } from '../../lib/hub/mail/sns-mailer.js';

const message: MailMessage = {
  idempotencyKey: 'k',
  kind: 'request',
  to: 'ann@example.com',
  subject: 'Größe? 🚀',
  text: 'text',
  html: '<p>html</p>',
  link: 'https://hub.example/approvals/x',
};

test('SES gets one mail for one approver, as text and HTML in UTF-8', async () => {
  const ses = mockClient(SESv2Client).on(SendEmailCommand).resolves({});
  const settings = { by: 'ses', from: 'W <w@example.com>', replyTo: ['r@example.com'], configurationSet: 'c' } as const;
  await sesMailer(new SESv2Client({}), settings).send(message);
  expect(ses.commandCalls(SendEmailCommand).map(({ args }) => args[0].input)).toEqual([
    {
      FromEmailAddress: 'W <w@example.com>',
      Destination: { ToAddresses: ['ann@example.com'] },
      ReplyToAddresses: ['r@example.com'],
      ConfigurationSetName: 'c',
      Content: {
        Simple: {
          Subject: { Data: 'Größe? 🚀', Charset: 'UTF-8' },
          Body: { Text: { Data: 'text', Charset: 'UTF-8' }, Html: { Data: '<p>html</p>', Charset: 'UTF-8' } },
        },
      },
    },
  ]);
});

test('SNS gets a subject that it takes, and the approver to filter by', async () => {
  const sns = mockClient(SNSClient).on(PublishCommand).resolves({});
  const mailer = snsMailer(new SNSClient({}), { by: 'sns', topicArn: 'arn:topic' });
  await mailer.send({ ...message, to: 'Ann' });
  await mailer.send({ ...message, subject: 'x'.repeat(101) });
  const [first, second] = sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
  expect(first).toEqual({
    TopicArn: 'arn:topic',
    Subject: 'Gro?e? ?',
    Message: 'text',
    MessageAttributes: {
      approver: { DataType: 'String', StringValue: 'Ann' },
      kind: { DataType: 'String', StringValue: 'request' },
    },
  });
  expect(second?.Subject).toHaveLength(100);
});

test('an activity gets the whole message; what it throws is thrown', async () => {
  const lambda = mockClient(LambdaClient);
  const payload = (text: string) => Object.assign(Buffer.from(text), { transformToString: () => text }) as never;
  lambda
    .on(InvokeCommand)
    .resolvesOnce({})
    .resolves({ FunctionError: 'Unhandled', Payload: payload('{"errorMessage":"no"}') });
  const mailer = functionMailer(new LambdaClient({}), { by: 'function', functionName: 'Slack' });
  await mailer.send(message);
  const [call] = lambda.commandCalls(InvokeCommand);
  expect(call?.args[0].input.FunctionName).toBe('Slack');
  expect(JSON.parse(Buffer.from(call?.args[0].input.Payload as Uint8Array).toString())).toEqual(message);
  await expect(mailer.send(message)).rejects.toThrow('the mail activity failed: {"errorMessage":"no"}');
});

const named = (name: string) => Object.assign(new Error('no'), { name });

describe.each([
  [
    'SES',
    ['MessageRejected', 'BadRequestException', 'MailFromDomainNotVerifiedException', 'AccountSuspendedException'],
    ['TooManyRequestsException', 'LimitExceededException', 'SendingPausedException', 'AccessDeniedException'],
    (error: Error) => {
      mockClient(SESv2Client).on(SendEmailCommand).rejects(error);
      return sesMailer(new SESv2Client({}), { by: 'ses', from: 'w@example.com' });
    },
  ],
  [
    'SNS',
    ['InvalidParameterException', 'NotFoundException', 'EndpointDisabledException'],
    ['ThrottledException', 'InternalErrorException', 'AuthorizationErrorException'],
    (error: Error) => {
      mockClient(SNSClient).on(PublishCommand).rejects(error);
      return snsMailer(new SNSClient({}), { by: 'sns', topicArn: 'arn:topic' });
    },
  ],
  [
    'an activity',
    ['RecipientRefused'],
    ['Error', 'States.Timeout'],
    ({ name, message: errorMessage }: Error) => {
      const text = JSON.stringify({ errorType: name, errorMessage });
      mockClient(LambdaClient)
        .on(InvokeCommand)
        .resolves({ FunctionError: 'Unhandled', Payload: Buffer.from(text) as never });
      return functionMailer(new LambdaClient({}), { by: 'function', functionName: 'Slack' });
    },
  ],
])('what %s refuses', (_by, permanent, passing, mailerThat) => {
  test.each(permanent)('with %s it refuses for good', async (name) => {
    await expect(mailerThat(named(name)).send(message)).rejects.toBeInstanceOf(RecipientRefused);
  });

  test.each(passing)('with %s may pass', async (name) => {
    await expect(mailerThat(named(name)).send(message)).rejects.not.toBeInstanceOf(RecipientRefused);
  });
});

test('a reason of a refusal is short and on one line', () => {
  expect(new RecipientRefused(`a\r\nb${'x'.repeat(1_000)}`).message).toMatch(/^a bx{297}$/);
});

test.each([
  ['Ann', true],
  ['channel #approvals', true],
  ['', false],
  ['a\r\nb', false],
])('names of any kind reach topics and activities: %j %s', (name, fits) => {
  const mailer = snsMailer(new SNSClient({}), { by: 'sns', topicArn: 'arn:topic' });
  expect(mailer.refusal(name) === undefined).toBe(fits);
});

describe('the pages’ colours', () => {
  const [light = '', dark = ''] = STYLE.split('prefers-color-scheme:dark');
  const read = (text: string) =>
    Object.fromEntries([...text.matchAll(/--([\w-]+):(#\w+)/g)].map(([, name, value]) => [name, value!]));
  const luminance = (colour: string): number => {
    const full = colour.length === 4 ? colour.replace(/\w/g, '$&$&') : colour;
    const [red, green, blue] = [1, 3, 5]
      .map((at) => Number.parseInt(full.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const contrast = (one: string, other: string): number => {
    const [brighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (brighter + 0.05) / (darker + 0.05);
  };

  test.each([
    ['light', read(light)],
    ['dark', { ...read(light), ...read(dark) }],
  ])('are readable: text 4.5 to 1, outlines 3 to 1, in %s', (_scheme, colours) => {
    const text: readonly [string, string][] = [
      ['ink', 'card'],
      ['soft', 'card'],
      ['no', 'card'],
      ['no', 'no-over'],
      ['ink', 'good'],
      ['ink', 'bad'],
      ['ink', 'calm'],
    ];
    for (const [one, other] of text) expect(contrast(colours[one]!, colours[other]!)).toBeGreaterThanOrEqual(4.5);
    for (const ground of ['yes', 'yes-over']) expect(contrast('#ffffff', colours[ground]!)).toBeGreaterThanOrEqual(4.5);
    for (const line of ['field', 'focus', 'no'])
      expect(contrast(colours[line]!, colours['card']!)).toBeGreaterThanOrEqual(3);
  });
});
