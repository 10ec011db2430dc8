import { renderEventTemplate } from '../../lib/contract/starter.js';
import { readInstance, showInstance } from '../../lib/hub/operations/instance-status.js';
import { readStarter, type Starter, startFromEvent } from '../../lib/hub/workers/start-from-event.js';
import { createHub, type HubKit, startDynamo } from './hub-kit.js';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let kit: HubKit;

beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());
beforeEach(async () => {
  kit = await createHub(dynamo.client);
});

const show = async (id: string) => showInstance(kit.hub, await readInstance(kit.hub, id));

const upload: Starter = {
  source: 'event',
  orchestration: 'hello',
  instanceId: [{ $event: ['detail', 'bucket', 'name'] }, { $event: ['detail', 'object', 'key'] }],
  input: { key: { $event: ['detail', 'object', 'key'] }, fixed: [1, null, 'x'] },
};
const uploaded = { id: 'e1', detail: { bucket: { name: 'films' }, object: { key: 'new ones/1.mp4', size: 3 } } };

test('an event starts an instance with id and input taken from it, once', async () => {
  expect(await startFromEvent(kit.hub, upload, uploaded)).toEqual({ instanceId: 'films-new ones/1.mp4' });
  await startFromEvent(kit.hub, upload, uploaded);
  expect(kit.stepFunctions.executions.size).toBe(1);
  expect(await show('films-new ones/1.mp4')).toMatchObject({ input: { key: 'new ones/1.mp4', fixed: [1, null, 'x'] } });
});

test('an event without what makes the id fails, so that it comes back or goes to the dead letters', async () => {
  await expect(startFromEvent(kit.hub, upload, { detail: { bucket: { name: 'films' } } })).rejects.toMatchObject({
    code: 'InvalidRequest',
  });
});

test('of a batch of messages only those that fail are reported', async () => {
  const log = jest.spyOn(console, 'error').mockImplementation();
  const queue: Starter = {
    source: 'queue',
    orchestration: 'hello',
    instanceId: { $event: ['body', 'id'] },
    input: { $event: ['body'] },
  };
  const Records = [
    { messageId: 'm1', body: '{"id":"a"}' },
    { messageId: 'm2', body: 'no json' },
    { messageId: 'm3', body: '{"id":"c"}' },
    { messageId: 'm4', body: '{"id":"a"}' },
  ];
  expect(await startFromEvent(kit.hub, queue, { Records })).toEqual({ batchItemFailures: [{ itemIdentifier: 'm2' }] });
  expect([...kit.stepFunctions.executions.values()].map(({ name }) => name).sort()).toEqual(['a', 'c']);
  expect(log.mock.calls.flat().join()).toContain('m2');
  log.mockRestore();
});

test('a template follows own members only, and leaves out what is missing', () => {
  const event = { a: [{ b: 1 }], n: null };
  expect(
    renderEventTemplate(
      { x: { $event: ['a', 0, 'b'] }, y: { $event: ['a', 1, 'b'] }, z: { $event: ['n', 'm'] } },
      event,
    ),
  ).toEqual({ x: 1, y: undefined, z: undefined });
  expect(renderEventTemplate({ $event: ['constructor', 'name'] }, event)).toBeUndefined();
  expect(renderEventTemplate({ $event: [] }, event)).toBe(event);
});

test('a starter without settings says what is missing', () => {
  expect(() => readStarter(undefined)).toThrow('`DURABLE_HUB_STARTER`: expected what the starter starts, got nothing');
});
