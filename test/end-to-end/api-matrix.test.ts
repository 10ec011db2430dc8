import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { API_PERMISSIONS, type ApiPermission, HUB_ROUTES, type HubOperation } from '../../lib/contract/hub-http.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';

jest.setTimeout(180_000);

const ISSUER = 'https://issuer.example';
const PEOPLE = ['ann', 'bob', 'starter', 'reader', 'signaler', 'operator', 'purger', 'nobody'] as const;
type Person = (typeof PEOPLE)[number];
/** What each may do; everything, for `ann` and `bob`. */
const MAY: Readonly<Record<Person, readonly ApiPermission[]>> = {
  ann: API_PERMISSIONS,
  bob: API_PERMISSIONS,
  starter: ['start'],
  reader: ['read'],
  signaler: ['signal'],
  operator: ['operate'],
  purger: ['purge'],
  nobody: [],
};
const AUTHS = ['Iam', 'Jwt', 'ApiKey'] as const;
type Mode = (typeof AUTHS)[number];

/** One hub with `named` and `hidden`, an API for each auth that names the one and lets instances belong to who started them, and an API without auth for everything. */
function synthesize(outdir: string): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Matrix');
  const hub = new TaskHub(stack, 'Hub');
  const machine = (id: string) => {
    const definition = '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}';
    const stateMachine = new sfn.StateMachine(stack, id, {
      definitionBody: sfn.DefinitionBody.fromString(definition),
    });
    hub.addOrchestration({ name: id, stateMachine });
    return { stateMachine };
  };
  const [named, hidden] = [machine('Named'), machine('Hidden')];
  const shared = { hub, orchestrations: { named }, owner: 'subject' } as const;
  const iam = new AsyncHttpApi(stack, 'Iam', { ...shared, auth: ApiAuth.iam() });
  const scopes = Object.fromEntries(API_PERMISSIONS.map((permission) => [permission, [`jobs/${permission}`]]));
  new AsyncHttpApi(stack, 'Jwt', {
    ...shared,
    auth: ApiAuth.jwt({ issuer: ISSUER, audience: ['jobs'], scopes }),
  });
  const keys = PEOPLE.map((name) => ({ name, sha256: ApiAuth.digestOf(`key of ${name}`), permissions: MAY[name] }));
  new AsyncHttpApi(stack, 'ApiKey', { ...shared, auth: ApiAuth.apiKey({ keys }) });
  new AsyncHttpApi(stack, 'None', { hub, orchestrations: { named, hidden }, auth: ApiAuth.none(), reach: 'hub' });
  for (const name of PEOPLE) {
    const fn = new lambda.Function(stack, name, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => process.env.AWS_ACCESS_KEY_ID;'),
    });
    iam.grant(fn, ...MAY[name]);
  }
  app.synth();
}

const jwt = (name: Person): string => {
  const scope = MAY[name].map((permission) => `jobs/${permission}`).join(' ');
  const claims = { iss: ISSUER, aud: 'jobs', exp: Date.now() / 1000 + 3600, sub: name, scope };
  return ['{"alg":"none"}', JSON.stringify(claims), ''].map((one) => Buffer.from(one).toString('base64url')).join('.');
};

/** The status of what succeeds, by operation. */
const GOOD: Readonly<Record<HubOperation, number>> = {
  startInstance: 202,
  startInstanceWithId: 202,
  getInstance: 200,
  listInstances: 200,
  raiseEvent: 202,
  terminateInstance: 202,
  rewindInstance: 410,
  restartInstance: 202,
  purgeInstance: 200,
  purgeInstances: 200,
  describeApi: 200,
};

