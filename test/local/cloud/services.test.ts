import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { LocalCloud } from '../../../lib/local/cloud/local-cloud.js';
import { mailboxOf } from '../../../lib/local/services/mailbox/mailbox-service.js';
import { closeAll, inlineFunction, invoke, startApp, stateMachine } from '../local-app.js';

afterEach(closeAll);

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'Orders',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  },
};

/** A handler that puts an item whose id is an execution's status, a path parameter or the input's `id`. */
const PUTTER = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
exports.handler = async (event) => {
  const id = event.detail?.status ?? event.pathParameters?.id ?? event.id;
  await new DynamoDBClient({}).send(new PutItemCommand({ TableName: 'Orders', Item: { id: { S: id } } }));
  return { saved: id };
};`;

/** A role that may do some actions on the table. */
function narrowRole(...actions: string[]): unknown {
  const statement = { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {},
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
      Policies: [{ PolicyName: 'Narrow', PolicyDocument: { Statement: [statement] } }],
    },
  };
}

const putter = inlineFunction(PUTTER, { Role: { 'Fn::GetAtt': ['Narrow', 'Arn'] } });

function clientOptions(cloud: LocalCloud) {
  const credentials = { accessKeyId: 'developer', secretAccessKey: 'x' };
  return { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
}

async function hasItem(cloud: LocalCloud, id: string): Promise<boolean> {
  const client = new DynamoDBClient(clientOptions(cloud));
  const { Item } = await client.send(new GetItemCommand({ TableName: 'Orders', Key: { id: { S: id } } }));
  client.destroy();
  return Item !== undefined;
}

async function execute(cloud: LocalCloud, input: unknown) {
  const client = new SFNClient(clientOptions(cloud));
  const { stateMachineArn } = cloud.orchestration('Machine');
  await client.send(new StartExecutionCommand({ stateMachineArn, name: 'e', input: JSON.stringify(input) }));
  client.destroy();
  await (cloud.clock as unknown as { settled(): Promise<void> }).settled();
  return cloud.stepFunctions.describeExecution({
    executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:e`,
  });
}

describe('a function that calls a table', () => {
  const machine = stateMachine({ QueryLanguage: 'JSONata', StartAt: 'Save', States: { Save: invoke('Fn') } });

  test('does what its role allows', async () => {
    const cloud = await startApp({
      Table: TABLE,
      Narrow: narrowRole('dynamodb:PutItem'),
      Fn: putter,
      Machine: machine,
    });
    expect(await execute(cloud, { id: 'o1' })).toMatchObject({ status: 'SUCCEEDED', output: '{"saved":"o1"}' });
    expect(await hasItem(cloud, 'o1')).toBe(true);
  });

  test('is denied what its role does not allow, and told which grant is missing', async () => {
    const cloud = await startApp({
      Table: TABLE,
      Narrow: narrowRole('dynamodb:GetItem'),
      Fn: putter,
      Machine: machine,
    });
    const { status, error, cause } = await execute(cloud, { id: 'o1' });
    expect([status, error]).toEqual(['FAILED', 'AccessDeniedException']);
    expect(cause).toMatch(
      /User: arn:aws:sts::123456789012:assumed-role\/Demo-Narrow\/Demo-Fn is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table\/Orders because no identity-based policy allows the dynamodb:PutItem action/,
    );
    expect(cause).toContain('runs as role `Narrow`');
    expect(await hasItem(cloud, 'o1')).toBe(false);
  });
});

