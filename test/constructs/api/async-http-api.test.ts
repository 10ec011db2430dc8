import { Annotations, type App, type Stack } from 'aws-cdk-lib';
import { Annotations as AssertionAnnotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { readAssembly } from '../../../lib/assembly/read-assembly.js';
import { ApiAuth, type JwtAuthOptions } from '../../../lib/constructs/api/api-auth.js';
import { AsyncHttpApi, type AsyncHttpApiProps } from '../../../lib/constructs/api/async-http-api.js';
import { TaskHub } from '../../../lib/constructs/hub/task-hub.js';
import { readCodeFile, readFunctionConfig } from '../../../lib/local/functions/function-config.js';
import { expectNoCycle } from '../cycles.js';
import { newStack } from '../kit.js';

function machine(stack: Stack, id: string): sfn.StateMachine {
  return new sfn.StateMachine(stack, id, {
    definitionBody: sfn.DefinitionBody.fromString('{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'),
  });
}

function apiStack(props: Partial<AsyncHttpApiProps> = {}) {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const stateMachine = machine(stack, 'Hello');
  hub.addOrchestration({ name: 'HelloSequence', stateMachine });
  const api = new AsyncHttpApi(stack, 'Api', {
    hub,
    auth: ApiAuth.none(),
    orchestrations: { 'hello-sequence': { stateMachine } },
    ...props,
  });
  return { stack, hub, api, template: Template.fromStack(stack) };
}

test('every route of the contract is deployed, and a last one for everything else', () => {
  const { template } = apiStack();
  const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
    (route) => route['Properties']['RouteKey'],
  );
  expect(routes.sort()).toEqual([
    '$default',
    'DELETE /instances',
    'DELETE /instances/{instanceId+}',
    'GET /instances',
    'GET /instances/{instanceId+}',
    'GET /openapi.json',
    'POST /instances/{instanceId}/raiseEvent/{eventName}',
    'POST /instances/{instanceId}/restart',
    'POST /instances/{instanceId}/rewind',
    'POST /instances/{instanceId}/terminate',
    'POST /orchestrations/{name}',
    'POST /orchestrations/{name}/{instanceId+}',
  ]);
  expectNoCycle(template);
});

test('the stage throttles and logs', () => {
  const { template } = apiStack({ throttle: { rateLimit: 5, burstLimit: 7 } });
  template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    AutoDeploy: true,
    DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
    AccessLogSettings: {
      DestinationArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiAccessLog'), 'Arn'] },
      Format: Match.anyValue(),
    },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: {
      'Fn::Join': [
        '',
        ['/aws/vendedlogs/apis/Stack-', { Ref: 'AWS::Region' }, Match.stringLikeRegexp('^-[0-9a-f]{8}-Api$')],
      ],
    },
    RetentionInDays: 30,
  });
});

