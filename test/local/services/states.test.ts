import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TestStateCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { VirtualClock } from '../../../lib/clock.js';
import type { LocalCloud } from '../../../lib/local/cloud/local-cloud.js';
import { ADMIN_ROLE, closeAll, inlineFunction, invoke, startApp, stateMachine } from '../local-app.js';

afterEach(closeAll);

const ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:Demo-Machine';

function clientOptions({ endpoint }: LocalCloud) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 };
}

function client(cloud: LocalCloud): SFNClient {
  return new SFNClient(clientOptions(cloud));
}

/** A machine of one state. */
function single(state: unknown): unknown {
  return stateMachine({ QueryLanguage: 'JSONata', StartAt: 'only', States: { only: state } });
}

/** Runs one execution to its end in virtual time. */
async function run(
  cloud: LocalCloud,
  input: unknown = {},
): Promise<{ status: string; output?: unknown; error?: string; cause?: string }> {
  const { executionArn } = cloud.stepFunctions.startExecution({ stateMachineArn: ARN, input: JSON.stringify(input) });
  await (cloud.clock as VirtualClock).settled();
  const { status, output, error, cause } = cloud.stepFunctions.describeExecution({ executionArn });
  return {
    status,
    ...(output === undefined ? {} : { output: JSON.parse(output) }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

describe('the Step Functions API, by the AWS SDK', () => {
  const DOUBLE = { Fn: inlineFunction('exports.handler = async (n) => n * 2'), Machine: single(invoke('Fn')) };

  test('starts, describes, lists and reads the history of an execution', async () => {
    const cloud = await startApp(DOUBLE, { clock: new VirtualClock({ start: new Date('2030-01-01T00:00:00Z') }) });
    const sfn = client(cloud);
    const started = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN, name: 'one', input: '21' }));
    expect(started.startDate).toEqual(new Date('2030-01-01T00:00:00Z'));
    await (cloud.clock as VirtualClock).settled();
    const { executionArn } = started;
    expect(executionArn).toBe('arn:aws:states:us-east-1:123456789012:execution:Demo-Machine:one');
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      input: '21',
      output: '42',
      startDate: new Date('2030-01-01T00:00:00Z'),
    });
    expect((await sfn.send(new ListStateMachinesCommand({}))).stateMachines).toMatchObject([
      { stateMachineArn: ARN, type: 'STANDARD' },
    ]);
    expect((await sfn.send(new ListExecutionsCommand({ stateMachineArn: ARN }))).executions).toMatchObject([
      { name: 'one', status: 'SUCCEEDED' },
    ]);
    const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events?.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events?.[0]?.timestamp).toEqual(new Date('2030-01-01T00:00:00Z'));
    expect(JSON.parse(events?.[4]?.taskSucceededEventDetails?.output ?? '')).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: 42,
      StatusCode: 200,
    });
  });

  test('pages with nextToken', async () => {
    const cloud = await startApp(DOUBLE);
    const sfn = client(cloud);
    for (const name of ['a', 'b', 'c'])
      await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN, name, input: '1' }));
    const first = await sfn.send(new ListExecutionsCommand({ stateMachineArn: ARN, maxResults: 2 }));
    const second = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn: ARN, maxResults: 2, nextToken: first.nextToken }),
    );
    expect([...(first.executions ?? []), ...(second.executions ?? [])].map(({ name }) => name).sort()).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(second.nextToken).toBeUndefined();
  });

  test('stops an execution', async () => {
    const cloud = await startApp(
      { Machine: single({ Type: 'Wait', Seconds: 100, End: true }) },
      { clock: new VirtualClock() },
    );
    cloud.clock.hold('the test');
    const sfn = client(cloud);
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'of this' }));
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'of this',
    });
  });

  test.each([
    ['an unknown state machine', new StartExecutionCommand({ stateMachineArn: `${ARN}x` }), 'StateMachineDoesNotExist'],
    [
      'an unknown execution',
      new DescribeExecutionCommand({ executionArn: ARN.replace('stateMachine', 'execution').concat(':x') }),
      'ExecutionDoesNotExist',
    ],
    [
      'an input that is not JSON',
      new StartExecutionCommand({ stateMachineArn: ARN, input: '{' }),
      'InvalidExecutionInput',
    ],
    ['an ARN that is none', new DescribeStateMachineCommand({ stateMachineArn: 'x' }), 'InvalidArn'],
    ['a missing member', new StartExecutionCommand({ stateMachineArn: undefined }), 'ValidationException'],
    ['an unknown token', new SendTaskSuccessCommand({ taskToken: 'x', output: '1' }), 'InvalidToken'],
  ])('%s is an exception', async (_name, command, name) => {
    const cloud = await startApp(DOUBLE);
    await expect(client(cloud).send(command as StartExecutionCommand)).rejects.toMatchObject({ name });
  });

  test('a member of the wrong type is refused by name', async () => {
    const cloud = await startApp(DOUBLE);
    const response = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=x/20300101/us-east-1/states/aws4_request',
        'x-amz-target': 'AWSStepFunctions.StartExecution',
      },
      body: JSON.stringify({ stateMachineArn: ARN, input: { a: 1 } }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      __type: 'SerializationException',
      message: "Expected string at 'input', got object.",
    });
  });

  test('a token that a function got answers its task', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async () => null'),
      Machine: single({
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: '${Fn.Arn}', Payload: { token: '{% $states.context.Task.Token %}' } },
        End: true,
      }),
    });
    const tokens: string[] = [];
    cloud.functions.onCall(({ payload }) => tokens.push(JSON.parse(payload).token));
    const sfn = client(cloud);
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    await (cloud.clock as VirtualClock).settled();
    await sfn.send(new SendTaskSuccessCommand({ taskToken: tokens[0], output: '{"yes":true}' }));
    await (cloud.clock as VirtualClock).settled();
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"yes":true}',
    });
  });
});

