import type { Value, ValueObject } from '../../../lib/assembly/model.js';
import { Authorizer } from '../../../lib/local/iam/authorizer.js';
import { GatewayService } from '../../../lib/local/services/apigateway/gateway-service.js';
import { assemblyOf, Loopback, type LoopbackOptions, resource } from '../loopback.js';
import { signedHeaders } from '../signed-request.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const AUTHORIZER = 'arn:aws:lambda:us-east-1:123456789012:function:auth';
const AUTHORIZER_URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${AUTHORIZER}/invocations`;

interface Event2 {
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly cookies?: string[];
  readonly pathParameters?: Record<string, string>;
  readonly queryStringParameters?: Record<string, string>;
  readonly stageVariables?: Record<string, string>;
  readonly requestContext: Record<string, unknown>;
}

function api(properties: ValueObject = {}) {
  return resource(
    'AWS::ApiGatewayV2::Api',
    'Api',
    { ProtocolType: 'HTTP', Name: 'Api', ...properties },
    { ref: 'abc' },
  );
}

function stage(name = '$default', properties: ValueObject = {}) {
  return resource('AWS::ApiGatewayV2::Stage', `Stage${name}`, {
    ApiId: 'abc',
    StageName: name,
    AutoDeploy: true,
    ...properties,
  });
}

function integration(properties: ValueObject = {}) {
  return resource(
    'AWS::ApiGatewayV2::Integration',
    'Integration',
    {
      ApiId: 'abc',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: FUNCTION,
      PayloadFormatVersion: '2.0',
      ...properties,
    },
    { ref: 'int' },
  );
}

function route(key: string, properties: ValueObject = {}) {
  const base: ValueObject = { ApiId: 'abc', RouteKey: key, Target: 'integrations/int' };
  return resource('AWS::ApiGatewayV2::Route', `Route ${key}`, { ...base, ...properties });
}

describe('the gateway', () => {
  let cloud: Loopback;
  const start = async (
    resources: readonly ReturnType<typeof resource>[],
    handler: (event: Event2) => unknown = (event) => event,
    options: LoopbackOptions = {},
  ) => {
    cloud = await Loopback.start([(c) => new GatewayService(c)], resources, options);
    cloud.functions.handlers.set(FUNCTION, handler);
  };
  const call = (path: string, init?: RequestInit) => fetch(`${cloud.endpoint}/apis/abc${path}`, init);
  const event = async (path: string, init?: RequestInit): Promise<Event2> =>
    (await call(path, init)).json() as Promise<Event2>;
  const answer = async (path: string, init?: RequestInit) => {
    const response = await call(path, init);
    return `${response.status} ${await response.text()}`;
  };
  afterEach(() => cloud.close());

  describe('routing', () => {
    const keys = [
      'GET /pets/dog/1',
      'GET /pets/dog/{id}',
      'ANY /pets/dog/{id}',
      'GET /pets/{proxy+}',
      'ANY /{proxy+}',
      '$default',
    ];
    test.each([
      ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
      ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
      ['POST', '/pets/dog/1', 'ANY /pets/dog/{id}', { id: '1' }],
      ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
      ['POST', '/pets/cat/1', 'ANY /{proxy+}', { proxy: 'pets/cat/1' }],
      ['GET', '/', '$default', undefined],
      ['GET', '/pets/dog/a%20b%C3%A9', 'GET /pets/dog/{id}', { id: 'a bé' }],
      ['GET', '/pets/dog/a%2Fb', 'GET /pets/{proxy+}', { proxy: 'dog/a/b' }],
      ['GET', '/pets/dog/a%252Fb', 'GET /pets/dog/{id}', { id: 'a%2Fb' }],
      ['GET', '/pets/dog/x%3Fy', 'GET /pets/dog/{id}', { id: 'x' }],
    ])('%s %s takes %s', async (method, path, key, parameters) => {
      await start([api(), stage(), integration(), ...keys.map((one) => route(one))]);
      const { routeKey, pathParameters } = await event(path, { method });
      expect({ routeKey, pathParameters }).toEqual({ routeKey: key, pathParameters: parameters });
    });

    test('answers 404 where no route fits, and for an unknown API', async () => {
      await start([api(), stage(), integration(), route('GET /a')]);
      expect(await answer('/b')).toBe('404 {"message":"Not Found"}');
      expect(await answer('/a', { method: 'POST' })).toBe('404 {"message":"Not Found"}');
      expect((await fetch(`${cloud.endpoint}/apis/none/a`)).status).toBe(404);
    });

    test('a named stage takes the first segment and gives its variables', async () => {
      await start([api(), stage('prod', { StageVariables: { color: 'blue' } }), integration(), route('GET /a')]);
      const { rawPath, stageVariables, requestContext } = await event('/prod/a');
      expect({ rawPath, stageVariables, stage: requestContext['stage'] }).toEqual({
        rawPath: '/prod/a',
        stageVariables: { color: 'blue' },
        stage: 'prod',
      });
      expect(await answer('/a')).toBe('404 {"message":"Not Found"}');
    });
  });

  describe('the event', () => {
    beforeEach(() => start([api(), stage(), integration(), route('ANY /{proxy+}')]));

    test('has the shape of payload format 2.0', async () => {
      const given = await event('/a/b?x=1&x=2&y=%20z', { headers: { cookie: 'a=1; b=2', 'X-Test': 'yes' } });
      expect(given).toMatchObject({
        version: '2.0',
        routeKey: 'ANY /{proxy+}',
        rawPath: '/a/b',
        cookies: ['a=1', 'b=2'],
        queryStringParameters: { x: '1,2', y: ' z' },
        pathParameters: { proxy: 'a/b' },
        isBase64Encoded: false,
        requestContext: {
          accountId: '123456789012',
          apiId: 'abc',
          http: { method: 'GET', path: '/a/b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
          stage: '$default',
          time: '01/Mar/2026:12:00:00 +0000',
          timeEpoch: Date.parse('2026-03-01T12:00:00Z'),
        },
      });
      expect(given.headers['x-test']).toBe('yes');
      expect(given.headers['cookie']).toBeUndefined();
      expect(given.body).toBeUndefined();
    });

    test('carries JSON as text, and forms and bytes in base64', async () => {
      const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
        event('/a', { method: 'POST', headers: { 'content-type': type }, body });
      expect(await post('application/json; charset=utf-8', '{"ü":1}')).toMatchObject({
        body: '{"ü":1}',
        isBase64Encoded: false,
      });
      expect(await post('application/x-www-form-urlencoded', 'a=1')).toMatchObject({
        body: Buffer.from('a=1').toString('base64'),
        isBase64Encoded: true,
      });
      expect(await post('text/plain', new Uint8Array([255, 254]))).toMatchObject({
        body: '//4=',
        isBase64Encoded: true,
      });
    });

    test('is reached by host too', async () => {
      const { port } = new URL(cloud.endpoint);
      const given = await fetch(`http://127.0.0.1:${port}/apis/abc/a`);
      expect(given.status).toBe(200);
      const gateway = cloud.tryService('execute-api') as GatewayService;
      const request = { headers: { host: `abc.execute-api.localhost:${port}` }, path: '/a', method: 'GET' };
      const rest = { service: '', region: '', query: new URLSearchParams(), body: Buffer.alloc(0) };
      const response = await gateway.answer({ ...request, ...rest, caller: { kind: 'developer', name: 'developer' } });
      expect(JSON.parse(String(response.body))).toMatchObject({ rawPath: '/a' });
    });

    test.each([
      ['more than 10 MB, which the gateway takes', 10 * 1024 * 1024 + 1],
      ['more than 6 MB with the rest of the event, which a function takes', 6 * 1024 * 1024 - 100],
    ])('refuses %s', async (_, bytes) => {
      const headers = { 'content-type': 'application/json' };
      const response = await call('/a', { method: 'POST', headers, body: Buffer.alloc(bytes, 'a') });
      expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
      expect(cloud.functions.invocations).toEqual([]);
    });
  });

  test('payload format 1.0 has multi-value headers, and nulls for what is absent', async () => {
    await start([api(), stage(), integration({ PayloadFormatVersion: '1.0' }), route('GET /a/{id}')], (given) => ({
      statusCode: 200,
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: JSON.stringify(given),
    }));
    const response = await call('/a/1?x=1&x=2');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toMatchObject({
      version: '1.0',
      resource: '/a/{id}',
      path: '/a/1',
      httpMethod: 'GET',
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      pathParameters: { id: '1' },
      stageVariables: null,
      body: null,
    });
  });

  describe('the answer', () => {
    const answerOf = async (result: unknown) => {
      await start([api(), stage(), integration(), route('$default')], () => result);
      const response = await call('/');
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        body: await response.text(),
        response,
      };
    };

    test('an object without a status code is a 200 in JSON', async () => {
      expect(await answerOf({ hello: 'you' })).toMatchObject({
        status: 200,
        type: 'application/json',
        body: '{"hello":"you"}',
      });
    });

    test('a text is a 200 with that text', async () => {
      expect(await answerOf('Hello')).toMatchObject({ status: 200, type: 'application/json', body: 'Hello' });
    });

    test('status, headers, cookies and base64 bodies arrive', async () => {
      const { response, ...rest } = await answerOf({
        statusCode: '201',
        headers: { 'Content-Type': 'image/png', 'X-Count': 3, 'X-Null': null },
        cookies: ['a=1; Path=/', 'b=2'],
        body: Buffer.from('bytes').toString('base64'),
        isBase64Encoded: true,
      });
      expect(rest).toEqual({ status: 201, type: 'image/png', body: 'bytes' });
      expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
      expect(response.headers.get('x-count')).toBe('3');
    });

    test.each([
      ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
      ['a status code that is none', { statusCode: 'OK' }],
      ['headers that are no object', { statusCode: 200, headers: 'x' }],
    ])('%s is a 500', async (_, result) => {
      expect(await answerOf(result)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
      expect(cloud.warnings).toHaveLength(1);
    });

    test('an error of the function is a 500', async () => {
      await start([api(), stage(), integration(), route('$default')], () => {
        throw new Error('secret');
      });
      expect(await answer('/')).toBe('500 {"message":"Internal Server Error"}');
    });

    test('a function that takes longer than 30 s is a 503', async () => {
      await start([api(), stage(), integration(), route('$default')], () => new Promise(() => {}));
      const response = answer('/');
      while (cloud.functions.invocations.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await cloud.clock.advanceBy(30_000);
      expect(await response).toBe('503 {"message":"Service Unavailable"}');
    });
  });

  describe('CORS', () => {
    const rules = {
      AllowOrigins: ['https://shop.example'],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: ['content-type'],
      ExposeHeaders: ['location'],
      MaxAge: 60,
      AllowCredentials: true,
    };
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const cors = (response: Response) =>
      Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')));

    beforeEach(() =>
      start([api({ CorsConfiguration: rules }), stage(), integration(), route('ANY /{proxy+}')], () => ({
        statusCode: 200,
        headers: { 'Access-Control-Allow-Origin': 'https://evil.example' },
      })),
    );

    test('a preflight request is answered without the function', async () => {
      const response = await call('/a', { method: 'OPTIONS', headers: preflight });
      expect(response.status).toBe(204);
      expect(cors(response)).toEqual({
        'access-control-allow-origin': 'https://shop.example',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '60',
        'access-control-allow-credentials': 'true',
      });
      expect(cloud.functions.invocations).toEqual([]);
    });

    test("the gateway's headers replace the function's", async () => {
      expect(cors(await call('/a', { headers: { origin: 'https://shop.example' } }))).toEqual({
        'access-control-allow-origin': 'https://shop.example',
        'access-control-expose-headers': 'location',
        'access-control-allow-credentials': 'true',
      });
      expect(cors(await call('/a', { headers: { origin: 'https://evil.example' } }))).toEqual({});
    });
  });

  describe('a web page that changes something', () => {
    const post = async (headers: Record<string, string>, method = 'POST') =>
      (await call('/a', { method, headers })).status;
    const cors = { AllowOrigins: ['https://shop.example'], AllowMethods: ['POST'] };
    beforeEach(() => start([api({ CorsConfiguration: cors }), stage(), integration(), route('ANY /a')], () => 'ok'));

    test('of another site is refused, unless the CORS rules name it', async () => {
      expect(await post({ origin: 'https://evil.example' })).toBe(403);
      expect(await post({ origin: 'https://evil.example' }, 'DELETE')).toBe(403);
      expect(await post({ origin: 'https://localhost.evil.example' })).toBe(403);
      expect(cloud.functions.invocations).toEqual([]);
      expect(cloud.warnings[0]).toBe("Stack/Api: https://evil.example isn't among the origins of its CORS rules.");
      expect(await post({ origin: 'https://shop.example' })).toBe(200);
    });

    test('of this machine, and what is no web page, may', async () => {
      expect(await post({})).toBe(200);
      expect(await post({ origin: 'http://localhost:3000' })).toBe(200);
      expect(await post({ origin: cloud.endpoint })).toBe(200);
      expect(await post({ origin: 'https://evil.example' }, 'GET')).toBe(200);
    });

    test('of the hidden origin `null` may on its own site only', async () => {
      expect(await post({ origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(200);
      expect(await post({ origin: 'null', 'sec-fetch-site': 'cross-site' })).toBe(403);
      expect(await post({ origin: 'null' })).toBe(403);
    });
  });

  test.each([
    ['$default', [], 403],
    ['ANY /{proxy+}', [], 403],
    ['GET /a', [], 204],
    ['$default', ['OPTIONS /{proxy+}'], 204],
  ])(
    'a preflight request passes the authorizer of the route it takes: %s with %j is a %d',
    async (key, open, status) => {
      await start([
        api({ CorsConfiguration: { AllowOrigins: ['*'], AllowMethods: ['GET'] } }),
        stage(),
        integration(),
        route(key, { AuthorizationType: 'AWS_IAM' }),
        ...open.map((one) => route(one)),
      ]);
      const headers = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
      expect((await call('/a', { method: 'OPTIONS', headers })).status).toBe(status);
      expect(cloud.functions.invocations).toEqual([]);
    },
  );

  describe('a JWT authorizer', () => {
    const now = Date.parse('2026-03-01T12:00:00Z') / 1000;
    const claims = { iss: 'https://issuer', aud: 'app', exp: now + 60, scope: 'read write', groups: ['a', 'b'] };
    const token = (payload: object) =>
      ['{"alg":"none"}', JSON.stringify(payload), ''].map((one) => Buffer.from(one).toString('base64url')).join('.');
    const bearer = (payload: object) => ({ headers: { authorization: `Bearer ${token(payload)}` } });

    beforeEach(() =>
      start([
        api(),
        stage(),
        integration(),
        resource(
          'AWS::ApiGatewayV2::Authorizer',
          'Jwt',
          {
            ApiId: 'abc',
            Name: 'Jwt',
            AuthorizerType: 'JWT',
            IdentitySource: ['$request.header.Authorization'],
            JwtConfiguration: { Issuer: 'https://issuer', Audience: ['app'] },
          },
          { ref: 'jwt' },
        ),
        route('GET /a', { AuthorizationType: 'JWT', AuthorizerId: 'jwt' }),
        route('GET /admin', { AuthorizationType: 'JWT', AuthorizerId: 'jwt', AuthorizationScopes: ['admin'] }),
      ]),
    );

    test('lets a token with the right claims pass and hands them on as text', async () => {
      const { requestContext } = await event('/a', bearer(claims));
      expect(requestContext['authorizer']).toEqual({
        jwt: {
          claims: { iss: 'https://issuer', aud: 'app', exp: String(now + 60), scope: 'read write', groups: '[a b]' },
          scopes: null,
        },
      });
    });

    test.each([
      ['no token', undefined],
      ['another issuer', { ...claims, iss: 'https://other' }],
      ['another audience', { ...claims, aud: ['other'] }],
      ['an expired token', { ...claims, exp: now }],
      ['a token that is not valid yet', { ...claims, nbf: now + 1 }],
    ])('%s is a 401', async (_, payload) => {
      expect(await answer('/a', payload === undefined ? {} : bearer(payload))).toBe('401 {"message":"Unauthorized"}');
      expect(cloud.functions.invocations).toEqual([]);
    });

    test('a token without the scope is a 403', async () => {
      expect(await answer('/admin', bearer(claims))).toBe('403 {"message":"Forbidden"}');
      expect((await call('/admin', bearer({ ...claims, scope: 'admin' }))).status).toBe(200);
    });
  });

  describe('a Lambda authorizer', () => {
    const withAuthorizer = (properties: ValueObject, decision: (event: { identitySource: unknown }) => unknown) =>
      start([
        api(),
        stage(),
        integration(),
        resource(
          'AWS::ApiGatewayV2::Authorizer',
          'Auth',
          {
            ApiId: 'abc',
            Name: 'Auth',
            AuthorizerType: 'REQUEST',
            AuthorizerUri: AUTHORIZER_URI,
            IdentitySource: ['$request.header.x-api-key'],
            AuthorizerResultTtlInSeconds: 300,
            ...properties,
          },
          { ref: 'auth' },
        ),
        route('GET /a', { AuthorizationType: 'CUSTOM', AuthorizerId: 'auth' }),
      ]).then(() => cloud.functions.handlers.set(AUTHORIZER, decision));
    const key = (value: string) => ({ headers: { 'x-api-key': value } });
    const simple = { AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true };
    const asked = () => cloud.functions.invocations.filter(({ arn }) => arn === AUTHORIZER);

    test('with simple answers lets pass, refuses, and needs the identity', async () => {
      await withAuthorizer(simple, ({ identitySource }) => ({
        isAuthorized: String(identitySource) === 'good',
        context: { tenant: 't1' },
      }));
      expect((await event('/a', key('good'))).requestContext['authorizer']).toEqual({ lambda: { tenant: 't1' } });
      expect(await answer('/a', key('bad'))).toBe('403 {"message":"Forbidden"}');
      expect(await answer('/a')).toBe('401 {"message":"Unauthorized"}');
    });

    test('is asked once while its answer is remembered', async () => {
      await withAuthorizer(simple, () => ({ isAuthorized: true }));
      await answer('/a', key('good'));
      await answer('/a', key('good'));
      expect(asked()).toHaveLength(1);
      await cloud.clock.advanceBy(300_000);
      await answer('/a', key('good'));
      expect(asked()).toHaveLength(2);
    });

    test.each([
      ['Allow', 'arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/a', 200],
      ['Allow', 'arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/*', 403],
      ['Deny', '*', 403],
    ])('with a policy: %s on %s is a %d', async (effect, on, status) => {
      const policyDocument: Value = { Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: on }] };
      await withAuthorizer({ AuthorizerPayloadFormatVersion: '2.0' }, () => ({ principalId: 'me', policyDocument }));
      expect((await call('/a', key('k'))).status).toBe(status);
    });

    test('that fails or answers nonsense is a 500', async () => {
      await withAuthorizer(simple, () => 'yes');
      expect(await answer('/a', key('k'))).toBe('500 {"message":"Internal Server Error"}');
    });
  });

  describe('AWS_IAM', () => {
    const role = resource(
      'AWS::IAM::Role',
      'CallerRole',
      {
        AssumeRolePolicyDocument: {},
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: 'execute-api:Invoke',
                  Resource: 'arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/allowed',
                },
              ],
            },
          },
        ],
      },
      { attributes: { Arn: 'arn:aws:iam::123456789012:role/CallerRole' } },
    );
    const resources = [
      role,
      api(),
      stage(),
      integration(),
      route('GET /allowed', { AuthorizationType: 'AWS_IAM' }),
      route('GET /other', { AuthorizationType: 'AWS_IAM' }),
      resource('AWS::Lambda::Permission', 'Permission', {
        Action: 'lambda:InvokeFunction',
        FunctionName: FUNCTION,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*/*/*',
      }),
    ];
    const signed = async (path: string, accessKeyId: string) => ({
      headers: await signedHeaders(`${cloud.endpoint}/apis/abc${path}`, accessKeyId),
    });

    beforeEach(() => {
      const authorizer = new Authorizer(assemblyOf(resources));
      return start(resources, () => 'ok', {
        authorize: (access) => authorizer.authorize(access),
        callers: { 'LOCAL-Caller': { kind: 'function', name: 'Stack/Caller', roleArn: role.attribute('Arn') } },
      });
    });

    test('refuses an unsigned request', async () => {
      expect(await answer('/allowed')).toBe('403 {"message":"Forbidden"}');
    });

    test('lets a developer and an allowed role pass, and no other', async () => {
      expect(await answer('/allowed', await signed('/allowed', 'developer'))).toBe('200 ok');
      expect(await answer('/allowed', await signed('/allowed', 'LOCAL-Caller'))).toBe('200 ok');
      expect(await answer('/other', await signed('/other', 'LOCAL-Caller'))).toBe('403 {"message":"Forbidden"}');
      expect(cloud.warnings[0]).toContain('is not authorized to perform: execute-api:Invoke');
    });
  });

  test('a function without a permission for the route is not invoked', async () => {
    const permission = resource('AWS::Lambda::Permission', 'Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: FUNCTION,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*/*/a/{id}',
    });
    const resources = [api(), stage(), integration(), route('GET /a/{id}'), route('GET /b'), permission];
    const authorizer = new Authorizer(assemblyOf(resources));
    await start(resources, () => 'ok', { authorize: (access) => authorizer.authorize(access) });
    expect(await answer('/a/1')).toBe('200 ok');
    expect(await answer('/b')).toBe('500 {"message":"Internal Server Error"}');
    expect(cloud.functions.invocations).toHaveLength(1);
    expect(cloud.warnings).toEqual([
      `User: apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${FUNCTION} because no resource-based policy allows the lambda:InvokeFunction action. Missing grant: the template needs a permission for apigateway.amazonaws.com to do lambda:InvokeFunction on ${FUNCTION} for source arn:aws:execute-api:us-east-1:123456789012:abc/$default/GET/b`,
    ]);
  });

  test.each([
    ['names the authorizer', 'authorizers/auth', '200 ok'],
    ['names all authorizers', 'authorizers/*', '200 ok'],
    ['names another authorizer', 'authorizers/other', '500 {"message":"Internal Server Error"}'],
    ['names a route', '*/*/a', '500 {"message":"Internal Server Error"}'],
  ])('an authorizer is asked where its permission %s', async (_title, source, expected) => {
    const permissionFor = (id: string, functionArn: string, arn: string) =>
      resource('AWS::Lambda::Permission', id, {
        Action: 'lambda:InvokeFunction',
        FunctionName: functionArn,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: `arn:aws:execute-api:us-east-1:123456789012:abc/${arn}`,
      });
    const resources = [
      api(),
      stage(),
      integration(),
      resource(
        'AWS::ApiGatewayV2::Authorizer',
        'Auth',
        {
          ApiId: 'abc',
          Name: 'Auth',
          AuthorizerType: 'REQUEST',
          AuthorizerUri: AUTHORIZER_URI,
          IdentitySource: ['$request.header.x-api-key'],
          AuthorizerPayloadFormatVersion: '2.0',
          EnableSimpleResponses: true,
        },
        { ref: 'auth' },
      ),
      route('GET /a', { AuthorizationType: 'CUSTOM', AuthorizerId: 'auth' }),
      permissionFor('ForRoute', FUNCTION, '*/*/a'),
      permissionFor('ForAuthorizer', AUTHORIZER, source),
    ];
    const authorizer = new Authorizer(assemblyOf(resources));
    await start(resources, () => 'ok', { authorize: (access) => authorizer.authorize(access) });
    cloud.functions.handlers.set(AUTHORIZER, () => ({ isAuthorized: true }));
    expect(await answer('/a', { headers: { 'x-api-key': 'key' } })).toBe(expected);
  });

  test('a throttled stage answers 429 above its burst, and again after a while', async () => {
    const settings = { DefaultRouteSettings: { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1 } };
    await start([api(), stage('$default', settings), integration(), route('$default')], () => 'ok');
    expect([await answer('/'), await answer('/'), await answer('/')]).toEqual([
      '200 ok',
      '200 ok',
      '429 {"message":"Too Many Requests"}',
    ]);
    await cloud.clock.advanceBy(1000);
    expect(await answer('/')).toBe('200 ok');
  });
});

describe('the gateway refuses', () => {
  const start = (...resources: ReturnType<typeof resource>[]) =>
    Loopback.start([(c) => new GatewayService(c)], resources);

  test.each([
    [
      'a WebSocket API',
      [api({ ProtocolType: 'WEBSOCKET' })],
      '`Stack/Api.ProtocolType`: expected `HTTP`, got `WEBSOCKET`',
    ],
    [
      'an HTTP proxy',
      [api(), integration({ IntegrationType: 'HTTP_PROXY' })],
      '`Stack/Integration.IntegrationType`: expected `AWS_PROXY`',
    ],
    [
      'a service integration',
      [api(), integration({ IntegrationSubtype: 'StepFunctions-StartExecution' })],
      '`Stack/Integration.IntegrationSubtype`: expected no service integration',
    ],
    [
      'parameter mapping',
      [api(), integration({ RequestParameters: { 'append:header.x': '1' } })],
      '`Stack/Integration.RequestParameters`: expected only properties that the local cloud runs',
    ],
  ])('%s', async (_, resources, message) => {
    await expect(start(...resources)).rejects.toThrow(message);
  });
});
