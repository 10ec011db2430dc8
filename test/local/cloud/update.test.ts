import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { VirtualClock } from '../../../lib/clock.js';
import { LocalCloud } from '../../../lib/local/cloud/local-cloud.js';
import { sqsOf } from '../../../lib/local/services/sqs/service.js';
import { writeApp } from '../../assembly/write-app.js';
import { ADMIN_ROLE, inlineFunction, invoke, stateMachine } from '../local-app.js';

type Resources = Readonly<Record<string, unknown>>;

let cloud: LocalCloud;
let clock: VirtualClock;
let directory: string;
const warnings: string[] = [];

async function start(resources: Resources): Promise<void> {
  directory = write(resources);
  clock = new VirtualClock({ start: Date.parse('2026-03-01T12:00:00Z') });
  cloud = await LocalCloud.load(directory, { clock, onWarning: (line) => warnings.push(line) });
}

const write = (resources: Resources, to?: string): string =>
  writeApp({ stacks: { Demo: { resources: { Role: ADMIN_ROLE, ...resources } } } }, to);
const update = (resources: Resources) => cloud.update(write(resources, directory));
const call = async (name: string, payload = '{}') =>
  JSON.parse((await cloud.functions.invoke(name, { payload })).payload);
const arnOf = (logicalId: string, attribute = 'Arn') =>
  cloud.assembly.resources.find((one) => one.logicalId === logicalId)!.attribute(attribute);
const fn = (code: string, properties: Resources = {}) =>
  inlineFunction(`exports.handler = ${code}`, { FunctionName: 'fn', ...properties });

afterEach(async () => {
  await cloud.close();
  warnings.length = 0;
});

describe('a function', () => {
  test('runs its new code from the next call on; what runs ends with the code that it began with', async () => {
    const slow = `async () => { await new Promise((resolve) => setTimeout(resolve, 300)); return 'old' }`;
    await start({ Fn: fn(slow) });
    const running = [call('fn'), call('fn')];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { changed, added, removed } = await update({ Fn: fn(`async () => 'new'`) });
    expect(changed.map(({ after }) => after.logicalId)).toEqual(['Fn']);
    expect([...added, ...removed]).toEqual([]);
    expect(await call('fn')).toBe('new');
    expect(await Promise.all(running)).toEqual(['old', 'old']);
  });

  test('that is unchanged stays warm', async () => {
    const counting = fn('(() => { let n = 0; return async () => ++n })()');
    await start({ Fn: counting });
    await call('fn');
    await update({ Fn: counting, Other: inlineFunction('exports.handler = async () => 1') });
    expect(await call('fn')).toBe(2);
  });

  test('that is gone is no function any more', async () => {
    await start({ Fn: fn(`async () => 'old'`) });
    const { removed } = await update({});
    expect(removed.map(({ logicalId }) => logicalId)).toEqual(['Fn']);
    await expect(call('fn')).rejects.toThrow(/Function not found/);
  });

  test('loses the retries that its settings gave it with these settings', async () => {
    const failing = fn(`async () => { throw new Error('no') }`);
    const settings = {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Fn' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
    };
    await start({ Fn: failing, Settings: settings });
    let calls = 0;
    cloud.functions.onCall(() => calls++);
    cloud.functions.invokeAsync('fn');
    await clock.advanceBy(600_000);
    expect(calls).toBe(1);
    await update({ Fn: failing });
    cloud.functions.invokeAsync('fn');
    await clock.advanceBy(600_000);
    expect(calls).toBe(4);
  });
});

describe('a state machine', () => {
  const saying = (text: string, more: object = {}) =>
    stateMachine({
      QueryLanguage: 'JSONata',
      StartAt: 'Wait',
      States: {
        Wait: { Type: 'Wait', Seconds: 60, Next: 'Say' },
        Say: { Type: 'Pass', Output: text, End: true },
        ...more,
      },
    });
  const run = () => cloud.stepFunctions.startExecution({ stateMachineArn: cloud.orchestrations[0]!.stateMachineArn });
  const outputOf = (executionArn: string) => cloud.stepFunctions.describeExecution({ executionArn }).output;

  test('takes its new definition; executions go on with the one that they began with', async () => {
    await start({ Machine: saying('old') });
    const { executionArn: first } = run();
    await update({ Machine: saying('new') });
    const { executionArn: second } = run();
    await clock.advanceBy(60_000);
    expect([outputOf(first), outputOf(second)]).toEqual(['"old"', '"new"']);
  });

  test('that is gone is started no more, and what runs goes on', async () => {
    await start({ Machine: saying('old') });
    const { stateMachineArn } = cloud.orchestrations[0]!;
    const { executionArn } = run();
    await update({});
    expect(cloud.orchestrations).toEqual([]);
    expect(() => cloud.stepFunctions.startExecution({ stateMachineArn })).toThrow(/Does Not Exist/);
    await clock.advanceBy(60_000);
    expect(outputOf(executionArn)).toBe('"old"');
  });
});

