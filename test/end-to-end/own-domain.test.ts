import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ApiAuth, AsyncHttpApi, HumanApproval, Mail, TaskHub } from '../../lib/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

/** Approval pages at a domain's root, an API below a path of the same domain. */
class DomainStack extends Stack {
  readonly domain = new DomainName(this, 'Domain', {
    domainName: 'flows.example.com',
    certificate: new Certificate(this, 'Certificate', { domainName: 'flows.example.com' }),
  });
  readonly hub = new TaskHub(this, 'Hub', {
    mail: Mail.ses({ from: 'workflows@example.com' }),
    approvalDomain: { domainName: this.domain },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  readonly publish = new HumanApproval<{ readonly title: string }>(this, 'Publish', {
    hub: this.hub,
    approvers: ['ann@example.com'],
    subject: 'Publish?',
    timeout: Duration.days(1),
  });
  readonly api = new AsyncHttpApi(this, 'Api', {
    hub: this.hub,
    auth: ApiAuth.apiKey({ keys: [{ name: 'shop', sha256: ApiAuth.digestOf('s3cret') }] }),
    orchestrations: { publish: this.publish },
    domain: { domainName: this.domain, mappingKey: 'api' },
  });
}

const KEY = { headers: { 'x-api-key': 's3cret' } };

test('API Gateway’s own addresses are shut where a domain leads', () => {
  const stack = new DomainStack(new App(), 'Shut');
  const template = Template.fromStack(stack);
  const apis = Object.values(template.findResources('AWS::ApiGatewayV2::Api'));
  expect(apis.map(({ Properties }) => Properties.DisableExecuteApiEndpoint)).toEqual([true, true]);
  template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { ApiMappingKey: 'api', Stage: '$default' });
  template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { ApiMappingKey: Match.absent() });
});

test('links lead to the domain, which the local cloud answers for', async () => {
  const stack = new DomainStack(new App(), 'Local');
  const env = await TestEnvironment.create(stack);
  try {
    const api = env.api(stack.api.httpApi);
    const started = await api.post<{ readonly statusQueryGetUri: string }>(
      '/orchestrations/publish/beach',
      { title: 'beach' },
      KEY,
    );
    expect(started.status).toBe(202);
    // Both addresses of the domain became local ones: the one at its root, and the one below a path.
    expect(started.body.statusQueryGetUri).toBe(`${api.url}/instances/beach`);
    await env.advance({ seconds: 1 });
    expect((await (await env.mail({ to: 'ann@example.com' })).approve()).status).toBe(200);
    const shown = await api.get<{ readonly output: unknown }>('/instances/beach', KEY);
    expect(shown.body.output).toMatchObject({ approved: true });
  } finally {
    await env.close();
  }
});
