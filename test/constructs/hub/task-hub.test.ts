import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { ApiAuth } from '../../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../../lib/constructs/api/async-http-api.js';
import { kebabCase, TaskHub } from '../../../lib/constructs/hub/task-hub.js';
import { expectNoCycle } from '../cycles.js';
import { newStack } from '../kit.js';

const machine = (stack: Stack, id: string) =>
  new sfn.StateMachine(stack, id, {
    definitionBody: sfn.DefinitionBody.fromString('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'),
  });

const plainFunction = (stack: Stack, id: string) =>
  new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler=()=>{}'),
  });

test('a hub has an encrypted table on demand with recovery, time-to-live and an index, and keeps it', () => {
  const stack = newStack();
  new TaskHub(stack, 'Hub');
  Template.fromStack(stack).hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      GlobalSecondaryIndexes: [
        Match.objectLike({
          IndexName: 'listing',
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['instanceId', 'name', 'runtimeStatus'] },
        }),
      ],
    },
  });
});

test('a rule follows each orchestration, names it, and has a dead-letter queue', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { removalPolicy: RemovalPolicy.DESTROY });
  hub.addOrchestration({ name: 'ProcessVideo', stateMachine: machine(stack, 'A') });
  hub.addOrchestration({ name: 'Hello', stateMachine: machine(stack, 'B') });
  const template = Template.fromStack(stack);
  const rules = Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => Properties);
  expect(rules.map(({ EventPattern }) => EventPattern)).toEqual(
    ['A', 'B'].map((id) => ({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [{ Ref: expect.stringMatching(`^${id}`) }] },
    })),
  );
  expect(rules.map(({ Targets }) => Targets[0].InputTransformer)).toEqual(
    ['process-video', 'hello'].map((name) => ({
      InputPathsMap: { detail: '$.detail' },
      InputTemplate: `{"orchestration":"${name}","detail":<detail>}`,
    })),
  );
  for (const { Targets } of rules) expect(Targets[0].DeadLetterConfig).toBeDefined();
  expect([...hub.orchestrations.keys()]).toEqual(['process-video', 'hello']);
});

test('a hub serves at most 40 orchestrations: their names must fit into an environment', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  for (let index = 0; index < 40; index++)
    hub.addOrchestration({ name: `One${index}`, stateMachine: machine(stack, `Machine${index}`) });
  expect(() => hub.addOrchestration({ name: 'More', stateMachine: machine(stack, 'More') })).toThrow(
    'expected at most 40 orchestrations in a hub, got 41',
  );
});

test('a hub serves orchestrations of later stacks, and an API of a stack later still', () => {
  const app = new App();
  const hubStack = new Stack(app, 'HubStack');
  const hub = new TaskHub(hubStack, 'Hub');
  const work = new Stack(app, 'Work');
  const stateMachine = machine(work, 'Machine');
  hub.addOrchestration({ name: 'Job', stateMachine });
  const api = new Stack(app, 'ApiStack');
  new AsyncHttpApi(api, 'Api', { hub, orchestrations: { job: { stateMachine } }, auth: ApiAuth.none() });
  const assembly = app.synth();
  const dependencies = (name: string) =>
    assembly
      .getStackByName(name)
      .dependencies.map(({ id }) => id)
      .filter((id) => !id.endsWith('.assets'));
  expect(dependencies('HubStack')).toEqual([]);
  expect(dependencies('Work')).toEqual(['HubStack']);
  expect(dependencies('ApiStack').sort()).toEqual(['HubStack', 'Work']);
  // The hub's own functions get what they may do with the machine in the machine's stack.
  const policies = Object.values(Template.fromStack(work).findResources('AWS::IAM::Policy'));
  const actions = policies
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action }) => Action);
  expect(actions).toEqual(
    expect.arrayContaining(['states:DescribeExecution', 'states:StopExecution', 'states:SendTaskSuccess']),
  );
});

