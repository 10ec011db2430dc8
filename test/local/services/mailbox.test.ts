import { findLinks, splitLinks } from '../../../lib/local/services/mailbox/links.js';
import { MailboxService, mailboxOf } from '../../../lib/local/services/mailbox/mailbox-service.js';
import { Loopback } from '../loopback.js';

describe('the mailbox', () => {
  let cloud: Loopback;
  const page = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${cloud.endpoint}${path}`, { redirect: 'manual', ...init });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  const deliver = (subject: string) =>
    mailboxOf(cloud).deliver({
      from: 'flow@example.com',
      to: ['"<b>Ann</b>" <ann@example.com>'],
      subject,
      text: 'Decide at https://a.example/x?y=1&z=2.\n<script>alert(1)</script>',
      html: '<script>alert(1)</script><a href="https://a.example/x">Decide</a>',
      sentAt: '2026-03-01T12:00:00.000Z',
    });

  beforeEach(async () => {
    cloud = await Loopback.start([(c) => new MailboxService(c)]);
  });
  afterEach(() => cloud.close());

  test('lists the newest mail first, escaped', async () => {
    expect((await page('/mailbox')).body).toContain('No mail yet.');
    deliver('first');
    deliver('second <img>');
    const { body } = await page('/mailbox');
    expect(body.indexOf('second &lt;img&gt;')).toBeLessThan(body.indexOf('first'));
    expect(body).not.toContain('<img');
    expect(body).toContain('&quot;&lt;b&gt;Ann&lt;/b&gt;&quot;');
  });

  test('shows a mail: its text with links, its HTML in a sandboxed frame, nothing of it run', async () => {
    const { id } = deliver('Approve?');
    const { body, headers, status } = await page(`/mailbox/${id}`);
    expect(status).toBe(200);
    expect(body).toContain('<a href="https://a.example/x?y=1&amp;z=2" target="_blank" rel="noopener noreferrer">');
    expect(body).toContain(`<iframe title="HTML part of the mail" src="/mailbox/${id}/html" sandbox="allow-popups`);
    expect(body).not.toContain('<script>');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const part = await page(`/mailbox/${id}/html`);
    expect(part.headers.get('content-security-policy')).toMatch(/^sandbox .*default-src 'none'/);
    expect(part.headers.get('content-security-policy')).not.toContain('allow-scripts');
    expect(part.body).toContain('<base target="_blank">');
  });

  test('gives the mails as JSON, and forgets them', async () => {
    const mail = deliver('one');
    expect(JSON.parse((await page('/mailbox/messages')).body)).toEqual([mail]);
    expect(JSON.parse((await page(`/mailbox/messages/${mail.id}`)).body)).toEqual(mail);
    expect((await page('/mailbox/messages', { method: 'DELETE' })).status).toBe(204);
    expect(JSON.parse((await page('/mailbox/messages')).body)).toEqual([]);
  });

  test('the button deletes all and leads back', async () => {
    deliver('one');
    const { status, headers } = await page('/mailbox/clear', { method: 'POST' });
    expect([status, headers.get('location')]).toEqual([303, '/mailbox']);
    expect(mailboxOf(cloud).list()).toEqual([]);
  });

  test.each([
    ['GET', '/mailbox/none', 404],
    ['GET', '/mailbox/none/html', 404],
    ['GET', '/mailbox/messages/none', 404],
    ['PUT', '/mailbox/messages', 405],
    ['DELETE', '/mailbox', 405],
  ])('%s %s is %d', async (method, path, status) => {
    expect((await page(path, { method })).status).toBe(status);
  });

  test('tells listeners until they stop', () => {
    const seen: string[] = [];
    const stop = mailboxOf(cloud).onMail(({ subject }) => seen.push(subject));
    deliver('one');
    stop();
    deliver('two');
    expect(seen).toEqual(['one']);
  });
});

test('links are found in HTML and text, once each, without what ends a sentence', () => {
  expect(
    findLinks({
      html: `<a href="https://a/?x=1&amp;y=2">a</a> <a HREF='http://b/&#39;'>b</a> <a href="javascript:x">c</a> <a href="/d">d</a>`,
      text: 'https://a/?x=1&y=2, (http://c/d). ftp://no',
    }),
  ).toEqual(['https://a/?x=1&y=2', "http://b/'", 'http://c/d']);
});

test('a text is cut at its links', () => {
  expect(splitLinks('go to http://a/b, or http://c')).toEqual(['go to ', 'http://a/b', ', or ', 'http://c', '']);
});
