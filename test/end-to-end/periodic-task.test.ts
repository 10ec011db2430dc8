import { App } from 'aws-cdk-lib';
import { ApiStack } from '../../bin/demos/api.js';
import { HubStack } from '../../bin/demos/hub.js';
import { PeriodicTaskStack } from '../../bin/demos/periodic-task.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const stack = new PeriodicTaskStack(app, 'PeriodicTask', { hub });
const { api: httpApi } = new ApiStack(app, 'Api', {
  hub,
  open: true,
  orchestrations: { 'periodic-task': stack.periodicTask },
});
let env: TestEnvironment;

beforeEach(async () => {
  env = await TestEnvironment.create(app);
});
afterEach(() => env.close());

const START = '/orchestrations/periodic-task/the-periodic-task';

test('does a round every 30 seconds, and carries the counter over', async () => {
  const api = env.api(httpApi);
  expect(await api.post(START)).toMatchObject({ status: 202, body: { id: 'the-periodic-task' } });
  const instance = env.instance(stack.periodicTask, 'the-periodic-task');
  await env.advance({ seconds: 95 });
  expect(env.activity(stack.doRound).calls.map(({ input, at }) => [input, at.toISOString()])).toEqual([
    [{ timesRun: 0 }, '2026-01-01T00:00:00.000Z'],
    [{ timesRun: 1 }, '2026-01-01T00:00:30.000Z'],
    [{ timesRun: 2 }, '2026-01-01T00:01:00.000Z'],
    [{ timesRun: 3 }, '2026-01-01T00:01:30.000Z'],
  ]);
  expect(instance.customStatus).toEqual({ timesRun: 4 });
});

test('is there once, however often it is started, and is stopped with a reason', async () => {
  const api = env.api(httpApi);
  await api.post(START);
  await env.advance({ minutes: 1 });
  expect((await api.post(START)).status).toBe(202);
  expect(env.instances(stack.periodicTask)).toHaveLength(1);
  expect(env.activity(stack.doRound).callCount).toBe(3);
  expect((await api.post('/instances/the-periodic-task/terminate?reason=no%20longer%20needed')).status).toBe(202);
  await env.advance({ hours: 1 });
  expect(env.activity(stack.doRound).callCount).toBe(3);
  expect(env.instance(stack.periodicTask, 'the-periodic-task').status).toBe('Terminated');
  expect(await api.get('/instances/the-periodic-task')).toMatchObject({
    status: 200,
    body: { runtimeStatus: 'Terminated', output: 'no longer needed', customStatus: { timesRun: 3 } },
  });
});

test('goes on as a fresh execution under the same id before its history is full', async () => {
  env.stub(stack.doRound, ({ timesRun }) => ({ timesRun: timesRun + 1 }));
  const instance = await env.start(stack.periodicTask, { timesRun: 0 }, { instanceId: 'the-periodic-task' });
  await env.runUntil(() => instance.generation === 2);
  const rounds = env.activity(stack.doRound);
  const before = rounds.callCount;
  expect(before).toBeGreaterThan(300);
  await env.advance({ minutes: 5 });
  expect(instance.status).toBe('Running');
  expect(rounds.inputs.map(({ timesRun }) => timesRun)).toEqual(
    Array.from({ length: rounds.callCount }, (_, index) => index),
  );
  expect(rounds.callCount).toBeGreaterThanOrEqual(before + 10);
  expect(await env.client(stack.periodicTask).status('the-periodic-task')).toMatchObject({
    instanceId: 'the-periodic-task',
    runtimeStatus: 'Running',
    input: { timesRun: 0 },
    customStatus: { timesRun: rounds.callCount },
  });
});

test('starts afresh when it is restarted, with the input that it was started with', async () => {
  const api = env.api(httpApi);
  env.stub(stack.doRound, ({ timesRun }) => ({ timesRun: timesRun + 1 }));
  await api.post(START, { timesRun: 7 });
  const instance = env.instance(stack.periodicTask, 'the-periodic-task');
  await env.runUntil(() => instance.generation === 2);
  await api.post('/instances/the-periodic-task/terminate');
  await env.advance({ minutes: 5 });
  const rounds = env.activity(stack.doRound);
  const before = rounds.callCount;
  expect((await api.post('/instances/the-periodic-task/restart')).status).toBe(202);
  await env.advance({ seconds: 10 });
  expect(rounds.inputs[before]).toEqual(rounds.inputs[0]);
  expect(await api.get('/instances/the-periodic-task')).toMatchObject({
    body: { runtimeStatus: 'Running', input: { timesRun: 7 } },
  });
});