describe('who may do what, on the local cloud with IAM enforced', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-matrix-'));
  const keyIds: Partial<Record<Person, string>> = {};
  let cloud: LocalCloud;
  let addresses: Readonly<Record<string, string>>;
  let ids = 0;

  beforeAll(async () => {
    synthesize(directory);
    cloud = await LocalCloud.load(directory, { onWarning: () => {} });
    addresses = cloud.listen().apis;
    for (const name of PEOPLE) {
      const arn = cloud.assembly.resources.find(({ path }) => path === `Matrix/${name}`)?.attribute('Arn');
      const { payload } = await cloud.functions.invoke(String(arn), { payload: '{}' });
      keyIds[name] = JSON.parse(payload);
    }
  });
  afterAll(async () => {
    await cloud.close();
    rmSync(directory, { recursive: true });
  });

  const credentials = (mode: Mode, who: Person): Record<string, string> => {
    if (mode === 'Jwt') return { authorization: `Bearer ${jwt(who)}` };
    if (mode === 'ApiKey') return { 'x-api-key': `key of ${who}` };
    const credential = `${keyIds[who]}/20260101/us-east-1/execute-api/aws4_request`;
    return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0` };
  };
  const send = async (mode: Mode | 'None', who: Person, method: string, route: string) => {
    const headers = mode === 'None' ? {} : credentials(mode, who);
    const body = method === 'POST' ? { body: '"treasure"' } : {};
    const answer = await fetch(`${addresses[mode]}${route}`, { method, headers, ...body });
    return { status: answer.status, text: await answer.text() };
  };
  /** An instance that ann started, live or finished; or one of an orchestration that the API doesn't name. */
  const prepare = async (mode: Mode, kind: 'named' | 'hidden', live: boolean): Promise<string> => {
    const id = `i${++ids}`;
    const started =
      kind === 'named'
        ? await send(mode, 'ann', 'POST', `/orchestrations/named/${id}`)
        : await send('None', 'ann', 'POST', `/orchestrations/hidden/${id}`);
    expect(started.status).toBe(202);
    if (live) return id;
    expect((await send('None', 'ann', 'POST', `/instances/${id}/terminate?reason=over`)).status).toBe(202);
    expect((await send('None', 'ann', 'GET', `/instances/${id}?waitForCompletion=20`)).status).toBe(200);
    return id;
  };
  const routeOf = (operation: HubOperation, id: string, orchestration: string) => {
    const { method, path: template } = HUB_ROUTES.find((route) => route.operation === operation)!;
    const route = template
      .replace('{name}', orchestration)
      .replace(/\{instanceId\+?\}/, operation === 'startInstanceWithId' ? `new${++ids}` : id)
      .replace('{eventName}', 'go');
    return [method, operation === 'purgeInstances' ? `${route}?createdTimeFrom=2000-01-01` : route] as const;
  };
  const needsLive = (operation: HubOperation) => operation === 'raiseEvent' || operation === 'terminateInstance';
  const operations = HUB_ROUTES.map(({ operation }) => operation);

  describe.each(AUTHS)('by %s', (mode) => {
    test.each(operations)('%s: its owner may, and nobody else, and nothing that isn’t named', async (operation) => {
      const live = needsLive(operation);
      const named = await prepare(mode, 'named', live);
      const hidden = await prepare(mode, 'hidden', live);
      const others = await send(mode, 'bob', ...routeOf(operation, named, 'named'));
      const own = await send(mode, 'ann', ...routeOf(operation, named, 'named'));
      const unnamed = await send(mode, 'ann', ...routeOf(operation, hidden, 'hidden'));
      const ofInstance = !['startInstance', 'startInstanceWithId', 'listInstances', 'describeApi'].includes(operation);
      expect(own.status).toBe(GOOD[operation]);
      if (operation === 'describeApi') return;
      if (operation === 'purgeInstances') {
        // Both find instances of their own only: bob none, ann hers, and neither the hidden one.
        expect([others.status, (await send('None', 'ann', 'GET', `/instances/${hidden}`)).status]).toEqual([404, 200]);
        return;
      }
      if (operation === 'listInstances') {
        const listed = (text: string) => (JSON.parse(text) as { instanceId: string }[]).map((one) => one.instanceId);
        expect(listed(own.text)).toContain(named);
        expect(listed(own.text)).not.toContain(hidden);
        expect(listed(others.text)).not.toContain(named);
        return;
      }
      expect([others.status, unnamed.status]).toEqual(ofInstance ? [404, 404] : [GOOD[operation], 404]);
    });

    test.each(operations)('%s takes its permission, and no other will do', async (operation) => {
      const needed = HUB_ROUTES.find((route) => route.operation === operation)?.permission;
      const id = await prepare(mode, 'named', needsLive(operation));
      for (const who of ['starter', 'reader', 'signaler', 'operator', 'purger', 'nobody'] as const) {
        const { status } = await send(mode, who, ...routeOf(operation, id, 'named'));
        const may = needed === undefined || MAY[who].includes(needed);
        expect([who, status === 403]).toEqual([who, !may]);
      }
    });

    test('another’s id is taken, and nothing is told of it', async () => {
      const id = await prepare(mode, 'named', true);
      const answer = await send(mode, 'bob', 'POST', `/orchestrations/named/${id}`);
      expect([answer.status, answer.text.includes('Running')]).toEqual([409, false]);
    });
  });
});
