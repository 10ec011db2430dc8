import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sns from 'aws-cdk-lib/aws-sns';
import { machineArn } from '../../../lib/constructs/hub/machine-names.js';
import {
  Activity,
  Chain,
  flow,
  HumanApproval,
  humanApproval,
  Mail,
  type MailMessage,
  TaskHub,
} from '../../../lib/index.js';
import { expectNoCycle } from '../cycles.js';
import { newStack, resources } from '../kit.js';

const options = { approvers: ['ann@example.com'], subject: 'Publish?', timeout: Duration.hours(24) };
const sesMail = () => Mail.ses({ from: 'Workflows <workflows@example.com>' });

function withHub(mail: Mail | ((stack: Stack) => Mail) = sesMail()) {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { mail: typeof mail === 'function' ? mail(stack) : mail });
  return { stack, hub };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** The statements that the role of a function gets, in whatever policy. */
function statementsOf(stack: Stack, fn: lambda.IFunction): readonly Statement[] {
  const role = stack.getLogicalId(fn.role!.node.defaultChild as never);
  return Object.values(resources(stack, 'AWS::IAM::Policy')).flatMap(({ Properties }) =>
    JSON.stringify(Properties['Roles']).includes(`"${role}"`)
      ? (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement
      : [],
  );
}

const environmentOf = (stack: Stack, fn: lambda.IFunction) =>
  resources(stack, 'AWS::Lambda::Function')[stack.getLogicalId(fn.node.defaultChild as never)]!.Properties[
    'Environment'
  ] as { Variables: Record<string, unknown> };

test('a hub with mail has a public page for the links, any method, and no log of its paths', () => {
  const { stack } = withHub();
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
    RouteKey: 'ANY /approvals/{link}',
    AuthorizationType: 'NONE',
  });
  const [stage] = Object.values(resources(stack, 'AWS::ApiGatewayV2::Stage'));
  expect(stage!.Properties).toMatchObject({
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
  });
  const { Format } = stage!.Properties['AccessLogSettings'] as { readonly Format: string };
  const logged = Object.values(JSON.parse(Format) as Readonly<Record<string, string>>);
  expect(logged).toContain('$context.routeKey');
  expect(logged.filter((variable) => /path|query|body/i.test(variable))).toEqual([]);
});

test('a hub without mail has none of it, and refuses approvals', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  expect(hub.approvals).toBeUndefined();
  Template.fromStack(stack).resourceCountIs('AWS::ApiGatewayV2::Api', 0);
  expect(() => new HumanApproval<unknown>(stack, 'Approve', { hub, ...options })).toThrow(
    /a hub that can send mail.*Mail.ses/,
  );
});

test('CloudFormation finds no cycle between machine, functions and API, in one stack or two', () => {
  const { stack, hub } = withHub();
  new Chain(stack, 'Publish', { hub, steps: flow<unknown>().step('approval', humanApproval(options)) });
  new HumanApproval<unknown>(stack, 'Approve', { hub, ...options });
  expectNoCycle(Template.fromStack(stack));

  const app = new App();
  const hubStack = new Stack(app, 'HubStack');
  const shared = new TaskHub(hubStack, 'Hub', { mail: sesMail() });
  const other = new Stack(app, 'Other');
  new HumanApproval<unknown>(other, 'Approve', { hub: shared, ...options });
  expect(() => app.synth()).not.toThrow();
  expectNoCycle(Template.fromStack(other));
});

test('the functions may do what they do, and no more', () => {
  const { stack, hub } = withHub();
  new HumanApproval<unknown>(stack, 'Approve', { hub, ...options });
  const { askFunction, decideFunction } = hub.approvals!;
  const actionsOf = (fn: lambda.IFunction) => statementsOf(stack, fn).flatMap(({ Action }) => Action);
  expect(actionsOf(decideFunction).sort()).toEqual([
    'dynamodb:GetItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'states:SendTaskSuccess',
  ]);
  expect(actionsOf(askFunction).sort()).toEqual([
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'ses:SendEmail',
    'states:SendTaskSuccess',
  ]);
  expect(statementsOf(stack, askFunction).find(({ Action }) => Action === 'ses:SendEmail')).toMatchObject({
    Condition: { StringEquals: { 'ses:FromAddress': 'workflows@example.com' } },
  });
  const machines = stack.resolve(machineArn(stack, hub.machineNameOf(hub.orchestrations.get('approve')!)));
  for (const fn of [askFunction, decideFunction]) {
    expect(statementsOf(stack, fn).find(({ Action }) => Action === 'states:SendTaskSuccess')?.Resource).toEqual(
      machines,
    );
  }
});