test('each function has a role of its own, with the actions that it needs and no wildcard', () => {
  const { template, api } = apiStack();
  const actionsOf = (id: string): string[] =>
    Object.values(template.findResources('AWS::IAM::Policy'))
      .filter((policy) => JSON.stringify(policy['Properties']['Roles']).includes(`Api${id}ServiceRole`))
      .flatMap((policy) => policy['Properties']['PolicyDocument']['Statement'])
      .flatMap(({ Action }: { Action: string | string[] }) => Action)
      .filter((action) => !action.startsWith('logs:'))
      .sort();
  expect(Object.fromEntries(Object.keys(api.functions).map((id) => [id, actionsOf(id)]))).toEqual({
    StartInstance: [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'states:DescribeExecution',
      'states:DescribeStateMachine',
      'states:StartExecution',
      'states:StopExecution',
    ],
    QueryInstances: [
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'states:DescribeExecution',
      'states:DescribeStateMachine',
      'states:GetExecutionHistory',
      'states:StopExecution',
    ],
    RaiseEvent: [
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'states:SendTaskSuccess',
    ],
    ManageInstance: [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'states:DescribeExecution',
      'states:DescribeStateMachine',
      'states:GetExecutionHistory',
      'states:RedriveExecution',
      'states:StartExecution',
      'states:StopExecution',
    ],
    PurgeInstances: [
      'dynamodb:BatchGetItem',
      'dynamodb:BatchWriteItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    ],
    DescribeApi: [],
  });
});

test('its functions may use the state machines that it names, and all of the hub’s where it asks for them', () => {
  const granted = (reach?: 'hub') => {
    const { template, hub } = apiStack(reach === undefined ? {} : { reach });
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Api'));
    const names = JSON.stringify(policies).matchAll(/:(?:stateMachine|execution):([\w*-]+)/g);
    return { hub, names: [...new Set([...names].map(([, name]) => name))] };
  };
  const { hub, names } = granted();
  expect(names).toEqual([expect.stringMatching(`^${hub.machinePrefix}-hello-sequence-[0-9a-f]{8}$`)]);
  // All of the hub's but for the answers to waits, which it may give to those that wait.
  expect(granted('hub').names).toEqual([`${hub.machinePrefix}-*`, ...names]);
});

const digest = ApiAuth.digestOf('secret');

test.each([
  ['iam', ApiAuth.iam(), { AuthorizationType: 'AWS_IAM' }, 0],
  [
    'jwt',
    ApiAuth.jwt({ issuer: 'https://issuer', audience: ['me'], scopes: ['run'] }),
    { AuthorizationType: 'JWT', AuthorizationScopes: ['run'] },
    1,
  ],
  ['apiKey', ApiAuth.apiKey({ sha256: [digest] }), { AuthorizationType: 'CUSTOM' }, 1],
  ['none', ApiAuth.none(), { AuthorizationType: 'NONE' }, 0],
])('auth by %s holds on every route, and is in the document', (kind, auth, route, count) => {
  const { template, api } = apiStack({ auth });
  template.allResourcesProperties('AWS::ApiGatewayV2::Route', Match.objectLike(route));
  template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', count);
  expect(api.openApi['security']).toEqual(kind === 'none' ? undefined : [{ [kind]: [] }]);
});

test('everybody’s API is warned of, until that is acknowledged', () => {
  const warnings = (acknowledged: boolean) => {
    const { stack, api } = apiStack();
    if (acknowledged) Annotations.of(api).acknowledgeWarning('durable-steps:openApi', 'for a workshop');
    return AssertionAnnotations.fromStack(stack)
      .findWarning('/Stack/Api', Match.stringLikeRegexp('everybody may start, read and steer'))
      .map(({ level }) => level);
  };
  expect([warnings(false), warnings(true)]).toEqual([['warning'], []]);
});

test('what no scope and no permission allows has no route, and isn’t in the document', () => {
  const jwt = (scopes: JwtAuthOptions['scopes']) =>
    ApiAuth.jwt({ issuer: 'https://issuer', audience: ['me'], ...(scopes === undefined ? {} : { scopes }) });
  const routesOf = (props: Partial<AsyncHttpApiProps>) => {
    const { template, api } = apiStack(props);
    const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) =>
      [Properties.RouteKey, ...(Properties.AuthorizationScopes ?? [])].join(' '),
    );
    return { routes: routes.sort(), paths: Object.keys(api.openApi['paths'] as object) };
  };
  expect(routesOf({ auth: jwt({ start: ['run'], read: ['run', 'see'], purge: [] }) })).toEqual({
    routes: [
      '$default',
      'GET /instances run see',
      'GET /instances/{instanceId+} run see',
      'GET /openapi.json',
      'POST /orchestrations/{name} run',
      'POST /orchestrations/{name}/{instanceId+} run',
    ],
    paths: [
      '/orchestrations/hello-sequence',
      '/orchestrations/hello-sequence/{instanceId}',
      '/instances',
      '/instances/{instanceId}',
      '/openapi.json',
    ],
  });
  expect(routesOf({ auth: ApiAuth.iam(), permissions: ['signal'] }).routes).toEqual([
    '$default',
    'GET /openapi.json',
    'POST /instances/{instanceId}/raiseEvent/{eventName}',
  ]);
  expect(() => apiStack({ auth: jwt([]) })).toThrow(
    '`Stack/Api.auth.scopes`: expected scopes of which a token needs one',
  );
});

test.each<[string, (api: AsyncHttpApi) => unknown, Partial<AsyncHttpApiProps>, string]>([
  [
    'an owner without a subject',
    () => {},
    { owner: 'subject' },
    '`Stack/Api.owner`: expected an authorization that knows who calls',
  ],
  [
    'a grant without IAM',
    (api) => api.grant(new iam.ServicePrincipal('x'), 'start'),
    {},
    '`Stack/Api.grant`: expected an API with `ApiAuth.iam()`, got `none`',
  ],
  [
    'a permission that there isn’t',
    () => {},
    { auth: ApiAuth.apiKey({ keys: [{ name: 'a', sha256: ApiAuth.digestOf('a'), permissions: ['all' as never] }] }) },
    '`Stack/Api.auth.keys`: expected permissions: start, read, signal, operate, purge, got `all`',
  ],
])('%s is refused', (_, act, props, message) => {
  expect(() => act(apiStack(props).api)).toThrow(message);
});

