import { App, type CfnElement, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Activity } from '../../../lib/constructs/activity.js';
import { ApiAuth } from '../../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi } from '../../../lib/constructs/api/async-http-api.js';
import { kebabCase } from '../../../lib/constructs/hub/machine-names.js';
import { TaskHub } from '../../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../../lib/constructs/patterns/chain.js';
import { orchestrationOfMachine } from '../../../lib/contract/machine-name.js';
import { flow, start } from '../../../lib/flow/index.js';
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

test('a hub has an encrypted table on demand with recovery, time-to-live and two indexes, and keeps it', () => {
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
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['dueAttempts'] },
        },
      ],
    },
  });
});

test('one rule follows all orchestrations by what their names begin with, and has a dead-letter queue', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { removalPolicy: RemovalPolicy.DESTROY });
  hub.addOrchestration({ name: 'ProcessVideo', stateMachine: machine(stack, 'A') });
  hub.addOrchestration({ name: 'Hello', stateMachine: machine(stack, 'B') });
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::Events::Rule', { EventPattern: Match.anyValue() }, 1);
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [{ prefix: arnOf('stateMachine', `${hub.machinePrefix}-`) }],
        executionArn: [{ 'anything-but': { wildcard: '*/*' } }],
      },
    },
    Targets: [{ DeadLetterConfig: Match.anyValue(), InputTransformer: Match.absent(), Input: Match.absent() }],
  });
  expect([...hub.orchestrations.keys()]).toEqual(['process-video', 'hello']);
});

test('a function sees to what is due each minute, with these rights and no others; the next sweep is its retry', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const template = Template.fromStack(stack);
  const deadLetters = {
    'Fn::GetAtt': [stack.getLogicalId(hub.deadLetterQueue.node.defaultChild as CfnElement), 'Arn'],
  };
  const sweep = stack.getLogicalId(hub.sweepFunction.node.defaultChild as CfnElement);
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 minute)',
    Targets: [
      {
        Arn: { 'Fn::GetAtt': [sweep, 'Arn'] },
        DeadLetterConfig: { Arn: deadLetters },
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    ],
  });
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: sweep },
    MaximumRetryAttempts: 0,
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 60,
    DeadLetterConfig: { TargetArn: deadLetters },
    Environment: { Variables: { DURABLE_HUB_SWEEPS: 'true' } },
  });
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('Sweep'));
  const actions = policies.flatMap(([, { Properties }]) =>
    Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action),
  );
  expect(actions.sort()).toEqual([
    'dynamodb:BatchWriteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:SendMessage',
    'states:DescribeExecution',
    'states:StartExecution',
    'states:StopExecution',
  ]);
});

const arnOf = (resource: string, name: string) => ({
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':states:',
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      `:${resource}:${name}`,
    ],
  ],
});

