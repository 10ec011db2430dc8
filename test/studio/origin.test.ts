import { request } from 'node:http';
import { closeAll, startApp } from '../local/local-app.js';
import { begin, startStudioApp } from './studio-app.js';

afterEach(closeAll);

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request that may lie about where it comes from. `PORT` in a header is the cloud's own. */
function ask(endpoint: string, { method = 'GET', path = '/', headers = {}, body = '' }: Asked) {
  const { port } = new URL(endpoint);
  const given = Object.fromEntries(
    Object.entries({ host: `localhost:${port}`, ...headers }).map(([name, value]) => [
      name,
      value.replace('PORT', port),
    ]),
  );
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers: given }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => {
        text += chunk;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const tokenIn = (page: string): string => /studio-token" content="([^"]+)"/.exec(page)?.[1] ?? '';

describe('Studio’s origin', () => {
  test('is localhost with the port: a browser at 127.0.0.1 is sent there, and nothing of Studio answers elsewhere', async () => {
    const { endpoint } = await startApp({});
    const { port } = new URL(endpoint);
    const navigation = { host: '127.0.0.1:PORT', 'sec-fetch-mode': 'navigate' };
    expect(await ask(endpoint, { headers: navigation })).toMatchObject({
      status: 302,
      headers: { location: `http://localhost:${port}/` },
    });
    for (const host of ['127.0.0.1:PORT', 'localhost:1', 'app.localhost:PORT', 'localhost'])
      expect((await ask(endpoint, { path: '/studio/config', headers: { host } })).status).toBe(421);
    expect((await ask(endpoint, { path: '/studio/config', headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await ask(endpoint, { path: '/studio/config' })).status).toBe(200);
  });

  test('is not shared with the app: its pages are shown on 127.0.0.1', async () => {
    const { endpoint } = await startApp({});
    const { port } = new URL(endpoint);
    const path = '/apis/abc/page?a=1&b=%20';
    const shown: readonly Record<string, string>[] = [{ 'sec-fetch-mode': 'navigate' }, { accept: 'text/html,*/*' }];
    for (const headers of shown) {
      const { status, headers: answer } = await ask(endpoint, { path, headers });
      expect([status, answer['location']]).toEqual([307, `http://127.0.0.1:${port}/apis/abc/page?a=1&b=+`]);
    }
    const others: readonly Record<string, string>[] = [{}, { host: '127.0.0.1:PORT', 'sec-fetch-mode': 'navigate' }];
    for (const headers of others) expect((await ask(endpoint, { path, headers })).status).toBe(404);
  });

  test.each([
    ['a page on another port', { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' }],
    ['a page at another name of this machine', { origin: 'http://127.0.0.1:PORT' }],
    ['a page at a subdomain', { origin: 'http://app.localhost:PORT' }],
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['a same-site script without an origin', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
    ['a cross-site form', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('%s may neither write nor clear the mailbox', async (_, headers) => {
    const { endpoint } = await startApp({});
    const token = tokenIn((await ask(endpoint, {})).body);
    const path = '/studio/orchestrations/Orders/start';
    const written = await ask(endpoint, { method: 'POST', path, headers: { ...headers, 'x-studio-token': token } });
    expect(written.status).toBe(403);
    expect((await ask(endpoint, { method: 'POST', path: '/mailbox/clear', headers })).status).toBe(403);
  });

  test('a write needs the token of this start', async () => {
    const { endpoint } = await startStudioApp();
    const token = tokenIn((await ask(endpoint, {})).body);
    const path = '/studio/orchestrations/Charges/start';
    const own = { origin: 'http://localhost:PORT', 'sec-fetch-site': 'same-origin' };
    const status = async (headers: Record<string, string>) =>
      (await ask(endpoint, { method: 'POST', path, headers: { ...own, ...headers }, body: '{"input":{}}' })).status;
    expect(token).toHaveLength(32);
    expect(await status({})).toBe(403);
    expect(await status({ 'x-studio-token': `${token.slice(1)}x` })).toBe(403);
    expect(await status({ 'x-studio-token': token })).toBe(200);
  });

  test('every answer forbids inline code, framing and sniffing', async () => {
    const { endpoint } = await startStudioApp();
    for (const path of ['/', '/studio/config', '/studio/assets/studio.js', '/studio/nothing']) {
      const { headers } = await ask(endpoint, { path });
      expect(headers['content-security-policy']).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
      });
    }
  });

  test('a task token leaves in no answer', async () => {
    const token = 'WyJhcm46';
    const cloud = await startStudioApp();
    const whole = `${token}${'a'.repeat(60)}==`;
    const key = begin(cloud, 'Charges', 'secret', { nested: [{ token: `before ${whole} after` }] });
    await cloud.visitorsLeft();
    const path = `/studio/instances/${encodeURIComponent(key)}`;
    const answers = await Promise.all(
      ['', '/events', '/events/1/data', '/events/2/data', '/logs'].map((rest) =>
        ask(cloud.endpoint, { path: `${path}${rest}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.filter(({ body }) => body.includes(token))).toEqual([]);
    expect(answers[0]?.body).toContain('before (task token) after');
  });
});
