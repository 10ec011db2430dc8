import { type Access, DEVELOPER, ServiceError, type ServiceRequest } from '../../../lib/local/cloud/service.js';
import { awsJson } from '../../../lib/local/services/protocol/aws-json.js';
import { cutSlice } from '../../../lib/local/services/protocol/paging.js';
import { OperationsApi } from '../../../lib/local/services/protocol/service-api.js';
import { readMembers } from '../../../lib/local/services/protocol/shape.js';
import { Loopback } from '../loopback.js';

describe('the API of a service', () => {
  let cloud: Loopback;
  let api: OperationsApi;

  beforeEach(async () => {
    cloud = await Loopback.start([]);
    api = new OperationsApi(cloud, {
      service: 'lamps',
      protocol: awsJson('1.1'),
      operations: {
        Light: {
          access: ({ lamp = '' }) => [{ resource: String(lamp) }, { action: 'Power', resource: '*' }],
          run: ({ lamp = '' }) => ({ lit: lamp }),
        },
      },
      tasks: { light: (parameters, caller) => api.perform('Light', parameters, caller) },
    });
  });

  afterEach(() => cloud.close());

  const request = (target: string, body: string): ServiceRequest => ({
    service: 'lamps',
    region: 'us-east-1',
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': `Lamps.${target}` },
    body: Buffer.from(body),
    caller: DEVELOPER,
  });

  test('asks IAM for every grant of an operation, then runs it', async () => {
    expect(await api.answer(request('Light', '{"lamp":"desk"}'))).toEqual({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: '{"lit":"desk"}',
    });
    expect(cloud.accesses).toEqual<Access[]>([
      { caller: DEVELOPER, action: 'lamps:Light', resource: 'desk' },
      { caller: DEVELOPER, action: 'lamps:Power', resource: '*' },
    ]);
  });

  test('is there for state machines by the same operations', async () => {
    expect(api.supports('light')).toBeUndefined();
    expect(await api.call('light', { lamp: 'desk' }, DEVELOPER)).toEqual({ lit: 'desk' });
    expect(cloud.accesses).toHaveLength(2);
  });

  test.each(['Explode', 'constructor', '__proto__', 'toString'])('refuses %s, which is no operation', async (name) => {
    await expect(api.answer(request(name, '{}'))).rejects.toThrow(`The local cloud doesn't support lamps:${name}.`);
    await expect(api.call(name, {}, DEVELOPER)).rejects.toThrow(`The local cloud doesn't support lamps:${name}.`);
    expect(api.supports(name)).toBe(`the local cloud doesn't run lamps:${name}`);
    expect(cloud.accesses).toEqual([]);
  });

  test('says what is wrong with a request that is not JSON', async () => {
    await expect(api.answer(request('Light', '[1]'))).rejects.toThrow('The request body is not a JSON object.');
  });
});

describe('the members of a request', () => {
  const SHAPE = { name: 'string!', count: 'number', kind: ['BIG', 'SMALL'] } as const;

  test('are read by type; unknown and null members are left out', () => {
    expect(readMembers({ name: 'a', count: null, kind: 'BIG', more: 1 }, SHAPE)).toEqual({ name: 'a', kind: 'BIG' });
  });

  test.each([
    [{}, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [{ name: 1 }, "Expected string at 'name', got number."],
    [{ name: 'a', count: '1' }, "Expected number at 'count', got string."],
    [{ name: 'a', kind: 1 }, "Expected string at 'kind', got number."],
    [
      { name: 'a', kind: 'big' },
      "1 validation error detected: Value 'big' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [BIG, SMALL]",
    ],
    [
      { kind: 'big' },
      "2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; Value 'big' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [BIG, SMALL]",
    ],
  ])('%j is refused', (body, message) => {
    expect(() => readMembers(body, SHAPE)).toThrow(new ServiceError('', message).message);
  });
});

test('a list is cut into pages, and a token that none gave is refused', () => {
  const first = cutSlice([1, 2, 3], { limit: 2 });
  expect(first.items).toEqual([1, 2]);
  expect(cutSlice([1, 2, 3], { limit: 2, token: first.next })).toEqual({ items: [3] });
  expect(() => cutSlice([1], { limit: 1, token: 'x' })).toThrow('Invalid parameter: NextToken');
});