describe('the name of a hub’s state machine', () => {
  const nameIn = (app: App, stackName: string, id: string, hubId = 'Hub') => {
    const stack = new Stack(app, hubId === 'Hub' ? 'Stack' : 'Other', { stackName });
    const hub = new TaskHub(stack, hubId);
    const stateMachine = machine(stack, id);
    hub.addOrchestration({ name: id, stateMachine });
    const { Properties } = Object.values(
      Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'),
    )[0] as {
      readonly Properties: { readonly StateMachineName: string };
    };
    expect(Properties.StateMachineName).toBe(hub.machineNameOf(stateMachine));
    return { prefix: hub.machinePrefix, name: Properties.StateMachineName };
  };

  test('begins with the hub’s prefix, tells the orchestration, and is known at synthesis', () => {
    const { prefix, name } = nameIn(new App(), 'Shop', 'ProcessVideo');
    expect(prefix).toMatch(/^ds[0-9a-f]{8}$/);
    expect(name.slice(0, -8)).toBe(`${prefix}-process-video-`);
    expect(orchestrationOfMachine(name)).toBe('process-video');
    expect(nameIn(new App(), 'Shop', 'ProcessVideo')).toEqual({ prefix, name });
  });

  test('has at most 80 characters, whatever the construct is called', () => {
    const long = nameIn(new App(), 'Shop', 'a'.repeat(200)).name;
    expect(long).toHaveLength(80);
    expect(nameIn(new App(), 'Shop', '订单 ümläut').name).toMatch(/^ds[0-9a-f]{8}-ml-ut-[0-9a-f]{8}$/);
    expect(nameIn(new App(), 'Shop', '订单').name).toMatch(/^ds[0-9a-f]{8}-orchestration-[0-9a-f]{8}$/);
  });

  test('is another one in each stack and in each hub', () => {
    const [shop, test, second] = [
      nameIn(new App(), 'Shop', 'Job'),
      nameIn(new App(), 'ShopTest', 'Job'),
      nameIn(new App(), 'Shop', 'Job', 'Second'),
    ];
    expect(new Set([shop.prefix, test.prefix, second.prefix]).size).toBe(3);
    expect(new Set([shop.name, test.name, second.name].map((name) => name.slice(-8))).size).toBe(3);
  });

  test('may be given where it begins with the prefix, and is refused otherwise', () => {
    const stack = newStack();
    const hub = new TaskHub(stack, 'Hub');
    const named = (id: string, stateMachineName: string) =>
      new sfn.StateMachine(stack, id, {
        stateMachineName,
        definitionBody: sfn.DefinitionBody.fromString('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'),
      });
    const own = named('Own', `${hub.machinePrefix}-own`);
    hub.addOrchestration({ name: 'Own', stateMachine: own });
    expect(hub.machineNameOf(own)).toBe(`${hub.machinePrefix}-own`);
    const imported = sfn.StateMachine.fromStateMachineName(stack, 'Imported', `${hub.machinePrefix}-elsewhere`);
    hub.addOrchestration({ name: 'Imported', stateMachine: imported });
    expect(hub.machineNameOf(imported)).toBe(`${hub.machinePrefix}-elsewhere`);
    expect(() => hub.addOrchestration({ name: 'Other', stateMachine: named('Other', 'my-machine') })).toThrow(
      `\`Stack/Other.stateMachineName\`: expected a name that begins with \`${hub.machinePrefix}-\`, as those of all orchestrations of this hub do, got \`my-machine\``,
    );
  });
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
  expect(dependencies('Work')).toEqual([]);
  expect(dependencies('ApiStack')).toEqual(['HubStack']);
  expect(Template.fromStack(work).toJSON()['Outputs']).toBeUndefined();
  // Nothing of the later stacks is in the hub's, and no policy for the hub's functions in theirs.
  expect(JSON.stringify(Template.fromStack(work).findResources('AWS::IAM::Policy'))).not.toContain('states:');
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

test('orchestrations with one name are told apart by their path, and paths that read alike by a number', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  for (const id of ['First', 'Second', 'second'])
    hub.addOrchestration({ name: 'Same', stateMachine: machine(stack, id) });
  expect([...hub.orchestrations.keys()]).toEqual(['same', 'stack-second', 'stack-second-2']);
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

test('an activity may start its own orchestration', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const activity = plainFunction(stack, 'Activity');
  const calling = new sfn.StateMachine(stack, 'Calling', {
    definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString({ Comment: activity.functionArn })),
  });
  hub.addOrchestration({ name: 'Calling', stateMachine: calling });
  hub.grantClient(activity, { orchestrations: { calling: { stateMachine: calling } } });
  expectNoCycle(Template.fromStack(stack));
});

test('the check finds a cycle', () => {
  const stack = newStack();
  const [one, other] = [plainFunction(stack, 'One'), plainFunction(stack, 'Other')];
  one.addEnvironment('OTHER', other.functionArn);
  other.addEnvironment('ONE', one.functionArn);
  const template = Template.fromStack(stack, { skipCyclicalDependenciesCheck: true });
  expect(() => expectNoCycle(template)).toThrow('cycle: ');
});

const statesStatements = (stack: Stack, role: string) =>
  Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('states:')))
    .map(({ Action, Resource }) => [[Action].flat().join(' '), Resource]);

test('a client function gets the environment, and the instances of the hub by the pattern of their names', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub', { retention: Duration.days(7), healAfter: Duration.seconds(5) });
  hub.grantClient(plainFunction(stack, 'Client'));
  const stateMachine = machine(stack, 'Later');
  hub.addOrchestration({ name: 'Later', stateMachine, waitsFor: [] });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Code: { ZipFile: Match.anyValue() },
    Environment: {
      Variables: {
        DURABLE_HUB_TABLE: { Ref: Match.stringLikeRegexp('HubTable') },
        DURABLE_HUB_RETENTION_DAYS: '7',
        DURABLE_HUB_HEAL_AFTER_SECONDS: '5',
        DURABLE_HUB_ORCHESTRATIONS: JSON.stringify({ later: hub.machineNameOf(stateMachine) }),
        DURABLE_HUB_STATE_MACHINE_PREFIX: arnOf('stateMachine', ''),
      },
    },
  });
  expect(statesStatements(stack, 'ClientServiceRole')).toEqual([
    ['states:StartExecution states:DescribeStateMachine', arnOf('stateMachine', `${hub.machinePrefix}-*`)],
    [
      'states:DescribeExecution states:GetExecutionHistory states:StopExecution states:RedriveExecution',
      arnOf('execution', `${hub.machinePrefix}-*:*`),
    ],
  ]);
});

