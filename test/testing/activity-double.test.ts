import { inlineFunction } from '../local/local-app.js';
import { call, closeEnvironments, machine, startEnvironment } from './app.js';

jest.setTimeout(30_000);
afterEach(closeEnvironments);

const unloadable = inlineFunction('throw new Error("this code must not be loaded")');
const double = inlineFunction('exports.handler = async (n) => { console.log(`doubling ${n}`); return 2 * n }');
const once = { Fn: unloadable, Run: machine({ Step: call('Fn') }) };

test('a stub answers without the code being loaded', async () => {
  const env = await startEnvironment(once);
  const fn = env.stub('Fn', (n: number) => n + 1);
  expect(await (await env.start('Run', 41)).completed()).toBe(42);
  expect(fn.calls).toEqual([{ input: 41, output: 42, at: new Date('2026-01-01T00:00:00Z'), log: '' }]);
});

test('calls of the real code are noted too, with what they print', async () => {
  const env = await startEnvironment({ Fn: double, Run: machine({ Step: call('Fn') }) });
  await (await env.start('Run', 4)).completed();
  expect(env.activity('Fn').calls).toMatchObject([{ input: 4, output: 8, log: 'doubling 4\n' }]);
});

test('a failure on the n-th call is retried, and the next call runs', async () => {
  const env = await startEnvironment({ Fn: double, Run: machine({ Step: call('Fn') }) });
  const fn = env.activity('Fn').failOnCall(1, { name: 'Flaky', message: 'not now' });
  const instance = await env.start('Run', 4);
  expect(await instance.completed()).toBe(8);
  expect(fn.callCount).toBe(2);
  expect(fn.calls[0]).toMatchObject({ input: 4, error: { name: 'Flaky', message: 'not now' } });
  expect(fn.calls.map(({ at }) => at.getTime() - fn.calls[0]!.at.getTime())).toEqual([0, 2000]);
});

test('failures on several calls use up the attempts', async () => {
  const env = await startEnvironment(once);
  const fn = env.stub('Fn', () => 'fine').failOnCalls(1, 3, 'Flaky');
  expect(await (await env.start('Run')).failed()).toMatchObject({ name: 'Flaky', message: 'injected by the test' });
  expect(await (await env.start('Run')).completed()).toBe('fine');
  expect(fn.callCount).toBe(4);
});

class CardDeclined extends Error {
  override readonly name = 'CardDeclined';
}

test.each([
  ['an Error', new CardDeclined('no cover'), 'CardDeclined', 'no cover'],
  ['a name', 'States.DataLimitExceeded', 'States.DataLimitExceeded', 'injected by the test'],
])('%s is the error that Catch sees', async (_what, error, name, message) => {
  const env = await startEnvironment(once);
  env.activity('Fn').fails(error);
  expect(await (await env.start('Run')).failed()).toMatchObject({ name, message });
});

test("a fault of Lambda's own is told apart from the function's", async () => {
  const env = await startEnvironment(once);
  const fn = env.activity('Fn').fails('Lambda.TooManyRequestsException');
  const failure = await (await env.start('Run')).failed();
  expect(failure.name).toBe('Lambda.TooManyRequestsException');
  expect(fn.calls).toMatchObject([{ error: { name: 'Lambda.TooManyRequestsException' } }]);
});

test('what a stub throws is the activity’s error', async () => {
  const env = await startEnvironment(once);
  env.stub('Fn', () => {
    throw new CardDeclined('by the stub');
  });
  expect(await (await env.start('Run')).failed()).toMatchObject({ name: 'CardDeclined', message: 'by the stub' });
});

test('outputs in turn, the last one for all that follow', async () => {
  const env = await startEnvironment(once);
  const fn = env.activity('Fn').returnsInTurn('cloudy', 'clear');
  const outputs = [];
  for (const _ of [1, 2, 3]) outputs.push(await (await env.start('Run')).completed());
  expect(outputs).toEqual(['cloudy', 'clear', 'clear']);
  fn.returns('rain');
  expect(await (await env.start('Run')).completed()).toBe('rain');
});

test('restoring brings the code back and keeps the calls; resetting the environment forgets them too', async () => {
  const env = await startEnvironment({ Fn: double, Run: machine({ Step: call('Fn') }) });
  const fn = env.stub('Fn', () => 'stubbed').failOnCall(2, 'Flaky');
  await (await env.start('Run', 1)).completed();
  fn.restore();
  expect(await (await env.start('Run', 2)).completed()).toBe(4);
  expect(fn.inputs).toEqual([1, 2]);
  env.reset();
  expect(fn.failOnCall(1, 'Flaky').calls).toEqual([]);
  await (await env.start('Run', 3)).completed();
  expect(fn.inputs).toEqual([3, 3]);
});

test('an unknown activity is refused with the known ones', async () => {
  const env = await startEnvironment(once);
  expect(() => env.activity('Fm')).toThrow('there are: Demo/Fn');
  expect(() => env.activity('Fn').failOnCall(0, 'Flaky')).toThrow('the number of a call, from 1');
});