test('the page’s function does not know how mail is sent, the asking one knows the page’s address', () => {
  const { stack, hub } = withHub();
  const { askFunction, decideFunction, httpApi } = hub.approvals!;
  expect(Object.keys(environmentOf(stack, decideFunction).Variables)).not.toContain('DURABLE_HUB_MAIL');
  expect(environmentOf(stack, askFunction).Variables).toMatchObject({
    DURABLE_HUB_MAIL: '{"by":"ses","from":"Workflows <workflows@example.com>"}',
    DURABLE_HUB_APPROVAL_URL: stack.resolve(httpApi.apiEndpoint),
  });
});

test('a public address of one’s own stands in the links', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { mail: sesMail(), approvalUrl: 'https://approvals.example.com' });
  expect(environmentOf(stack, hub.approvals!.askFunction).Variables['DURABLE_HUB_APPROVAL_URL']).toBe(
    'https://approvals.example.com',
  );
});

test('the construct’s instances live a day longer than its question', () => {
  const { stack, hub } = withHub();
  const timeoutOf = (more: object) =>
    new HumanApproval<unknown>(stack, `A${stack.node.children.length}`, { hub, ...options, ...more }).definition
      .TimeoutSeconds;
  expect(timeoutOf({})).toBe(48 * 3_600);
  expect(timeoutOf({ timeout: Duration.days(30) })).toBe(31 * 86_400);
  const onTimeout = { escalateTo: ['cio@example.com'], timeout: Duration.hours(24) };
  expect(timeoutOf({ onTimeout })).toBe(72 * 3_600);
});

describe('mail', () => {
  test('the sender’s identity can be built along', () => {
    const { stack } = withHub(Mail.ses({ from: 'a@example.com', identity: ses.Identity.domain('example.com') }));
    Template.fromStack(stack).hasResourceProperties('AWS::SES::EmailIdentity', { EmailIdentity: 'example.com' });
  });

  test('goes to a topic', () => {
    let topic!: sns.Topic;
    const { stack, hub } = withHub((scope) => {
      topic = new sns.Topic(scope, 'Approvals');
      return Mail.sns(topic);
    });
    expect(statementsOf(stack, hub.approvals!.askFunction)).toContainEqual(
      expect.objectContaining({ Action: 'sns:Publish', Resource: stack.resolve(topic.topicArn) }),
    );
  });

  test('goes through an activity', () => {
    const { stack, hub } = withHub((scope) => {
      const fn = new lambda.Function(scope, 'Slack', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler=()=>{}'),
      });
      return Mail.activity(new Activity<(mail: MailMessage) => Promise<void>>(scope, 'SendSlack', { function: fn }));
    });
    const statements = statementsOf(stack, hub.approvals!.askFunction);
    expect(statements.flatMap(({ Action }) => Action)).toContain('lambda:InvokeFunction');
    expect(statements.flatMap(({ Action }) => Action)).not.toContain('ses:SendEmail');
  });

  test('templates travel in the environment, packed', () => {
    const html = `<p>{{subject}} {{link}}</p>${'<p>Kind regards from all of us</p>'.repeat(100)}`;
    const { stack, hub } = withHub(Mail.ses({ from: 'a@example.com', templates: { request: { html } } }));
    const packed = environmentOf(stack, hub.approvals!.askFunction).Variables['DURABLE_HUB_MAIL_TEMPLATES'] as string;
    expect(packed.length).toBeLessThan(500);
    const { readTemplates } = jest.requireActual<typeof import('../../../lib/hub/approvals/read-templates.js')>(
      '../../../lib/hub/approvals/read-templates.js',
    );
    expect(readTemplates(packed)).toEqual({ request: { html } });
  });

  const noise = Array.from({ length: 3_000 }, (_, index) => ((index * 7_919) % 65_521).toString(36)).join('');
  test.each([
    ['an unknown placeholder', { request: { text: '{{link}} {{who}}' } }, /request\.text.*\{\{who\}\}/],
    ['a text without the link', { reminder: { html: '<p>{{subject}}</p>' } }, /reminder\.html.*\{\{link\}\}/],
    ['templates that are too large', { request: { text: `{{link}} ${noise}` } }, /Mail.activity/],
  ])('refuses %s', (_title, templates, message) => {
    expect(() => withHub(Mail.ses({ from: 'a@example.com', templates }))).toThrow(message);
  });

  test.each(['workflows', 'a b@example.com', 'Name <nobody>', ''])('refuses the sender %j', (from) => {
    expect(() => Mail.ses({ from })).toThrow(/Mail.ses.from.*a mail address/);
  });
});
