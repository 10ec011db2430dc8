import { ApiAuth } from '../../lib/constructs/api/api-auth.js';
import { HUB_ROUTES } from '../../lib/contract/hub-http.js';
import { renderOpenApi } from '../../lib/contract/openapi/document.js';
import { answerError, answerJson, serveRoutes } from '../../lib/hub/http/api-answer.js';
import { tryFindApiKey } from '../../lib/hub/http/api-key.js';
import { type ApiGatewayEvent, readRequest } from '../../lib/hub/http/api-request.js';
import { describeApiRoute, otherRoute } from '../../lib/hub/http/describe-route.js';
import { managementUrls } from '../../lib/hub/http/links.js';
import { HUB_ERRORS, hubError } from '../../lib/hub/hub-error.js';
import { redact, redactCause } from '../../lib/hub/redact.js';

function event(over: Partial<ApiGatewayEvent> & { readonly method?: string } = {}): ApiGatewayEvent {
  const { method = 'GET', ...rest } = over;
  return {
    routeKey: 'GET /instances',
    rawPath: '/instances',
    requestContext: { domainName: 'api.example', http: { method } },
    ...rest,
  };
}

describe('a request', () => {
  test.each([
    ['decoded by the gateway', '/instances/a b/100%25', 'a b/100%25', 'a b/100%25'],
    ['decoded in the path only', '/instances/a b', 'a%20b', 'a b'],
    ['plain', '/instances/abc', 'abc', 'abc'],
  ])('path parameters that are %s', (_title, rawPath, given, expected) => {
    expect(readRequest(event({ rawPath, pathParameters: { id: given } }), undefined).parameter('id')).toBe(expected);
  });

  test('a parameter that decodes to no UTF-8 is refused', () => {
    const request = readRequest(event({ rawPath: '/instances/\ufffd', pathParameters: { id: '%FF' } }), undefined);
    expect(() => request.parameter('id')).toThrow('expected percent-encoded UTF-8');
  });

  test('its body is text, plain or in base64', () => {
    expect(readRequest(event({ body: 'ü' }), undefined).text()).toBe('ü');
    expect(
      readRequest(event({ body: Buffer.from('ü').toString('base64'), isBase64Encoded: true }), undefined).text(),
    ).toBe('ü');
    expect(readRequest(event(), undefined).text()).toBe('');
  });

  test('links begin with the configured address, else with the gateway’s', () => {
    expect(readRequest(event(), 'https://me').baseUrl).toBe('https://me');
    expect(readRequest(event(), undefined).baseUrl).toBe('https://api.example');
  });
});

