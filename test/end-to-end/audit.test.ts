import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { AuditEntry } from '../../lib/hub/audit.js';
import { ApiAuth, AsyncHttpApi, HumanApproval, Mail, TaskHub } from '../../lib/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

class AuditStack extends Stack {
  readonly hub = new TaskHub(this, 'Hub', {
    mail: Mail.ses({ from: 'workflows@example.com' }),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  readonly publish = new HumanApproval<unknown>(this, 'Publish', {
    hub: this.hub,
    approvers: ['ann@example.com'],
    subject: 'Publish?',
    timeout: Duration.days(1),
  });
  readonly api = new AsyncHttpApi(this, 'Api', {
    hub: this.hub,
    auth: ApiAuth.apiKey({
      keys: ['shop', 'operator'].map((name) => ({ name, sha256: ApiAuth.digestOf(`key of ${name}`) })),
    }),
    orchestrations: { publish: this.publish },
  });
}

test('who did what to which instance stands in the log, with what came of it and nothing that was sent', async () => {
  const stack = new AuditStack(new App(), 'Audit');
  const env = await TestEnvironment.create(stack);
  const printed: string[] = [];
  const off = env.cloud.functions.onLog((_call, text) => printed.push(...text.split('\n')));
  try {
    const api = env.api(stack.api.httpApi);
    const as = (name: string) => ({ headers: { 'x-api-key': `key of ${name}` } });
    await api.post('/orchestrations/publish/a', { secret: 'treasure' }, as('shop'));
    await env.advance({ seconds: 1 });
    await (await env.mail()).approve({ comment: 'treasure' });
    await api.post('/instances/a/raiseEvent/paid', { secret: 'treasure' }, as('shop'));
    await api.post('/orchestrations/publish/b', null, as('shop'));
    await api.post('/instances/b/terminate?reason=treasure', undefined, as('operator'));
    await api.post('/instances/unknown/restart', undefined, as('operator'));
    await api.get('/instances/b', as('operator'));
    await api.delete('/instances/a', as('operator'));
    await api.delete('/instances/b', as('nobody'));
    const entries = printed
      .filter((line) => line.startsWith('{"level":"INFO","audit":'))
      .map((line) => (JSON.parse(line) as { readonly audit: AuditEntry }).audit);
    expect(entries).toEqual([
      {
        operation: 'startInstanceWithId',
        subject: 'key:shop',
        object: { name: 'publish', instanceId: 'a' },
        result: { status: 202, id: 'a' },
      },
      {
        operation: 'decideApproval',
        subject: 'approver:ann@example.com',
        object: { stateMachine: stack.hub.machineNameOf(stack.publish.stateMachine), execution: 'a' },
        result: { decision: 'approved', counts: 'yes' },
      },
      {
        operation: 'raiseEvent',
        subject: 'key:shop',
        object: { instanceId: 'a', eventName: 'paid' },
        result: { status: 410, error: 'InstanceFinished' },
      },
      expect.objectContaining({ operation: 'startInstanceWithId', subject: 'key:shop' }),
      {
        operation: 'terminateInstance',
        subject: 'key:operator',
        object: { instanceId: 'b' },
        result: { status: 202 },
      },
      {
        operation: 'restartInstance',
        subject: 'key:operator',
        object: { instanceId: 'unknown' },
        result: { status: 404, error: 'InstanceNotFound' },
      },
      {
        operation: 'purgeInstance',
        subject: 'key:operator',
        object: { instanceId: 'a' },
        result: { status: 200, instancesDeleted: 1 },
      },
    ]);
    expect(printed.filter((line) => line.includes('treasure'))).toEqual([]);
  } finally {
    off();
    await env.close();
  }
});

test.each([
  ['iam', ApiAuth.iam(), { subject: '$context.identity.userArn' }],
  [
    'jwt',
    ApiAuth.jwt({ issuer: 'https://issuer.example', audience: ['jobs'] }),
    { subject: '$context.authorizer.claims.sub', issuer: '$context.authorizer.claims.iss' },
  ],
  ['apiKey', ApiAuth.apiKey({ sha256: [ApiAuth.digestOf('key')] }), { subject: '$context.authorizer.name' }],
  ['none', ApiAuth.none(), {}],
] as const)('the access log of an API by %s is JSON, and says who asked for which path', (_kind, auth, subject) => {
  const stack = new Stack(new App(), 'Log');
  new AsyncHttpApi(stack, 'Api', { hub: new TaskHub(stack, 'Hub'), auth, orchestrations: {} });
  const [stage] = Object.values(Template.fromStack(stack).findResources('AWS::ApiGatewayV2::Stage'));
  const format = JSON.parse(stage!['Properties'].AccessLogSettings.Format) as Readonly<Record<string, string>>;
  expect(format).toMatchObject({ path: '$context.path', routeKey: '$context.routeKey', ...subject });
  expect(Object.values(format).filter((one) => /body|header|query|secret/i.test(one))).toEqual([]);
});