test('an API key is in the template by its digest only', () => {
  const { template } = apiStack({ auth: ApiAuth.apiKey({ sha256: [digest] }) });
  expect(JSON.stringify(template.toJSON())).toContain(digest);
  expect(() => apiStack({ auth: ApiAuth.apiKey({ sha256: ['secret'] }) })).toThrow(
    'expected SHA-256 digests of API keys',
  );
});

test('CORS allows the origins and shows the headers that clients need', () => {
  const { template } = apiStack({ cors: { origins: ['https://shop.example'] } });
  template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
    CorsConfiguration: Match.objectLike({
      AllowOrigins: ['https://shop.example'],
      ExposeHeaders: ['location', 'retry-after', 'x-ms-continuation-token'],
    }),
  });
});

test('with CORS, browsers may ask for permission without credentials', () => {
  const auth = ApiAuth.iam();
  const routesOf = (props: Partial<AsyncHttpApiProps>) =>
    Object.values(apiStack({ auth, ...props }).template.findResources('AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => `${Properties.RouteKey}: ${Properties.AuthorizationType}`,
    );
  const added = routesOf({ cors: { origins: ['https://shop.example'] } }).filter((one) => !routesOf({}).includes(one));
  expect(added).toEqual(['OPTIONS /{proxy+}: NONE']);
});

test('the document has a path for each orchestration, with its input', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const stateMachine = machine(stack, 'Hello');
  hub.addOrchestration({ name: 'Hello', stateMachine });
  const input = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };
  const api = new AsyncHttpApi(stack, 'Api', {
    hub,
    auth: ApiAuth.none(),
    orchestrations: { hello: { orchestration: { stateMachine }, description: 'Greets.', input } },
  });
  const paths = api.openApi['paths'] as Record<string, Record<string, { requestBody?: unknown; description?: string }>>;
  expect(Object.keys(paths)).toEqual([
    '/orchestrations/hello',
    '/orchestrations/hello/{instanceId}',
    '/instances',
    '/instances/{instanceId}',
    '/instances/{instanceId}/raiseEvent/{eventName}',
    '/instances/{instanceId}/terminate',
    '/instances/{instanceId}/rewind',
    '/instances/{instanceId}/restart',
    '/openapi.json',
  ]);
  expect(paths['/orchestrations/hello']?.['post']).toMatchObject({
    description: 'Greets.',
    requestBody: { content: { 'application/json': { schema: input } } },
  });
});

test('an orchestration of another hub is refused', () => {
  const stack = newStack();
  const stateMachine = machine(stack, 'Other');
  new TaskHub(stack, 'OtherHub').addOrchestration({ name: 'Other', stateMachine });
  expect(
    () =>
      new AsyncHttpApi(stack, 'Api', {
        hub: new TaskHub(stack, 'Hub'),
        auth: ApiAuth.none(),
        orchestrations: { other: { stateMachine } },
      }),
  ).toThrow('`Stack/Api.orchestrations.other`: expected an orchestration of the same task hub');
});

test('a name that is not kebab-case is refused', () => {
  expect(() => apiStack({ orchestrations: { ProcessVideo: {} as never } })).toThrow('expected a name in kebab-case');
});

test('a description of any length goes beside the code of the function that serves it', () => {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const stateMachine = machine(stack, 'Hello');
  hub.addOrchestration({ name: 'Hello', stateMachine });
  const names = Array.from({ length: 400 }, (_, index) => `hello-${index}`);
  const api = new AsyncHttpApi(stack, 'Api', {
    hub,
    auth: ApiAuth.none(),
    orchestrations: Object.fromEntries(
      names.map((name) => [name, { orchestration: { stateMachine }, description: `Greets as ${name}.` }]),
    ),
  });
  const assembly = readAssembly((stack.node.root as App).synth().directory);
  const code = (fn: lambda.Function, file: string): string => {
    const resource = assembly.resources.find((one) => one.path === fn.node.path)!;
    return readCodeFile(readFunctionConfig(resource, assembly).code, file);
  };
  expect(Object.keys(JSON.parse(code(api.functions.DescribeApi, 'durable-hub.api.json')).orchestrations)).toEqual(
    names,
  );
  expect(JSON.parse(code(api.functions.StartInstance, 'durable-hub.orchestrations.json'))).toEqual(
    Object.fromEntries(names.map((name) => [name, hub.machineNameOf(stateMachine)])),
  );
});
