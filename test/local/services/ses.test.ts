import { BadRequestException, MessageRejected, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { DEVELOPER, ServiceError } from '../../../lib/local/cloud/service.js';
import { MailboxService, mailboxOf } from '../../../lib/local/services/mailbox/mailbox-service.js';
import { SesService } from '../../../lib/local/services/ses/service.js';
import { Loopback, type LoopbackOptions, resource } from '../loopback.js';

const IDENTITY = 'arn:aws:ses:us-east-1:123456789012:identity';

describe('SES', () => {
  let cloud: Loopback;
  let client: SESv2Client;
  const start = async (identities: readonly string[] = [], options: LoopbackOptions = {}) => {
    const resources = identities.map((one, n) =>
      resource('AWS::SES::EmailIdentity', `Id${n}`, { EmailIdentity: one }, { ref: one }),
    );
    cloud = await Loopback.start([(c) => new SesService(c), (c) => new MailboxService(c)], resources, options);
    client = new SESv2Client(cloud.client());
  };
  const mails = () => mailboxOf(cloud).list();
  const simple = (more: Partial<ConstructorParameters<typeof SendEmailCommand>[0]> = {}) =>
    new SendEmailCommand({
      FromEmailAddress: 'Flow <workflows@example.com>',
      Destination: { ToAddresses: ['ann@example.com'], CcAddresses: ['bob@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: 'Approve “it”?' },
          Body: {
            Text: { Data: 'See http://127.0.0.1/a?b=1&c=2.' },
            Html: { Data: '<a href="http://127.0.0.1/a?b=1&amp;c=2">Decide</a>' },
          },
        },
      },
      ...more,
    });
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  test('v2 SendEmail puts a simple mail into the mailbox, with its links', async () => {
    await start();
    expect((await client.send(simple())).MessageId).toMatch(/^[\w-]{36}-000000$/);
    expect(mails()).toEqual([
      {
        id: expect.any(String),
        from: 'Flow <workflows@example.com>',
        to: ['ann@example.com', 'bob@example.com'],
        subject: 'Approve “it”?',
        text: 'See http://127.0.0.1/a?b=1&c=2.',
        html: '<a href="http://127.0.0.1/a?b=1&amp;c=2">Decide</a>',
        links: ['http://127.0.0.1/a?b=1&c=2'],
        sentAt: '2026-03-01T12:00:00.000Z',
      },
    ]);
    expect(cloud.notices).toEqual([
      'Mail to ann@example.com, bob@example.com: Approve “it”?\n  http://127.0.0.1/a?b=1&c=2',
    ]);
  });

  test('v2 SendEmail reads a raw MIME mail', async () => {
    await start();
    const raw = [
      'From: =?utf-8?Q?J=C3=BCrgen?= <workflows@example.com>',
      'To: "Doe, Ann" <ann@example.com>,',
      ' bob@example.com',
      'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
      'Content-Type: multipart/mixed; boundary="outer"',
      '',
      '--outer',
      'Content-Type: multipart/alternative; boundary=inner',
      '',
      '--inner',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'H=C3=A9llo =',
      'there',
      '--inner',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('<p>Hé</p>').toString('base64'),
      '--inner--',
      '--outer',
      'Content-Type: text/plain',
      'Content-Disposition: attachment; filename=a.txt',
      '',
      'attached',
      '--outer--',
    ].join('\r\n');
    await client.send(new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(raw) } } }));
    expect(mails()[0]).toMatchObject({
      from: 'Jürgen <workflows@example.com>',
      to: ['"Doe, Ann" <ann@example.com>', 'bob@example.com'],
      subject: 'Grüße',
      text: 'Héllo there',
      html: '<p>Hé</p>',
    });
    expect(cloud.accesses[0]).toMatchObject({ action: 'ses:SendRawEmail' });
  });

  test('v1 SendEmail speaks the query protocol', async () => {
    await start();
    const body = new URLSearchParams({
      Action: 'SendEmail',
      Version: '2010-12-01',
      Source: 'workflows@example.com',
      'Destination.ToAddresses.member.1': 'ann@example.com',
      'Destination.ToAddresses.member.2': 'bob@example.com',
      'Message.Subject.Data': 'Hi & bye',
      'Message.Body.Text.Data': 'Text',
    });
    const authorization =
      'AWS4-HMAC-SHA256 Credential=x/20260301/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0';
    const send = (more: URLSearchParams) =>
      fetch(cloud.endpoint, { method: 'POST', headers: { authorization }, body: more });
    const response = await send(body);
    expect(await response.text()).toMatch(
      /^<SendEmailResponse .*<SendEmailResult><MessageId>.+<\/MessageId><\/SendEmailResult>/,
    );
    expect(mails()[0]).toMatchObject({ to: ['ann@example.com', 'bob@example.com'], subject: 'Hi & bye', text: 'Text' });
    const refused = await send(new URLSearchParams({ Action: 'SendTemplatedEmail' }));
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining('<Code>UnsupportedOperation</Code>'),
    ]);
  });

  test.each([
    ['a template', { Content: { Template: { TemplateName: 't' } } }, 'sends Simple and Raw content, not Template'],
    ['no recipient', { Destination: {} }, 'at least one recipient'],
    ['a malformed recipient', { Destination: { ToAddresses: ['a@b\r\nBcc: c@d.e'] } }, 'Malformed recipient address'],
    ['more than 50 recipients', { Destination: { ToAddresses: Array(51).fill('a@b.c') } }, 'exceeds 50'],
  ])('%s is refused', async (_, more, message) => {
    await start();
    const error: unknown = await client.send(simple(more)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(BadRequestException);
    expect((error as Error).message).toContain(message);
    expect(mails()).toEqual([]);
  });

  test('a sender that is none of the template’s identities is rejected', async () => {
    await start(['other.example', 'workflows@example.com']);
    await client.send(simple());
    await client.send(simple({ FromEmailAddress: 'any@other.example' }));
    await expect(client.send(simple({ FromEmailAddress: 'x@example.com' }))).rejects.toBeInstanceOf(MessageRejected);
    expect(mails()).toHaveLength(2);
  });

  test('a grant on the domain is enough, one on neither is not', async () => {
    const granted = new Set([`${IDENTITY}/example.com`]);
    await start([], {
      authorize({ resource: on }) {
        if (!granted.has(on)) throw new ServiceError('AccessDeniedException', on);
      },
    });
    await client.send(simple());
    granted.clear();
    await expect(client.send(simple())).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${IDENTITY}/workflows@example.com`,
    });
  });

  test("a state machine's integration sends by either API", async () => {
    await start();
    const service = cloud.tryService('sesv2');
    const v1 = {
      Source: 'a@b.c',
      Destination: { ToAddresses: ['d@e.f'] },
      Message: { Subject: { Data: 'S' }, Body: { Text: { Data: 'T' } } },
    };
    const v2 = { FromEmailAddress: 'a@b.c', Destination: { ToAddresses: ['d@e.f'] }, Content: { Simple: v1.Message } };
    expect(await service?.api?.call('sendEmail', v1, DEVELOPER)).toEqual({ MessageId: expect.any(String) });
    expect(await service?.api?.call('sendEmail', v2, DEVELOPER)).toEqual({ MessageId: expect.any(String) });
    expect(mails()).toHaveLength(2);
    expect(service?.api?.supports('sendBulkEmail')).toBe("the local cloud doesn't run ses:sendBulkEmail");
  });
});
