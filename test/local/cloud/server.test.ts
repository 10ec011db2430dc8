import { request } from 'node:http';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { LEAVE_OUT_LOCALLY } from '../../../lib/errors.js';
import { LocalCloud } from '../../../lib/local/cloud/local-cloud.js';
import { writeApp } from '../../assembly/write-app.js';
import { ADMIN_ROLE, closeAll, inlineFunction, startApp } from '../local-app.js';

afterEach(closeAll);

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A plain HTTP request, which may lie about its Host. */
function send(cloud: LocalCloud, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(cloud.endpoint);
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (incoming) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += chunk;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=x/20300101/us-east-1/lambda/aws4_request, Signature=y' };
const FUNCTIONS = '/2015-03-31/functions/';

describe('the server', () => {
  test('answers to names of this machine only', async () => {
    const cloud = await startApp({});
    const statuses = async (host: string) => (await send(cloud, '/', { host })).status;
    expect(await statuses('evil.example')).toBe(403);
    expect(await statuses('127.0.0.1.evil.example')).toBe(403);
    expect(await statuses('localhost.evil.example:80')).toBe(403);
    expect(await statuses('localhost:1234')).toBe(200);
    expect(await statuses('abc.localhost')).toBe(200);
  });

  test('refuses AWS calls that a web page of another site makes', async () => {
    const cloud = await startApp({});
    const statuses = async (headers: Record<string, string>) =>
      (await send(cloud, FUNCTIONS, { ...SIGNED, ...headers })).status;
    expect(await statuses({})).toBe(200);
    expect(await statuses({ origin: 'http://localhost:3000' })).toBe(200);
    expect(await statuses({ origin: 'https://evil.example' })).toBe(403);
    expect(await statuses({ origin: 'null' })).toBe(403);
    expect(await statuses({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
  });

  test('shows at / what runs, escaped', async () => {
    const { status, headers, body } = await send(await startApp({}), '/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(body).toContain('AWS_ENDPOINT_URL=http://127.0.0.1:');
  });

  test('says what it does not know: a path, a service, an unsigned AWS call', async () => {
    const cloud = await startApp({});
    expect(await send(cloud, '/nowhere')).toMatchObject({
      status: 404,
      body: '{"message":"Nothing answers GET /nowhere here."}',
    });
    const ec2 = { authorization: SIGNED.authorization.replace('lambda', 'ec2') };
    expect(await send(cloud, '/', ec2)).toMatchObject({
      status: 501,
      body: expect.stringContaining('has no service \\"ec2\\"'),
    });
    expect(await send(cloud, '/', { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' }, 'POST')).toMatchObject({
      status: 403,
    });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'knows no page, service or operation that is called %s',
    async (name) => {
      const cloud = await startApp({});
      expect(await send(cloud, `/${name}`)).toMatchObject({
        status: 404,
        body: JSON.stringify({ message: `Nothing answers GET /${name} here.` }),
      });
      const signedFor = (service: string) => ({ authorization: SIGNED.authorization.replace('lambda', service) });
      expect((await send(cloud, '/', signedFor(name))).status).toBe(501);
      for (const [service, target] of Object.entries({
        states: 'AWSStepFunctions',
        sqs: 'AmazonSQS',
        events: 'AWSEvents',
        dynamodb: 'DynamoDB_20120810',
      })) {
        const answer = await send(cloud, '/', { ...signedFor(service), 'x-amz-target': `${target}.${name}` }, 'POST');
        expect({ service, status: answer.status }).toEqual({ service, status: 400 });
      }
    },
  );

  test('a port that is taken is one clear message', async () => {
    const cloud = await startApp({});
    const port = Number(new URL(cloud.endpoint).port);
    const directory = writeApp({ stacks: { Demo: {} } });
    await expect(LocalCloud.load(directory, { port })).rejects.toThrow(
      `\`port ${port}\`: expected a free port, got a port that is taken; choose another with --port, or 0 for any free one`,
    );
  });
});

describe('an HTTP API of the template', () => {
  const API = {
    Fn: inlineFunction('exports.handler = async (event) => ({ path: event.rawPath, url: process.env.URL })', {
      Environment: { Variables: { URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
    }),
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'shop', ProtocolType: 'HTTP' } },
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
        RouteKey: 'GET /orders',
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
        Principal: 'apigateway.amazonaws.com',
      },
    },
  };

  test('answers below /apis, where its functions are told it is, and by its host name', async () => {
    const cloud = await startApp(API);
    const { Api: shop } = cloud.listen().apis;
    const expected = { path: '/orders', url: shop };
    expect(await (await fetch(`${shop}/orders`)).json()).toEqual(expected);
    const host = `${new URL(shop!).pathname.split('/')[2]}.execute-api.localhost`;
    expect(JSON.parse((await send(cloud, '/orders', { host })).body)).toEqual(expected);
  });
});

test('functions of the same logical id in two stacks have keys of their own', async () => {
  const Fn = inlineFunction('exports.handler = async () => process.env.AWS_ACCESS_KEY_ID');
  const cloud = await startApp({ Fn }, { app: { stacks: { Other: { resources: { Role: ADMIN_ROLE, Fn } } } } });
  const keys = await Promise.all(
    cloud.functions.configs.map(async ({ arn }) => (await cloud.functions.invoke(arn)).payload),
  );
  expect(keys).toEqual(['"LOCALFn"', '"LOCALFn2"']);
});

describe('what a template may hold', () => {
  test('everything that cannot run is refused at once, by path', async () => {
    const loading = startApp({
      Server: { Type: 'AWS::EC2::Instance' },
      Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: 'arn' } },
      Fn: inlineFunction('', { Runtime: 'python3.13' }),
    });
    await expect(loading).rejects.toThrow(
      [
        "expected an app that the local cloud can run, got 3 things that it can't; mend each:",
        `  - \`Demo/Server\`: expected a resource type that the local cloud runs, got \`AWS::EC2::Instance\`; the local cloud has no such service; ${LEAVE_OUT_LOCALLY}`,
        `  - \`Demo/Thing\`: expected a resource type that the local cloud runs, got \`Custom::Thing\`; custom resources run at deployment on AWS only; ${LEAVE_OUT_LOCALLY}`,
        '  - `Demo/Fn.Runtime`: expected a Node.js runtime (`nodejs22.x`), got `python3.13`; the local cloud runs Node.js functions only',
      ].join('\n'),
    );
  });

  test('the provider of a custom resource that prepares for deletion needn’t run', async () => {
    const cloud = await startApp({
      Provider: inlineFunction('', { Runtime: 'python3.13' }),
      Empty: {
        Type: 'Custom::S3AutoDeleteObjects',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } },
      },
    });
    expect(cloud.functions.configs).toEqual([]);
  });

  test('a role whose policies are unreadable is refused', async () => {
    const Role = {
      Type: 'AWS::IAM::Role',
      Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/NoSuchPolicyAnywhere'] },
    };
    await expect(startApp({ Other: Role })).rejects.toThrow('Demo/Other');
  });
});

describe('the Lambda API', () => {
  const client = (cloud: LocalCloud): LambdaClient =>
    new LambdaClient({
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });

  test('invokes with a payload, a client context and the log', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async (e, c) => { console.log("hi"); return [e.n, c.clientContext.k] }'),
    });
    const answer = await client(cloud).send(
      new InvokeCommand({
        FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:Demo-Fn',
        Payload: '{"n":1}',
        ClientContext: Buffer.from('{"k":2}').toString('base64'),
        LogType: 'Tail',
      }),
    );
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual([1, 2]);
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).toMatch(
      /^START RequestId.*\nhi\nEND RequestId.*\nREPORT/s,
    );
  });

  test('tells a handler’s failure in FunctionError, and Lambda’s own as exceptions', async () => {
    const cloud = await startApp({ Fn: inlineFunction('exports.handler = async () => { throw new Error("no") }') });
    const answer = await client(cloud).send(new InvokeCommand({ FunctionName: 'Demo-Fn' }));
    expect(answer.FunctionError).toBe('Unhandled');
    expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toMatchObject({
      errorType: 'Error',
      errorMessage: 'no',
    });
    await expect(client(cloud).send(new InvokeCommand({ FunctionName: 'Gone' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:Gone',
    });
  });

  test('Event answers 202 before the function ran, DryRun runs nothing', async () => {
    const cloud = await startApp({ Fn: inlineFunction('exports.handler = async () => 1') });
    let calls = 0;
    const called = new Promise<void>((resolve) => cloud.functions.onCall(() => resolve(void calls++)));
    expect(
      (await client(cloud).send(new InvokeCommand({ FunctionName: 'Demo-Fn', InvocationType: 'DryRun' }))).StatusCode,
    ).toBe(204);
    expect(calls).toBe(0);
    expect(
      (await client(cloud).send(new InvokeCommand({ FunctionName: 'Demo-Fn', InvocationType: 'Event' }))).StatusCode,
    ).toBe(202);
    await called;
    expect(calls).toBe(1);
  });

  test('lists functions', async () => {
    const cloud = await startApp({ Fn: inlineFunction('', { MemorySize: 512, Timeout: 9 }) });
    const { Functions: functions } = await client(cloud).send(new ListFunctionsCommand({}));
    expect(functions).toMatchObject([{ FunctionName: 'Demo-Fn', MemorySize: 512, Timeout: 9, Runtime: 'nodejs22.x' }]);
  });

  test('a function may call only what its role allows; the denial names the missing grant', async () => {
    const code = `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
      exports.handler = async (event) => {
        const answer = await new LambdaClient({}).send(new InvokeCommand({ FunctionName: event.target }));
        return answer.Payload.transformToString();
      }`;
    const policy = {
      PolicyName: 'p',
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['Friend', 'Arn'] } },
        ],
      },
    };
    const Narrow = { Type: 'AWS::IAM::Role', Properties: { Policies: [policy] } };
    const cloud = await startApp({
      Narrow,
      Fn: inlineFunction(code, { Role: { 'Fn::GetAtt': ['Narrow', 'Arn'] }, Timeout: 10 }),
      Friend: inlineFunction('exports.handler = async () => "hello"'),
      Stranger: inlineFunction('exports.handler = async () => "hello"'),
    });
    const call = (target: string) => cloud.functions.invoke('Demo-Fn', { payload: JSON.stringify({ target }) });
    expect((await call('Demo-Friend')).payload).toBe('"\\"hello\\""');
    expect(JSON.parse((await call('Demo-Stranger')).payload)).toMatchObject({
      errorType: 'AccessDeniedException',
      errorMessage: expect.stringMatching(
        /Demo-Narrow.*not authorized to perform: lambda:InvokeFunction on resource: .*Demo-Stranger/,
      ),
    });
  });
});
