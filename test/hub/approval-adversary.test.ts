import { randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { renderMail } from '../../lib/hub/approvals/render-mail.js';
import type { PageAnswer } from '../../lib/hub/html/page.js';
import { type ApprovalKit, createApprovals, type RequestOptions } from './approval-kit.js';
import { startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: ApprovalKit;
let token: string;
let link: string;

const ANN = 'ann@example.com';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const APPROVE: RequestOptions = { headers: FORM, body: 'decision=approve' };

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createApprovals(dynamo.client);
  token = await kit.ask({ approvers: [ANN, 'bob@example.com'] });
  link = kit.linkOf(ANN);
});

async function expectUndecided(): Promise<void> {
  const { Items = [] } = await dynamo.client.send(new ScanCommand({ TableName: kit.hub.settings.tableName }));
  for (const { approval } of Items) if (approval?.S !== undefined) expect(JSON.parse(approval.S).decisions).toEqual([]);
  expect(kit.answerTo(token)).toBeUndefined();
  expect(kit.steps).not.toContain('SendTaskSuccess');
}

function expectNothingLeaked({ body, headers, statusCode }: PageAnswer): void {
  expect(statusCode).not.toBe(500);
  const text = `${body} ${JSON.stringify(headers)}`;
  for (const secret of [
    'arn:aws',
    'token-',
    'instance#',
    'approval#',
    kit.hub.settings.tableName,
    'Exception',
    ' at ',
  ]) {
    // A page may say "on Sunday at 08:00": only a stack's lines are looked for.
    expect(secret === ' at ' ? / at \S+ \(/.test(text) : text.includes(secret)).toBe(false);
  }
}

describe('looking decides nothing', () => {
  const scanners: readonly [string, string, Readonly<Record<string, string>>][] = [
    ['a mail scanner', 'GET', { 'user-agent': 'Mozilla/5.0 (compatible; SafeLinks)' }],
    ['a link preview', 'GET', { 'user-agent': 'Slackbot-LinkExpanding 1.0' }],
    ['a prefetching browser', 'GET', { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' }],
    ['HEAD', 'HEAD', {}],
    ['OPTIONS', 'OPTIONS', { 'access-control-request-method': 'POST', origin: 'https://evil.example' }],
    ['GET with the fields of the form', 'GET', {}],
  ];
  test.each(scanners)('%s', async (_title, method, headers) => {
    for (let round = 0; round < 3; round++) {
      const answer = await kit.request(method, link, { headers });
      expect([200, 204]).toContain(answer.statusCode);
      expectNothingLeaked(answer);
    }
    await expectUndecided();
  });

  test('HEAD has the headers of GET and no body', async () => {
    const [head, get] = [await kit.request('HEAD', link), await kit.request('GET', link)];
    expect(head).toEqual({ ...get, body: '' });
    expect(get.body).toContain('<form method="post"');
  });

  test('OPTIONS lets no other site post', async () => {
    const { headers } = await kit.request('OPTIONS', link, { headers: { origin: 'https://evil.example' } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('every answer', () => {
  test.each([
    ['a page', 'GET', {}],
    ['a refused form', 'POST', {}],
    ['a wrong method', 'DELETE', {}],
    ['a redirect', 'POST', APPROVE],
  ] as const)('is neither cached, framed, referred nor scripted: %s', async (_title, method, options) => {
    const { headers } = await kit.request(method, link, options);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
    });
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(
      /default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'/,
    );
    expect(policy).not.toMatch(/unsafe|script|\*/);
  });

  test('the page needs no script', async () => {
    const { body } = await kit.request('GET', link);
    expect(body).not.toMatch(/<script|\son\w+=|javascript:|<iframe|<img|https?:\/\//i);
  });
});

describe('ids', () => {
  const wrong: readonly [string, (id: string) => string][] = [
    ['nothing', () => ''],
    ['truncated', (id) => id.slice(0, -1)],
    ['lengthened', (id) => `${id}A`],
    ['one bit changed', (id) => `${id[0] === 'A' ? 'B' : 'A'}${id.slice(1)}`],
    ['another case', (id) => id.replace(/[a-z]/, (sign) => sign.toUpperCase())],
    ['two joined', (id) => `${id}${id}`],
    ['halves swapped', (id) => id.slice(21) + id.slice(0, 21)],
    ['a wildcard', () => '*'],
    ['a path', () => '..%2F..%2Finstances%2Fone'],
    ['a key of the table', () => 'instance%23one'],
    ['a null byte', (id) => `${id}%00`],
    ['a space', (id) => `${id}%20`],
    ['a very long one', () => 'A'.repeat(10_000)],
    ['__proto__', () => '__proto__'],
    ['JSON', () => '{"S":"x"}'],
  ];
  test.each(wrong)('%s: 404, whatever the method', async (_title, change) => {
    const path = `/approvals/${change(link.slice('/approvals/'.length))}`;
    const pages = [await kit.request('GET', path), await kit.request('POST', path, APPROVE)];
    for (const page of pages) {
      expect(page.statusCode).toBe(404);
      expectNothingLeaked(page);
      expect(page.body).not.toContain('beach');
    }
    await expectUndecided();
  });

  test('10,000 random ids find nothing', async () => {
    const found = new Set<number>();
    for (let batch = 0; batch < 100; batch++) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () =>
          kit.request('POST', `/approvals/${randomBytes(32).toString('base64url')}`, APPROVE),
        ),
      );
      for (const { statusCode } of answers) found.add(statusCode);
    }
    expect([...found]).toEqual([404]);
    await expectUndecided();
  }, 60_000);

  test('an approver’s link decides for that approver only', async () => {
    await kit.decide(kit.linkOf('bob@example.com'), 'approve');
    expect(kit.answerTo(token)).toMatchObject({ decidedBy: 'bob@example.com' });
  });

  test('a link of another approval does not decide this one', async () => {
    const other = await kit.ask({}, { step: 'other' });
    await kit.decide(kit.linkOf(ANN), 'approve');
    expect(kit.answerTo(other)?.approved).toBe(true);
    expect(kit.answerTo(token)).toBeUndefined();
  });

  test('a decision that is sent again changes nothing', async () => {
    await kit.decide(link, 'reject', 'first');
    const before = kit.answerTo(token);
    for (const decision of ['approve', 'reject'] as const) {
      expect((await kit.decide(link, decision, 'again')).statusCode).toBe(409);
    }
    expect(kit.answerTo(token)).toEqual(before);
    expect(kit.steps.filter((step) => step === 'SendTaskSuccess')).toHaveLength(1);
  });
});

describe('requests that are not the form', () => {
  const refused: readonly [string, string, RequestOptions, number][] = [
    ['PUT', 'PUT', APPROVE, 405],
    ['DELETE', 'DELETE', {}, 405],
    ['PATCH', 'PATCH', APPROVE, 405],
    ['TRACE', 'TRACE', {}, 405],
    ['an unknown method', 'APPROVE', {}, 405],
    ['no body', 'POST', { headers: FORM }, 400],
    ['no content type', 'POST', { body: 'decision=approve' }, 415],
    ['JSON', 'POST', { headers: { 'content-type': 'application/json' }, body: '{"decision":"approve"}' }, 415],
    [
      'plain text, as a foreign form can send it',
      'POST',
      { headers: { 'content-type': 'text/plain' }, body: 'decision=approve' },
      415,
    ],
    ['multipart', 'POST', { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' }, 415],
    ['no decision', 'POST', { headers: FORM, body: 'comment=hi' }, 400],
    ['an empty decision', 'POST', { headers: FORM, body: 'decision=' }, 400],
    ['another decision', 'POST', { headers: FORM, body: 'decision=APPROVE' }, 400],
    ['two decisions', 'POST', { headers: FORM, body: 'decision=reject&decision=approve' }, 400],
    ['a foreign field', 'POST', { headers: FORM, body: 'decision=approve&by=eve%40example.com' }, 400],
    ['__proto__', 'POST', { headers: FORM, body: 'decision=approve&__proto__=x' }, 400],
    [
      'not even a form',
      'POST',
      { headers: FORM, body: Buffer.from([0xff, 0xfe, 0]).toString('base64'), base64: true },
      400,
    ],
    [
      'a comment of 1,001 characters',
      'POST',
      { headers: FORM, body: `decision=approve&comment=${'x'.repeat(1_001)}` },
      413,
    ],
    ['a comment of 5 MB', 'POST', { headers: FORM, body: `decision=approve&comment=${'x'.repeat(5_000_000)}` }, 413],
    ['a post from another site', 'POST', { ...APPROVE, headers: { ...FORM, 'sec-fetch-site': 'cross-site' } }, 403],
    ['a post from a sister site', 'POST', { ...APPROVE, headers: { ...FORM, 'sec-fetch-site': 'same-site' } }, 403],
    ['a post of another origin', 'POST', { ...APPROVE, headers: { ...FORM, origin: 'https://evil.example' } }, 403],
    ['a post of an origin that is none', 'POST', { ...APPROVE, headers: { ...FORM, origin: 'evil' } }, 403],
    [
      'a post of an origin that looks like ours',
      'POST',
      { ...APPROVE, headers: { ...FORM, origin: 'https://hub.example.evil.example' } },
      403,
    ],
  ];
  test.each(refused)('%s: refused', async (_title, method, options, status) => {
    const answer = await kit.request(method, link, options);
    expect(answer.statusCode).toBe(status);
    expectNothingLeaked(answer);
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD, POST, OPTIONS');
    await expectUndecided();
  });

  test.each([
    ['of the page in today’s browsers', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['of the page in older browsers, which send no referrer', { origin: 'null' }],
    ['with our origin', { origin: 'https://hub.example' }],
    ['of a script or a mail program', {}],
  ])('the form counts when it is %s', async (_title, headers) => {
    const answer = await kit.request('POST', link, { ...APPROVE, headers: { ...FORM, ...headers } });
    expect(answer.statusCode).toBe(303);
    expect(kit.answerTo(token)?.approved).toBe(true);
  });

  test('a body in base64 and a charset are the same form', async () => {
    const body = Buffer.from('decision=reject&comment=%C3%9Cber').toString('base64');
    const headers = { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' };
    await kit.request('POST', link, { headers, body, base64: true });
    expect(kit.answerTo(token)).toMatchObject({ approved: false, comment: 'Über' });
  });

  test('a comment of 1,000 characters counts, whatever line ends the browser sends', async () => {
    const comment = `${'x'.repeat(499)}\r\n${'y'.repeat(500)}`;
    await kit.decide(link, 'approve', comment);
    expect(kit.answerTo(token)?.comment).toHaveLength(1_000);
  });
});

describe('what workflows and people write', () => {
  const nasty = `</textarea></h1><script>alert(1)</script><img src=x onerror=alert(1)>"'&amp;{{link}}\u0000\u202e`;

  test('is escaped on every page and in the mail', async () => {
    await kit.ask(
      {
        subject: nasty,
        details: { [nasty]: nasty },
        requestedBy: nasty,
        approvers: [`o'b&"<i>@example.com`.replace(/["<>]/g, ''), ANN],
        quorum: 'all',
      },
      { step: 'nasty' },
    );
    const path = kit.linkOf(ANN);
    const pages = [(await kit.request('GET', path)).body];
    await kit.decide(path, 'approve', nasty);
    pages.push((await kit.request('GET', path)).body, (await kit.decide(path, 'reject')).body);
    pages.push((await kit.request('GET', kit.linkOf(`o'b&i@example.com`))).body);
    kit.advance(25 * 3_600_000);
    pages.push((await kit.request('GET', kit.linkOf(`o'b&i@example.com`))).body);
    pages.push(kit.mails.at(-1)?.html ?? '');
    expect(pages).toHaveLength(6);
    for (const page of pages) {
      for (const sign of ['<script', '<img', '\u0000', '\u202e']) expect(page).not.toContain(sign);
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.match(/<textarea/g)?.length ?? 0).toBe(page.match(/<\/textarea>/g)?.length ?? 0);
      expect(page.match(/<h1/g)).toHaveLength(1);
    }
  });

  test('no line break gets into a header of the mail', async () => {
    await kit.ask({ subject: 'Pay?\r\nBcc: eve@example.com\r\n\r\n<b>Hi</b>\u2028x' }, { step: 'headers' });
    expect(kit.mails.at(-1)?.subject).toBe('Pay? Bcc: eve@example.com <b>Hi</b> x');
  });

  test('a long subject is cut, by characters', async () => {
    await kit.ask({ subject: '🚀'.repeat(300) }, { step: 'long' });
    expect(kit.mails.at(-1)?.subject).toBe(`${'🚀'.repeat(199)}…`);
  });

  test('placeholders in values stay what they are', async () => {
    await kit.ask({ subject: 'Use {{link}} and {{approver}}' }, { step: 'template' });
    expect(kit.mails.at(-1)?.subject).toBe('Use {{link}} and {{approver}}');
  });

  test('templates of one’s own get escaped values', () => {
    const approval = {
      execution: 'one',
      orchestration: 'Publish',
      subject: 'A & B',
      details: { Why: '<b>' },
      requestedBy: null,
      approvers: [],
      needed: 1,
      rejectEarly: true,
      askedAt: 0,
      deadline: 0,
      decisions: [],
      mailed: [],
    };
    const mail = renderMail(
      { kind: 'request', idempotencyKey: 'k', approver: ANN, link: 'https://hub.example/x', approval },
      {
        request: {
          subject: '[{{ requestedBy }}] {{subject}}',
          html: '<i>{{subject}}</i>{{details}}<a href="{{link}}">',
        },
      },
    );
    expect(mail.subject).toBe('[Publish] A & B');
    expect(mail.html).toMatch(/^<i>A &amp; B<\/i><table.*Why<\/th>.*&lt;b&gt;.*<a href="https:\/\/hub.example\/x">$/);
    expect(mail.text).toContain('Why: <b>');
  });
});

test('when AWS fails, the page says so and asks to come back: no 500, no exception', async () => {
  const log = jest.spyOn(console, 'error').mockImplementation(() => {});
  kit.dieAfter(0);
  const answers = [await kit.request('GET', link), await kit.request('POST', link, APPROVE)];
  kit.revive();
  log.mockRestore();
  for (const answer of answers) {
    expect(answer.statusCode).toBe(503);
    expectNothingLeaked(answer);
  }
  await expectUndecided();
});