describe('what is stored', () => {
  const table = (more: Resources = {}, attributes: readonly string[] = ['pk']) => ({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      ...more,
    },
  });
  const client = () =>
    new DynamoDBClient({
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
  const Key = { pk: { S: 'a' } };

  test('in a table stays, also when the table gets an index, and is back with a table that was away', async () => {
    await start({ Table: table() });
    const dynamodb = client();
    await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item: { ...Key, state: { S: 'paid' } } }));
    const index = {
      IndexName: 'by-state',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    };
    await update({ Table: table({ GlobalSecondaryIndexes: [index] }, ['pk', 'state']) });
    const { Count } = await dynamodb.send(
      new QueryCommand({
        TableName: 'orders',
        IndexName: 'by-state',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':s': { S: 'paid' } },
      }),
    );
    expect(Count).toBe(1);
    await update({});
    const read = () => dynamodb.send(new GetItemCommand({ TableName: 'orders', Key }));
    await expect(read()).rejects.toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
    await update({ Table: table() });
    expect((await read()).Item).toMatchObject({ state: { S: 'paid' } });
    dynamodb.destroy();
  });

  test('in a queue stays, under its new settings, and is back with a queue that was away', async () => {
    const queue = (VisibilityTimeout: number) => ({
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: 'work', VisibilityTimeout },
    });
    await start({ Queue: queue(30) });
    const arn = arnOf('Queue');
    const work = () => sqsOf(cloud).tryQueue(arn);
    work()!.send({ body: 'one' });
    await update({ Queue: queue(300) });
    expect(
      work()!
        .receive(1)
        .map(({ body }) => body),
    ).toEqual(['one']);
    await clock.advanceBy(299_000);
    expect(work()!.receive(1)).toEqual([]);
    await update({});
    expect(work()).toBeUndefined();
    await update({ Queue: queue(300) });
    await clock.advanceBy(1_000);
    expect(
      work()!
        .receive(1)
        .map(({ body }) => body),
    ).toEqual(['one']);
  });

  test('in a bucket stays, and its changes are told to whom the new version names', async () => {
    const bucket = (functions: readonly string[]) => ({
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: 'files',
        NotificationConfiguration: {
          LambdaConfigurations: functions.map((one) => ({
            Event: 's3:ObjectCreated:*',
            Function: { 'Fn::GetAtt': [one, 'Arn'] },
          })),
        },
      },
    });
    const permission = (one: string) => ({
      Type: 'AWS::Lambda::Permission',
      Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: one }, Principal: 's3.amazonaws.com' },
    });
    const functions = {
      A: inlineFunction('exports.handler = async () => 1', { FunctionName: 'a' }),
      B: inlineFunction('exports.handler = async () => 2', { FunctionName: 'b' }),
      MayA: permission('A'),
      MayB: permission('B'),
    };
    await start({ ...functions, Bucket: bucket(['A']) });
    const told: string[] = [];
    cloud.functions.onCall((result) => told.push(result.function.name));
    const { objectStore } = cloud.tryService('s3')!;
    await objectStore!.put('files', 'one', Buffer.from('1'), 'text/plain');
    await clock.advanceBy(1_000);
    await update({ ...functions, Bucket: bucket(['B']) });
    expect(Buffer.from((await objectStore!.get('files', 'one'))!).toString()).toBe('1');
    await objectStore!.put('files', 'two', Buffer.from('2'), 'text/plain');
    await clock.advanceBy(1_000);
    expect(told).toEqual(['a', 'b']);
    expect(warnings).toEqual([]);
  });
});