test('stacks with an orchestration and a client of it share a hub without depending on each other', () => {
  const app = new App();
  const hub = new TaskHub(new Stack(app, 'HubStack'), 'Hub');
  for (const name of ['First', 'Second']) {
    const stack = new Stack(app, name);
    const stateMachine = machine(stack, 'Machine');
    hub.addOrchestration({ name, stateMachine });
    hub.grantClient(plainFunction(stack, 'Client'), { orchestrations: { [name]: { stateMachine } } });
  }
  const dependencies = (name: string) =>
    app
      .synth()
      .getStackByName(name)
      .dependencies.map(({ id }) => id);
  expect(dependencies('First')).not.toContain('Second');
  expect(dependencies('Second')).not.toContain('First');
});

test('two orchestrations with one name are told apart by their path', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  hub.addOrchestration({ name: 'Same', stateMachine: machine(stack, 'First') });
  hub.addOrchestration({ name: 'Same', stateMachine: machine(stack, 'Second') });
  expect([...hub.orchestrations.keys()]).toEqual(['same', 'stack-second']);
});

test('a machine that calls the hub’s await function, and a client of it, make no cycle', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const activity = plainFunction(stack, 'Activity');
  const calling = new sfn.StateMachine(stack, 'Calling', {
    definitionBody: sfn.DefinitionBody.fromString(
      stack.toJsonString({
        StartAt: 'A',
        States: { A: { Type: 'Task', Resource: hub.awaitEventFunction.functionArn, End: true } },
        Comment: activity.functionArn,
      }),
    ),
  });
  hub.addOrchestration({ name: 'Calling', stateMachine: calling });
  hub.awaitEventFunction.grantInvoke(calling);
  hub.grantClient(activity, { orchestrations: {} });
  const client = plainFunction(stack, 'Client');
  hub.grantClient(client);
  expectNoCycle(Template.fromStack(stack));
});

test('an activity that may start its own orchestration would be a cycle, which the check finds', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const activity = plainFunction(stack, 'Activity');
  const calling = new sfn.StateMachine(stack, 'Calling', {
    definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString({ Comment: activity.functionArn })),
  });
  hub.addOrchestration({ name: 'Calling', stateMachine: calling });
  hub.grantClient(activity);
  const template = Template.fromStack(stack, { skipCyclicalDependenciesCheck: true });
  expect(() => expectNoCycle(template)).toThrow('cycle: ');
});

test('a client function gets the environment and least privileges, for machines added later too', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { retention: Duration.days(7), healAfter: Duration.seconds(5) });
  const client = plainFunction(stack, 'Client');
  hub.grantClient(client);
  hub.addOrchestration({ name: 'Later', stateMachine: machine(stack, 'Later') });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Code: { ZipFile: Match.anyValue() },
    Environment: {
      Variables: {
        DURABLE_HUB_TABLE: { Ref: Match.stringLikeRegexp('HubTable') },
        DURABLE_HUB_RETENTION_DAYS: '7',
        DURABLE_HUB_HEAL_AFTER_SECONDS: '5',
        DURABLE_HUB_ORCHESTRATIONS: {
          'Fn::Join': ['', ['{"later":"', { 'Fn::GetAtt': [Match.stringLikeRegexp('^Later'), 'Name'] }, '"}']],
        },
      },
    },
  });
  const statements = Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap((policy) => policy['Properties']['PolicyDocument']['Statement'])
    .map(({ Action }: { Action: string | string[] }) => [Action].flat());
  expect(statements.flat().filter((action) => action.endsWith('*'))).toEqual([]);
});

test.each([
  ['retention', { retention: Duration.hours(1) }],
  ['healAfter', { healAfter: Duration.millis(1) }],
])('a %s that is too short is refused', (name, props) => {
  expect(() => new TaskHub(newStack(), 'Hub', props)).toThrow(`Stack/Hub.${name}`);
});

test.each([
  ['ProcessVideo', 'process-video'],
  ['HTTPServer2Go', 'http-server2-go'],
  ['already-kebab', 'already-kebab'],
  ['With Space', 'with-space'],
])('the construct id %s reads %s', (id, name) => {
  expect(kebabCase(id)).toBe(name);
});