test('TestState runs one state by a real function; ValidateStateMachineDefinition finds what is wrong', async () => {
  const cloud = await startApp({ Fn: inlineFunction('exports.handler = async (n) => n + 1') });
  const sfn = new SFNClient({ ...clientOptions(cloud), disableHostPrefix: true });
  const state = {
    QueryLanguage: 'JSONata',
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'Demo-Fn', Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    End: true,
  };
  expect(await sfn.send(new TestStateCommand({ definition: JSON.stringify(state), input: '1' }))).toMatchObject({
    status: 'SUCCEEDED',
    output: '2',
  });
  const invalid = JSON.stringify({ StartAt: 'gone', States: { a: { Type: 'Pass', End: true } } });
  const { result, diagnostics } = await sfn.send(new ValidateStateMachineDefinitionCommand({ definition: invalid }));
  expect(result).toBe('FAIL');
  expect(diagnostics?.[0]).toMatchObject({
    severity: 'ERROR',
    code: 'MISSING_TRANSITION_TARGET',
    location: '/StartAt',
  });
});

describe('tasks', () => {
  test('a function’s error keeps its name; the cause is its error object', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async () => { const e = new Error("no"); e.name = "Denied"; throw e }'),
      Machine: single(invoke('Fn')),
    });
    const { status, error, cause } = await run(cloud);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Denied' });
    expect(JSON.parse(cause ?? '')).toMatchObject({ errorType: 'Denied', errorMessage: 'no' });
  });

  test('a function ARN as resource gives the bare result', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async (e) => ({ got: e })'),
      Machine: single({ Type: 'Task', Resource: '${Fn.Arn}', End: true }),
    });
    expect(await run(cloud, { n: 1 })).toEqual({ status: 'SUCCEEDED', output: { got: { n: 1 } } });
  });

  test('throttling, a missing function and a missing grant are Lambda’s errors', async () => {
    const policies = [
      {
        PolicyName: 'p',
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['Zero', 'Arn'] } },
          ],
        },
      },
    ];
    const Narrow = { Type: 'AWS::IAM::Role', Properties: { Policies: policies } };
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'call',
      States: {
        call: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { FunctionName: '{% $states.input %}' },
          End: true,
        },
      },
    };
    const cloud = await startApp({
      Narrow,
      Zero: inlineFunction('', { ReservedConcurrentExecutions: 0 }),
      Fn: inlineFunction('exports.handler = async () => 1'),
      Machine: stateMachine(definition, { RoleArn: { 'Fn::GetAtt': ['Narrow', 'Arn'] } }),
    });
    expect((await run(cloud, 'Demo-Zero')).error).toBe('Lambda.TooManyRequestsException');
    expect((await run(cloud, 'Gone')).error).toBe('Lambda.ResourceNotFoundException');
    const denied = await run(cloud, 'Demo-Fn');
    expect(denied.error).toBe('Lambda.AWSLambdaException');
    expect(denied.cause).toMatch(/not authorized to perform: lambda:InvokeFunction on resource: .*Demo-Fn/);
  });

  test('a client context reaches the function', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async (e, c) => c.clientContext'),
      Machine: single({
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: { FunctionName: '${Fn.Arn}', ClientContext: '{% $base64encode(\'{"idempotencyKey":"k"}\') %}' },
        Output: '{% $states.result.Payload %}',
        End: true,
      }),
    });
    expect(await run(cloud)).toEqual({ status: 'SUCCEEDED', output: { idempotencyKey: 'k' } });
  });

  test('an SDK integration of another service runs under the state machine’s role', async () => {
    const cloud = await startApp({
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        },
      },
      Machine: stateMachine({
        QueryLanguage: 'JSONata',
        StartAt: 'put',
        States: {
          put: {
            Type: 'Task',
            Resource: 'arn:aws:states:::dynamodb:putItem',
            Arguments: {
              TableName: '${Table}',
              Item: { pk: { S: 'a' } },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
            Next: 'get',
          },
          get: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem',
            Arguments: { TableName: '${Table}', Key: { pk: { S: 'a' } } },
            Output: '{% $states.result.Item.pk.S %}',
            End: true,
          },
        },
      }),
    });
    expect(await run(cloud)).toEqual({ status: 'SUCCEEDED', output: 'a' });
    expect((await run(cloud)).error).toBe('DynamoDB.ConditionalCheckFailedException');
  });

  test.each([
    ['arn:aws:states:::ecs:runTask.sync', 'ecs'],
    ['arn:aws:states:::aws-sdk:ec2:startInstances', 'ec2'],
    ['arn:aws:states:::dynamodb:createBackup', 'createBackup'],
    ['arn:aws:lambda:us-east-1:123456789012:function:Nobody', 'Nobody'],
  ])('%s is refused when the template loads, naming machine, state and resource', async (Resource, word) => {
    const loading = startApp({ Machine: single({ Type: 'Task', Resource, End: true }) });
    await expect(loading).rejects.toThrow('`Demo/Machine.Definition`');
    await expect(loading).rejects.toThrow('only');
    await expect(loading).rejects.toThrow(word);
  });

  test('a definition that is not valid is refused when the template loads', async () => {
    await expect(startApp({ Machine: stateMachine({ StartAt: 'gone', States: {} }) })).rejects.toThrow(
      '`Demo/Machine.Definition`',
    );
  });

  test('definition substitutions are filled in', async () => {
    const Machine = {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Definition: {
          StartAt: 'a',
          QueryLanguage: 'JSONata',
          States: { a: { Type: 'Pass', Output: '${word}', End: true } },
        },
        DefinitionSubstitutions: { word: { Ref: 'AWS::Region' } },
      },
    };
    expect(await run(await startApp({ Role: ADMIN_ROLE, Machine }))).toEqual({
      status: 'SUCCEEDED',
      output: 'us-east-1',
    });
  });

  test('a stubbed function answers in place of its code', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async () => "real"'),
      Machine: single(invoke('Fn')),
    });
    cloud.functions.intercept(async ({ function: { path } }) => ({ payload: JSON.stringify(`stub of ${path}`) }));
    expect(await run(cloud)).toEqual({ status: 'SUCCEEDED', output: 'stub of Demo/Fn' });
  });
});