describe('an error', () => {
  test('of the hub has its status and its code', () => {
    const { statusCode, body, headers } = answerError(
      hubError('InstanceInUse', { where: 'w', expected: 'e', got: 'g' }),
    );
    expect([statusCode, JSON.parse(body)]).toEqual([
      409,
      { error: 'InstanceInUse', message: '`w`: expected e, got g' },
    ]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test.each([
    'ThrottlingException',
    'TooManyRequestsException',
    'ExecutionLimitExceeded',
    'ProvisionedThroughputExceededException',
  ])('AWS’s %s asks to try again', (name) => {
    const { statusCode, headers } = answerError(Object.assign(new Error('x'), { name }));
    expect([statusCode, headers['retry-after']]).toEqual([429, '1']);
  });

  test('that nobody expected says nothing of itself, but to the log', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation();
    const serve = serveRoutes({ listInstances: async () => Promise.reject(new Error('secret arn:aws:x')) }, () => ({
      contextOf: () => ({}),
      apiUrl: undefined,
    }));
    const answer = await serve(event());
    expect(answer.statusCode).toBe(500);
    expect(JSON.stringify(answer)).not.toMatch(/secret|arn:/);
    expect(log.mock.calls.flat().join()).toContain('secret');
    log.mockRestore();
  });

  test('while connecting is answered too, and connecting is tried again', async () => {
    const log = jest.spyOn(console, 'error').mockImplementation();
    let attempts = 0;
    const serve = serveRoutes({ listInstances: async () => answerJson(200, []) }, () => {
      attempts++;
      if (attempts === 1) throw new Error('no table');
      return { contextOf: () => ({}), apiUrl: undefined };
    });
    expect([
      (await serve(event())).statusCode,
      (await serve(event())).statusCode,
      (await serve(event())).statusCode,
    ]).toEqual([500, 200, 200]);
    expect(attempts).toBe(2);
    log.mockRestore();
  });
});

test.each([
  ['plain-1', 'https://api/instances/plain-1'],
  ['a b', /^https:\/\/api\/instances\/h-[0-9a-f]{40}$/],
  ['a/b?c', /^https:\/\/api\/instances\/h-[0-9a-f]{40}$/],
])('the links of %s have nothing in them that a gateway could decode', (id, expected) => {
  const urls = managementUrls('https://api', id);
  expect(urls.id).toBe(id);
  expect(urls.statusQueryGetUri).toMatch(expected);
  expect(JSON.stringify(urls)).not.toContain('%');
});

describe('the document', () => {
  const document = renderOpenApi({ title: 'T', auth: 'none', orchestrations: { hello: {} } });
  const paths = document['paths'] as Record<
    string,
    Record<string, { responses: Record<string, unknown>; operationId: string }>
  >;

  test('has every route', () => {
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = HUB_ROUTES.map(
      ({ method, path }) => `${method} ${path.replace('{name}', 'hello').replace('+}', '}')}`,
    );
    expect(described.sort()).toEqual(routes.sort());
  });

  test('has unique operation ids, and only references that lead somewhere', () => {
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    const schemas = Object.keys((document['components'] as { schemas: object }).schemas);
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(schemas).toContain(name);
  });

  test('documents every status that the hub’s errors have, somewhere', () => {
    const documented = new Set(
      Object.values(paths).flatMap((methods) =>
        Object.values(methods).flatMap(({ responses }) => Object.keys(responses)),
      ),
    );
    for (const status of Object.values(HUB_ERRORS).filter((code) => code !== 405))
      expect(documented).toContain(String(status));
  });

  test('is served at its address', async () => {
    const request = readRequest(event({ rawPath: '/openapi.json' }), 'https://me');
    const description = { title: 'T', auth: 'none', orchestrations: { hello: {} } } as const;
    expect(JSON.parse((await describeApiRoute(description, request)).body)).toEqual({
      ...document,
      servers: [{ url: 'https://me' }],
    });
  });
});

test.each([
  ['GET', '/nowhere', 404],
  ['PATCH', '/instances/one', 405],
  ['PATCH', '/instances/one/terminate', 405],
  ['GET', '/orchestrations/hello', 405],
  ['POST', '/openapi.json', 405],
  ['GET', '/openapiXjson', 404],
])('%s %s is answered with %d', async (method, rawPath, status) => {
  const description = { title: 'T', auth: 'none', orchestrations: {} } as const;
  const answer = await otherRoute(description, readRequest(event({ method, rawPath }), undefined)).catch(answerError);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['allow'] !== undefined).toBe(status === 405);
});

test('an API key is known by its digest', () => {
  const keys = ['one', 'two'].map((name) => ({ name, sha256: ApiAuth.digestOf(name) }));
  expect(['one', 'two', 'three', '', undefined].map((key) => tryFindApiKey(key, keys)?.name)).toEqual([
    'one',
    'two',
    undefined,
    undefined,
    undefined,
  ]);
  expect(tryFindApiKey('one', [{ name: 'bad', sha256: 'not hex' }])).toBeUndefined();
});

test.each([
  ['arn:aws:lambda:us-east-1:123456789012:function:Greet failed', 'lambda function:Greet failed'],
  [
    'role arn:aws-us-gov:iam::123456789012:role/path/R, twice arn:aws:iam::123456789012:role/S',
    'role iam role/path/R, twice iam role/S',
  ],
  ['order 123456789012 is late', 'order 123456789012 is late'],
])('%s reads %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('a cause inside a cause inside a cause is unwrapped', () => {
  const inner = JSON.stringify({ errorType: 'E', errorMessage: 'deep' });
  expect(redactCause(JSON.stringify({ Cause: JSON.stringify({ Cause: inner }) }))).toBe('deep');
  expect(redactCause('[1]')).toBe('[1]');
});