describe('what connects', () => {
  const permission = (one: string) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: one }, Principal: 'events.amazonaws.com' },
  });
  const functions = {
    A: inlineFunction('exports.handler = async () => 1', { FunctionName: 'a' }),
    B: inlineFunction('exports.handler = async () => 2', { FunctionName: 'b' }),
    MayA: permission('A'),
    MayB: permission('B'),
  };
  const rule = (ScheduleExpression: string, target: string) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression,
      State: 'ENABLED',
      Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': [target, 'Arn'] } }],
    },
  });

  test('a schedule keeps its rhythm under a new target, takes another rhythm, and ends', async () => {
    await start({ ...functions, Rule: rule('rate(10 minutes)', 'A') });
    const fired: string[] = [];
    cloud.functions.onCall((result) =>
      fired.push(`${result.function.name} ${new Date(clock.now()).toISOString().slice(11, 16)}`),
    );
    await clock.advanceBy(6 * 60_000);
    await update({ ...functions, Rule: rule('rate(10 minutes)', 'B') });
    await clock.advanceBy(6 * 60_000);
    await update({ ...functions, Rule: rule('rate(30 minutes)', 'A') });
    await clock.advanceBy(40 * 60_000);
    await update(functions);
    await clock.advanceBy(86_400_000);
    expect(fired).toEqual(['b 12:10', 'a 12:42']);
  });

  test('a queue’s consumer is another one', async () => {
    const mapping = (target: string) => ({
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, FunctionName: { Ref: target } },
    });
    const Queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } };
    await start({ ...functions, Queue, Mapping: mapping('A') });
    const fired: string[] = [];
    cloud.functions.onCall((result) => fired.push(result.function.name));
    const send = async () => {
      sqsOf(cloud).tryQueue(arnOf('Queue'))!.send({ body: 'x' });
      await clock.advanceBy(1_000);
    };
    await send();
    await update({ ...functions, Queue, Mapping: mapping('B') });
    await send();
    await update({ ...functions, Queue });
    await send();
    expect(fired).toEqual(['a', 'b']);
  });

  test('an API has other routes', async () => {
    const api = (routes: readonly string[]) => ({
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['A', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      MayApi: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: { Ref: 'A' },
          Principal: 'apigateway.amazonaws.com',
        },
      },
      ...Object.fromEntries(
        routes.map((route, index) => [
          `Route${index}`,
          {
            Type: 'AWS::ApiGatewayV2::Route',
            Properties: {
              ApiId: { Ref: 'Api' },
              RouteKey: route,
              Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
            },
          },
        ]),
      ),
    });
    await start({ ...functions, ...api(['GET /one']) });
    const statusOf = async (path: string) => (await fetch(`${Object.values(cloud.listen().apis)[0]}${path}`)).status;
    expect([await statusOf('/one'), await statusOf('/two')]).toEqual([200, 404]);
    await update({ ...functions, ...api(['GET /two']) });
    expect([await statusOf('/one'), await statusOf('/two')]).toEqual([404, 200]);
  });

  test('a grant that is withdrawn is refused from then on', async () => {
    const role = (Action: string) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {},
        Policies: [{ PolicyName: 'P', PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] } }],
      },
    });
    const machine = stateMachine(
      { QueryLanguage: 'JSONata', StartAt: 'Call', States: { Call: invoke('A') } },
      { RoleArn: { 'Fn::GetAtt': ['Weak', 'Arn'] } },
    );
    const statusOfRun = async () => {
      const { stateMachineArn } = cloud.orchestrations[0]!;
      const { executionArn } = cloud.stepFunctions.startExecution({ stateMachineArn });
      await clock.settled();
      return cloud.stepFunctions.describeExecution({ executionArn }).status;
    };
    await start({ ...functions, Weak: role('lambda:InvokeFunction'), Machine: machine });
    expect(await statusOfRun()).toBe('SUCCEEDED');
    await update({ ...functions, Weak: role('s3:GetObject'), Machine: machine });
    expect(await statusOfRun()).toBe('FAILED');
  });
});

test.each<[string, Resources, RegExp]>([
  ['a type that nothing runs', { Thing: { Type: 'AWS::Neptune::DBCluster', Properties: {} } }, /AWS::Neptune/],
  ['a definition that AWS refuses', { Machine: stateMachine({ StartAt: 'x', States: {} }) }, /Definition/],
  [
    'a function without code',
    { Fn: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'python3.13' } } },
    /python/,
  ],
])('is refused whole, and everything is as it was: %s', async (_, broken, message) => {
  await start({ Fn: fn(`async () => 'old'`) });
  const { assembly } = cloud;
  await expect(update({ Fn: fn(`async () => 'new'`), ...broken })).rejects.toThrow(message);
  expect(cloud.assembly).toBe(assembly);
  expect(await call('fn')).toBe('old');
});
