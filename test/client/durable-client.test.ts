import { DurableClient, isFinished } from '../../lib/client/index.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { awaitEvent } from '../../lib/hub/operations/events.js';
import { awsError } from '../hub/fake-step-functions.js';
import { createHub, type HubKit, startDynamo } from '../hub/hub-kit.js';

type Greeting = { readonly input: { readonly city: string }; readonly output: string };

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: HubKit;
let client: DurableClient<{ hello: Greeting }>;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createHub(dynamo.client);
  const { settings, dynamodb, stepFunctions, now } = kit.hub;
  client = new DurableClient({ settings, dynamodb, stepFunctions, now });
});

const finish = async (name: string, output: string) =>
  applyStatusChange(kit.hub, kit.stepFunctions.finish(name, 'SUCCEEDED', { output }));

test('starts, follows and purges an instance', async () => {
  const id = await client.start('hello', { city: 'Tokyo' }, { instanceId: 'one' });
  expect(id).toBe('one');
  expect((await client.status<'hello'>(id)).input?.city).toBe('Tokyo');
  await finish('one', '"Hello Tokyo!"');
  const status = await client.waitForCompletion<'hello'>(id, 5);
  expect([status.output, isFinished(status.runtimeStatus)]).toEqual(['Hello Tokyo!', true]);
  await client.purge(id);
  await expect(client.status(id)).rejects.toMatchObject({ code: 'InstanceNotFound' });
});

test('makes an id where none is given', async () => {
  expect(await client.start('hello', { city: 'Seattle' })).toMatch(/^[0-9a-f]{32}$/);
});

test('raises events, terminates, restarts, rewinds and lists', async () => {
  await client.start('hello', { city: 'London' }, { instanceId: 'one' });
  await client.raiseEvent('one', 'go', { now: true }, 'event-1');
  await client.terminate('one', 'enough');
  expect(await client.status('one')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  expect(await client.restart('one')).toBe('one');
  await applyStatusChange(kit.hub, kit.stepFunctions.finish('one..2', 'FAILED', { error: 'E' }));
  await client.rewind('one');
  const other = await client.restart('one').catch(({ code }: { code: string }) => code);
  expect(other).toBe('InstanceNotFinished');
  expect((await client.list({ name: 'hello' })).instances.map(({ instanceId }) => instanceId)).toEqual(['one']);
  expect(await client.purgeAll({ createdTimeFrom: '2020-01-01T00:00:00.000Z' })).toEqual({ instancesDeleted: 0 });
});

describe.each([7, null, {}, ['one'], true, () => 'one'])('%p where a text belongs', (wrong) => {
  const text = wrong as never;
  const calls: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ['start', 'name', () => client.start(text, { city: 'Rome' } as never)],
    ['start', 'instanceId', () => client.start('hello', { city: 'Rome' }, { instanceId: text })],
    ['status', 'instanceId', () => client.status(text)],
    ['raiseEvent', 'instanceId', () => client.raiseEvent(text, 'go')],
    ['raiseEvent', 'eventName', () => client.raiseEvent('one', text)],
    ['raiseEvent', 'eventId', () => client.raiseEvent('one', 'go', 1, text)],
    ['terminate', 'instanceId', () => client.terminate(text, 'enough')],
    ['terminate', 'reason', () => client.terminate('one', text)],
    ['rewind', 'instanceId', () => client.rewind(text)],
    ['restart', 'instanceId', () => client.restart(text)],
    ['purge', 'instanceId', () => client.purge(text)],
    ['waitForCompletion', 'instanceId', () => client.waitForCompletion(text, 1)],
  ];

  test.each(calls)('is refused by %s as its %s', async (_, where, call) => {
    await expect(call()).rejects.toMatchObject({ code: 'InvalidRequest', details: { where, expected: 'a text' } });
  });
});

describe('an event whose delivery is throttled', () => {
  const throttle = (times: number) => {
    for (let time = 0; time < times; time++) {
      kit.stepFunctions.refusals.push({ call: 'SendTaskSuccess', error: awsError('ThrottlingException') });
    }
  };
  const waitFor = async (taskToken: string, enteredAt: string) => {
    kit.stepFunctions.openToken(taskToken);
    await awaitEvent(kit.hub, { taskToken, instanceKey: 'one', wait: 'Wait', name: 'go', enteredAt });
    return kit.stepFunctions.tokens.get(taskToken);
  };
  beforeEach(async () => {
    client = new DurableClient(kit.hub);
    await client.start('hello', { city: 'London' }, { instanceId: 'one' });
    await waitFor('first', 'a');
  });

  test('is raised again with its id: the wait gets it, and the next wait none', async () => {
    throttle(2);
    await client.raiseEvent('one', 'go', 1);
    expect(kit.stepFunctions.tokens.get('first')?.output).toBe('1');
    expect((await waitFor('second', 'b'))?.output).toBeUndefined();
  });

  test('three times over is the caller’s to repeat', async () => {
    throttle(3);
    await expect(client.raiseEvent('one', 'go', 1, 'mine')).rejects.toThrow('ThrottlingException');
    await client.raiseEvent('one', 'go', 1, 'mine');
    expect(kit.stepFunctions.tokens.get('first')?.output).toBe('1');
  });

  test('is not raised again when the hub refuses it', async () => {
    const before = kit.calls.length;
    await expect(client.raiseEvent('none', 'go')).rejects.toMatchObject({ code: 'InstanceNotFound' });
    expect(kit.calls.slice(before)).toEqual(['GetItem']);
  });
});

test('shows the history on request', async () => {
  await client.start('hello', { city: 'London' }, { instanceId: 'one' });
  expect((await client.status('one')).historyEvents).toBeUndefined();
  expect((await client.status('one', { showHistory: true })).historyEvents).toEqual([]);
});

test('without the hub’s environment says what to do', () => {
  expect(() => new DurableClient()).toThrow('give the function access with `hub.grantClient(fn)`');
});

test('names and inputs are checked by the compiler', () => {
  const never = async () => {
    // @ts-expect-error no such orchestration
    await client.start('helo', { city: 'London' });
    // @ts-expect-error the input has no such member
    await client.start('hello', { town: 'London' });
    // @ts-expect-error the output is a string
    const output: number | null = (await client.status<'hello'>('one')).output;
    return output;
  };
  expect(never).toBeInstanceOf(Function);
});