test('a client function that names orchestrations reaches these alone, and with none no instance at all', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const [stateMachine, other] = [machine(stack, 'One'), machine(stack, 'Other')];
  hub.addOrchestration({ name: 'One', stateMachine, waitsFor: [] });
  hub.addOrchestration({ name: 'Other', stateMachine: other });
  hub.grantClient(plainFunction(stack, 'Some'), { orchestrations: { one: { stateMachine } } });
  hub.grantClient(plainFunction(stack, 'None'), { orchestrations: {} });
  expect(statesStatements(stack, 'SomeServiceRole').map(([, resource]) => resource)).toEqual([
    arnOf('stateMachine', hub.machineNameOf(stateMachine)),
    arnOf('execution', `${hub.machineNameOf(stateMachine)}:*`),
  ]);
  expect(statesStatements(stack, 'NoneServiceRole')).toEqual([]);
});

test('more orchestrations than an environment holds are refused for a function whose code the kit doesn’t bundle', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  hub.grantClient(plainFunction(stack, 'Client'));
  for (let index = 0; index < 100; index++)
    hub.addOrchestration({ name: `One${index}`, stateMachine: machine(stack, `Machine${index}`) });
  expect(() => Template.fromStack(stack)).toThrow(
    /^`Stack\/Client`: expected names of orchestrations of at most 3000 bytes/,
  );
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

test('an orchestration runs one of another stack by its name: nothing is exported, and the child’s stack comes first', () => {
  const app = new App();
  const hub = new TaskHub(new Stack(app, 'HubStack'), 'Hub');
  const [childStack, parentStack] = [new Stack(app, 'ChildStack'), new Stack(app, 'ParentStack')];
  const child = new Chain(childStack, 'Child', { hub, steps: flow<null>().delay(Duration.seconds(1)) });
  const steps = flow<null>().step('child', child).step('again', start(child));
  const parent = new Chain(parentStack, 'Parent', { hub, steps });
  const assembly = app.synth();
  expect(assembly.getStackByName('ChildStack').template.Outputs).toBeUndefined();
  expect(
    assembly
      .getStackByName('ParentStack')
      .dependencies.map(({ id }) => id)
      .filter((id) => !id.endsWith('.assets'))
      .sort(),
  ).toEqual(['ChildStack']);
  const name = hub.machineNameOf(child.stateMachine);
  const template = JSON.stringify(parentStack.resolve(parent.definition));
  expect(template).toContain(`:stateMachine:${name}`);
  expect(statesStatements(parentStack, 'ParentStateMachineRole')).toEqual([
    ['states:StartExecution', arnOf('stateMachine', name)],
    ['states:DescribeExecution states:StopExecution states:RedriveExecution', arnOf('execution', `${name}:*`)],
  ]);
});

test('an orchestration of another stack may use the key of the hub’s table where it writes there', () => {
  const app = new App();
  const hubStack = new Stack(app, 'HubStack');
  const hub = new TaskHub(hubStack, 'Hub', { encryptionKey: new kms.Key(hubStack, 'Key') });
  const work = new Stack(app, 'Work');
  const steps = flow<null>().delay(Duration.seconds(1));
  new Chain(work, 'Silent', { hub, steps });
  new Chain(work, 'Telling', { hub, steps: flow<null>().customStatus('busy') });
  const rolesWithKey = Object.values(Template.fromStack(work).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.PolicyDocument).includes('kms:Decrypt'))
    .flatMap(({ Properties }) => Properties.Roles);
  expect(rolesWithKey).toEqual([{ Ref: expect.stringMatching(/^TellingStateMachineRole/) }]);
  expectNoCycle(Template.fromStack(hubStack));
});

test('a client that names many orchestrations has them all in the policies that a role may have', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const machines = Array.from({ length: 60 }, (_, index) => machine(stack, `AnOrchestrationOfQuiteSomeLength${index}`));
  for (const stateMachine of machines) hub.addOrchestration({ name: stateMachine.node.id, stateMachine });
  const fn = new Activity(stack, 'Client', { entry: 'lambda/hello/say-hello.ts' }).function;
  const named = machines.map((stateMachine) => [hub.nameOf(stateMachine), { stateMachine }]);
  hub.grantClient(fn, { orchestrations: Object.fromEntries(named) });
  const template = Template.fromStack(stack);
  const documents = (type: string) =>
    Object.values(template.findResources(type))
      .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('Client'))
      .map(({ Properties }) => Properties.PolicyDocument);
  const managed = documents('AWS::IAM::ManagedPolicy');
  expect(managed.length).toBeLessThan(10);
  const deployed = (value: unknown) =>
    JSON.stringify(value).replaceAll(/\{"Fn::Join":\["",\["arn:".*?"\]\]\}/g, () => 'x'.repeat(130)).length;
  for (const document of managed) expect(deployed(document)).toBeLessThan(6_144);
  const resources = [...documents('AWS::IAM::Policy'), ...managed]
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action }) => [Action].flat().includes('states:StopExecution'))
    .flatMap(({ Resource }) => Resource);
  expect(resources).toHaveLength(60);
});
