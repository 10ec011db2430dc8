import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Browser } from 'playwright-core';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { signedHeaders } from '../local/signed-request.js';
import { describeInBrowser, launchBrowser } from './browser.js';

jest.setTimeout(120_000);

const SHOP = 'https://shop.example';
const AUTHS = {
  None: ApiAuth.none(),
  Iam: ApiAuth.iam(),
  Jwt: ApiAuth.jwt({ issuer: 'https://issuer.example', audience: ['shop'], scopes: ['run'] }),
  ApiKey: ApiAuth.apiKey({ sha256: [ApiAuth.digestOf('good'), ApiAuth.digestOf('next')] }),
} as const;
type Mode = keyof typeof AUTHS;

function synthesize(outdir: string, origin: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Doors');
  const hub = new TaskHub(stack, 'Hub');
  const stateMachine = new sfn.StateMachine(stack, 'Echo', {
    definitionBody: sfn.DefinitionBody.fromString('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'),
  });
  hub.addOrchestration({ name: 'Echo', stateMachine });
  for (const [id, auth] of Object.entries(AUTHS)) {
    new AsyncHttpApi(stack, id, { hub, auth, cors: { origins: [origin] }, orchestrations: { echo: { stateMachine } } });
  }
  app.synth();
}

const claims = { iss: 'https://issuer.example', aud: 'shop', exp: Date.now() / 1000 + 3600, scope: 'run' };

function token(claims: object): { readonly authorization: string } {
  const parts = ['{"alg":"none"}', JSON.stringify(claims), ''];
  return { authorization: `Bearer ${parts.map((one) => Buffer.from(one).toString('base64url')).join('.')}` };
}

describe('on the local cloud, with IAM enforced', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-doors-'));
  const warnings: string[] = [];
  let cloud: LocalCloud;
  let addresses: Readonly<Record<string, string>>;
  beforeAll(async () => {
    synthesize(directory, SHOP);
    cloud = await LocalCloud.load(directory, { onWarning: (line) => warnings.push(line) });
    addresses = cloud.listen().apis;
  });
  afterAll(async () => {
    await cloud.close();
    rmSync(directory, { recursive: true });
  });
  const addressOf = (mode: Mode): string => addresses[mode] ?? '';
  const statusOf = async (mode: Mode, headers: Record<string, string>): Promise<number> =>
    (await fetch(`${addressOf(mode)}/openapi.json`, { headers })).status;

  test.each<[Mode, string, number, () => Record<string, string> | Promise<Record<string, string>>]>([
    ['None', 'nothing', 200, () => ({})],
    ['Iam', 'a signature', 200, () => signedHeaders(`${addressOf('Iam')}/openapi.json`, 'developer')],
    ['Iam', 'nothing', 403, () => ({})],
    ['Jwt', 'a token', 200, () => token(claims)],
    ['Jwt', 'nothing', 401, () => ({})],
    ['Jwt', 'a token for others', 401, () => token({ ...claims, aud: 'other' })],
    ['Jwt', 'a token without the scope', 403, () => token({ ...claims, scope: 'read' })],
    ['ApiKey', 'a key', 200, () => ({ 'x-api-key': 'good' })],
    ['ApiKey', 'the other key', 200, () => ({ 'x-api-key': 'next' })],
    ['ApiKey', 'nothing', 401, () => ({})],
    ['ApiKey', 'a wrong key', 403, () => ({ 'x-api-key': 'bad' })],
  ])('auth by %s answers %s with %d', async (mode, _, status, credentials) => {
    expect(await statusOf(mode, await credentials())).toBe(status);
    expect(warnings).toEqual([]);
  });

  test.each<Mode>(['None', 'Iam', 'Jwt', 'ApiKey'])(
    'auth by %s lets the browser of an allowed page ask for permission, and nothing else',
    async (mode) => {
      const ask = (origin: string, headers: Record<string, string>) =>
        fetch(`${addressOf(mode)}/orchestrations/echo`, { method: 'OPTIONS', headers: { origin, ...headers } });
      const question = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' };
      const allowed = await ask(SHOP, question);
      expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, SHOP]);
      expect(allowed.headers.get('access-control-allow-methods')).toBe('GET,POST,DELETE');
      expect(allowed.headers.get('access-control-allow-headers')).toContain('x-api-key');
      const foreign = await ask('https://evil.example', question);
      expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([204, null]);
      expect((await ask(SHOP, {})).status).toBe(405);
    },
  );
});

describeInBrowser('a page of another origin, in a browser', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-doors-'));
  let shop: Server;
  let stranger: Server;
  let cloud: LocalCloud;
  let browser: Browser;
  let addresses: Readonly<Record<string, string>>;
  beforeAll(async () => {
    [shop, stranger] = [await servePage(), await servePage()];
    synthesize(directory, originOf(shop));
    cloud = await LocalCloud.load(directory);
    addresses = cloud.listen().apis;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await cloud.close();
    for (const server of [shop, stranger]) server.close();
    rmSync(directory, { recursive: true });
  });

  /** What a script of the page gets: a status, or no answer at all. */
  async function ask(from: Server, url: string, method: string, headers: Record<string, string>): Promise<unknown> {
    const page = await browser.newPage();
    try {
      await page.goto(originOf(from));
      const body = method === 'POST' ? '{}' : undefined;
      return await page.evaluate(
        ([address, options]) =>
          fetch(address, options).then(
            ({ status }) => status,
            () => 'no answer',
          ),
        [url, { method, headers, ...(body === undefined ? {} : { body }) }] as const,
      );
    } finally {
      await page.close();
    }
  }

  const type = { 'content-type': 'application/json' };
  const modes: readonly [Mode, (url: string) => Promise<Record<string, string>>, number][] = [
    ['None', async () => ({}), 202],
    ['Jwt', async () => token(claims), 401],
    ['ApiKey', async () => ({ 'x-api-key': 'good' }), 401],
    [
      'Iam',
      async (url) => {
        // The browser sets the host itself.
        const { host: _, ...headers } = await signedHeaders(url, 'developer');
        return headers;
      },
      403,
    ],
  ];

  test.each(modes)(
    'auth by %s: an allowed page starts and reads, with credentials only; another gets no answer',
    async (mode, credentials, without) => {
      const base = addresses[mode] ?? '';
      const start = `${base}/orchestrations/echo`;
      const read = `${base}/openapi.json`;
      expect(await ask(shop, start, 'POST', { ...type, ...(await credentials(start)) })).toBe(202);
      expect(await ask(shop, read, 'GET', await credentials(read))).toBe(200);
      expect(await ask(shop, start, 'POST', type)).toBe(without);
      expect(await ask(stranger, start, 'POST', { ...type, ...(await credentials(start)) })).toBe('no answer');
      expect(await ask(stranger, read, 'GET', await credentials(read))).toBe('no answer');
    },
  );
});

async function servePage(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A shop</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function originOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