test('a function runs an Express machine and waits for it', async () => {
  const code = `const { SFNClient, StartSyncExecutionCommand } = require('@aws-sdk/client-sfn');
    exports.handler = async (stateMachineArn) => {
      const { status, output } = await new SFNClient({}).send(new StartSyncExecutionCommand({ stateMachineArn, input: '20' }));
      return [status, output];
    }`;
  const cloud = await startApp({
    Fn: inlineFunction(code, { Timeout: 10 }),
    Machine: stateMachine(
      {
        QueryLanguage: 'JSONata',
        StartAt: 'a',
        States: { a: { Type: 'Pass', Output: '{% $states.input + 1 %}', End: true } },
      },
      { StateMachineType: 'EXPRESS' },
    ),
  });
  expect(await cloud.functions.invoke('Demo-Fn', { payload: JSON.stringify(ARN) })).toMatchObject({
    payload: '["SUCCEEDED","21"]',
  });
});

describe('nested executions', () => {
  const CHILD = 'arn:aws:states:us-east-1:123456789012:stateMachine:Demo-Child';
  const resources = (allowed: string) => ({
    Narrow: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'states:StartExecution', Resource: allowed }] },
          },
        ],
      },
    },
    Child: single({ Type: 'Pass', Output: { got: '{% $states.input.n %}' }, End: true }),
    Machine: stateMachine(
      {
        QueryLanguage: 'JSONata',
        StartAt: 'only',
        States: {
          only: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution.sync:2',
            Arguments: { StateMachineArn: CHILD, Input: { n: 5 } },
            Output: '{% $states.result.Output %}',
            End: true,
          },
        },
      },
      { RoleArn: { 'Fn::GetAtt': ['Narrow', 'Arn'] } },
    ),
  });

  test('run when the role allows it', async () => {
    expect(await run(await startApp(resources(CHILD)))).toEqual({ status: 'SUCCEEDED', output: { got: 5 } });
  });

  test('are denied when it does not, naming the missing grant', async () => {
    const { status, error, cause } = await run(await startApp(resources(`${CHILD}2`)));
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'StepFunctions.AWSStepFunctionsException' });
    expect(cause).toMatch(/not authorized to perform: states:StartExecution on resource: .*Demo-Child/);
  });
});