test("a state machine's own call to a table is checked, and its error has AWS's name", async () => {
  const state = (condition: string) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::dynamodb:updateItem',
    Arguments: {
      TableName: 'Orders',
      Key: { id: { S: 'o1' } },
      UpdateExpression: 'SET customStatus = :s',
      ConditionExpression: condition,
      ExpressionAttributeValues: { ':s': { S: 'working' } },
    },
  });
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'First',
    States: {
      First: { ...state('attribute_not_exists(id)'), Next: 'Second' },
      Second: { ...state('attribute_not_exists(id)'), End: true },
    },
  };
  const machine = (role: string) => stateMachine(definition, { RoleArn: { 'Fn::GetAtt': [role, 'Arn'] } });
  const cloud = await startApp({ Table: TABLE, Machine: machine('Role') });
  expect(await execute(cloud, {})).toMatchObject({ error: 'DynamoDB.ConditionalCheckFailedException' });
  expect(await hasItem(cloud, 'o1')).toBe(true);
  const narrow = await startApp({ Table: TABLE, Narrow: narrowRole('dynamodb:GetItem'), Machine: machine('Narrow') });
  // Step Functions names a denied call after the service's own exception.
  expect(await execute(narrow, {})).toMatchObject({
    error: 'DynamoDB.AmazonDynamoDBException',
    cause: expect.stringContaining(
      'assumed-role/Demo-Narrow/Machine is not authorized to perform: dynamodb:UpdateItem',
    ),
  });
});

describe('an HTTP route', () => {
  const gateway = (permission: boolean) => ({
    Table: TABLE,
    Narrow: narrowRole('dynamodb:PutItem'),
    Fn: putter,
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'Shop', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: 'PUT /orders/{id}',
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
      },
    },
    ...(permission
      ? {
          Permission: {
            Type: 'AWS::Lambda::Permission',
            Properties: {
              Action: 'lambda:InvokeFunction',
              FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
              Principal: 'apigateway.amazonaws.com',
              SourceArn: { 'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/orders/{id}' },
            },
          },
        }
      : {}),
  });
  const put = async (cloud: LocalCloud) => {
    const response = await fetch(`${cloud.listen().apis['Api']}/orders/o1`, { method: 'PUT' });
    return `${response.status} ${await response.text()}`;
  };

  test('invokes a function that lets the gateway', async () => {
    const cloud = await startApp(gateway(true));
    expect(await put(cloud)).toBe('200 {"saved":"o1"}');
    expect(await hasItem(cloud, 'o1')).toBe(true);
  });

  test('does not invoke one that does not', async () => {
    const warnings: string[] = [];
    const cloud = await startApp(gateway(false), { onWarning: (line) => warnings.push(line) });
    expect(await put(cloud)).toBe('500 {"message":"Internal Server Error"}');
    expect(warnings).toEqual([
      expect.stringContaining('no resource-based policy allows the lambda:InvokeFunction action'),
    ]);
    expect(await hasItem(cloud, 'o1')).toBe(false);
  });
});

test('the status changes of an execution reach a function and, through a topic, the mailbox', async () => {
  const pattern = { source: ['aws.states'], detail: { status: ['SUCCEEDED'] } };
  const source = { 'Fn::GetAtt': ['Rule', 'Arn'] };
  const events = { Service: 'events.amazonaws.com' };
  const cloud = await startApp({
    Table: TABLE,
    Narrow: narrowRole('dynamodb:PutItem'),
    Fn: putter,
    Machine: stateMachine({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }),
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'News' } },
    Mail: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'ann@example.com' },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: pattern,
        State: 'ENABLED',
        Targets: [
          { Id: 'a', Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
          {
            Id: 'b',
            Arn: { Ref: 'Topic' },
            InputTransformer: { InputPathsMap: { n: '$.detail.name' }, InputTemplate: '"<n> is done"' },
          },
        ],
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'Fn' },
        Principal: 'events.amazonaws.com',
        SourceArn: source,
      },
    },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: events, Action: 'sns:Publish', Resource: { Ref: 'Topic' } }],
        },
      },
    },
  });
  expect(await execute(cloud, {})).toMatchObject({ status: 'SUCCEEDED' });
  expect(await hasItem(cloud, 'SUCCEEDED')).toBe(true);
  expect(mailboxOf(cloud).list()).toMatchObject([{ to: ['ann@example.com'], text: 'e is done' }]);
  const page = (await (await fetch(`${cloud.endpoint}/mailbox/messages`)).json()) as { text: string }[];
  expect(page.map(({ text }) => text)).toEqual(['e is done']);
});
