import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../../lib/clock.js';
import type { LocalCloud } from '../../../lib/local/cloud/local-cloud.js';
import type { Invocation } from '../../../lib/local/cloud/service.js';
import { closeAll, inlineFunction, startApp } from '../local-app.js';

afterEach(closeAll);

/** Runs one handler once and gives what Lambda would answer. */
async function run(
  code: string,
  options: { event?: unknown; properties?: Record<string, unknown> } = {},
): Promise<Invocation> {
  const cloud = await startApp({ Fn: inlineFunction(code, options.properties) });
  return invoke(cloud, options.event);
}

function invoke(cloud: LocalCloud, event: unknown = {}): Promise<Invocation> {
  return cloud.functions.invoke('Demo-Fn', { payload: JSON.stringify(event) });
}

function errorOf(invocation: Invocation): { errorType: string; errorMessage: string; trace?: string[] } {
  expect(invocation.functionError).toBe('Unhandled');
  return JSON.parse(invocation.payload);
}

describe('a handler', () => {
  test.each([
    ['an async result', 'exports.handler = async (event) => ({ got: event.n })', '{"got":1}'],
    ['a callback', 'exports.handler = (event, context, done) => setTimeout(() => done(null, event.n), 1)', '1'],
    ['undefined, which is null', 'exports.handler = async () => {}', 'null'],
    ['a plain return value, which Lambda ignores before Node.js 24', 'exports.handler = () => 5', 'null'],
    ['ES module syntax', 'export const handler = async (event) => event.n', '1'],
    [
      'members that JSON drops',
      'exports.handler = async () => ({ a: undefined, b: new Date(0) })',
      '{"b":"1970-01-01T00:00:00.000Z"}',
    ],
  ])('gives %s', async (_name, code, payload) => {
    const invocation = await run(code, { event: { n: 1 } });
    expect(invocation).toMatchObject({ payload });
    expect(invocation.functionError).toBeUndefined();
  });

  test.each([
    [
      'a thrown Error keeps its name and message',
      'class Denied extends Error { name = "Denied" }; exports.handler = async () => { throw new Denied("no") }',
      'Denied',
      'no',
    ],
    ['a thrown text is a string', 'exports.handler = async () => { throw "no" }', 'string', 'no'],
    ['an error by callback', 'exports.handler = (e, c, done) => done(new TypeError("no"))', 'TypeError', 'no'],
    ['a synchronous throw', 'exports.handler = () => { throw new RangeError("no") }', 'RangeError', 'no'],
    [
      'a throw outside the promise',
      'exports.handler = () => new Promise(() => setImmediate(() => { throw new RangeError("late") }))',
      'RangeError',
      'late',
    ],
    [
      'a rejection nobody handles',
      'exports.handler = async () => { Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 50)) }',
      'Runtime.UnhandledPromiseRejection',
      'Error: lost',
    ],
    [
      'a circular result',
      'exports.handler = async () => { const a = {}; a.a = a; return a }',
      'Runtime.MarshalError',
      'Unable to stringify response body',
    ],
    [
      'a BigInt result',
      'exports.handler = async () => 1n',
      'Runtime.MarshalError',
      'Unable to stringify response body',
    ],
    ['a missing export', 'exports.other = 1', 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
    [
      'an export that is no function',
      'exports.handler = 1',
      'Runtime.HandlerNotFound',
      'index.handler is not a function',
    ],
    ['a syntax error', 'exports.handler = {{', 'Runtime.UserCodeSyntaxError', 'SyntaxError:'],
    ['a missing module', 'require("./gone")', 'Runtime.ImportModuleError', "Error: Cannot find module './gone'"],
    ['an error while loading', 'throw new Error("at load")', 'Error', 'at load'],
    [
      'process.exit',
      'exports.handler = async () => process.exit(3)',
      'Runtime.ExitError',
      'Error: Runtime exited with error: exit status 3',
    ],
    [
      'a promise that never settles',
      'exports.handler = () => new Promise(() => {})',
      'Runtime.NodeJsExit',
      'a Promise that was never settled',
    ],
    [
      'a response over 6 MB',
      'exports.handler = async () => "x".repeat(6 * 1024 * 1024 + 200)',
      'Function.ResponseSizeTooLarge',
      'Response payload size exceeded maximum allowed payload size',
    ],
  ])('%s', async (_name, code, errorType, message) => {
    const error = errorOf(await run(code));
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toContain(message);
  });

  test('a trace begins with the error and names the handler’s file', async () => {
    const { trace } = errorOf(await run('exports.handler = async () => { throw new Error("here") }'));
    expect(trace?.[0]).toBe('Error: here');
    expect(trace?.[1]).toContain('index.js:1');
  });

  test('a timeout ends it, also in an endless loop, and the next call works', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async (e) => { while (e.loop); return "fine" }', { Timeout: 1 }),
    });
    const error = errorOf(await invoke(cloud, { loop: true }));
    expect(error).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/),
    });
    expect(await invoke(cloud)).toMatchObject({ payload: '"fine"' });
  });

  test('running out of memory kills it', async () => {
    const code = 'exports.handler = async () => { const a = []; for (;;) a.push(new Array(9999).fill(a.length)) }';
    expect(errorOf(await run(code, { properties: { MemorySize: 32, Timeout: 30 } }))).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
  });

  test('callbacks are refused from Node.js 24 on, where a plain return value is the result', async () => {
    const properties = { Runtime: 'nodejs24.x' };
    const callback = await run('exports.handler = (e, c, done) => done(null, 1)', { properties });
    expect(errorOf(callback).errorType).toBe('Runtime.CallbackHandlerDeprecated');
    expect(await run('exports.handler = () => 5', { properties })).toMatchObject({ payload: '5' });
  });
});

describe('the handler string', () => {
  const FILES = {
    'src/app/main.mjs':
      'export const api = { run: async () => import.meta.url.endsWith("main.mjs") }; export default { only: async () => "default" }',
    'plain.cjs': 'exports.handler = async () => "cjs"',
    'typed/package.json': '{"type":"module"}',
    'typed/index.js': 'export const handler = async () => "esm"',
  };
  test.each([
    ['src/app/main.api.run', 'true'],
    ['src/app/main.only', '"default"'],
    ['plain.handler', '"cjs"'],
    ['typed/index.handler', '"esm"'],
  ])('%s', async (Handler, payload) => {
    const Code = { S3Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: 'abc.zip' };
    const cloud = await startApp({ Fn: inlineFunction('', { Handler, Code }) }, { app: { assets: { abc: FILES } } });
    expect(await invoke(cloud)).toMatchObject({ payload });
  });
});

describe('the handler’s surroundings', () => {
  test('it sees Lambda’s variables and its own, and nothing of this process', async () => {
    process.env['SECRET_OF_THE_TEST'] = 'x';
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async () => process.env', {
        MemorySize: 256,
        Environment: { Variables: { TABLE: { Ref: 'AWS::Region' } } },
      }),
    });
    const environment = JSON.parse((await invoke(cloud)).payload);
    expect(environment).toMatchObject({
      TABLE: 'us-east-1',
      AWS_REGION: 'us-east-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Demo-Fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: 'LOCALFn',
      _HANDLER: 'index.handler',
    });
    expect(environment).not.toHaveProperty('SECRET_OF_THE_TEST');
    delete process.env['SECRET_OF_THE_TEST'];
  });

  test('its context is Lambda’s', async () => {
    const code = `exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() })`;
    const cloud = await startApp({ Fn: inlineFunction(code, { Timeout: 10 }) });
    const clientContext = Buffer.from('{"idempotencyKey":"k"}').toString('base64');
    const { payload, requestId } = await cloud.functions.invoke('Demo-Fn', { clientContext });
    const context = JSON.parse(payload);
    expect(context).toEqual({
      functionName: 'Demo-Fn',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:Demo-Fn',
      memoryLimitInMB: '128',
      awsRequestId: requestId,
      logGroupName: '/aws/lambda/Demo-Fn',
      logStreamName: 'local/[$LATEST]',
      clientContext: { idempotencyKey: 'k' },
      callbackWaitsForEmptyEventLoop: true,
      left: expect.any(Number),
    });
    expect(context.left).toBeGreaterThan(5_000);
    expect(context.left).toBeLessThanOrEqual(10_000);
  });

  test('its time is the cloud’s', async () => {
    const clock = new VirtualClock({ start: new Date('2031-05-06T07:08:09Z') });
    const code =
      'exports.handler = async () => [new Date().toISOString(), new Date(Date.now()).getFullYear(), new Date(0).getTime(), Date().slice(11, 15), new Date() instanceof Date]';
    const cloud = await startApp({ Fn: inlineFunction(code) }, { clock });
    const [now, ...rest] = JSON.parse((await invoke(cloud)).payload);
    expect(now).toMatch(/^2031-05-06T07:08:(09|1\d)/);
    expect(rest).toEqual([2031, 0, '2031', true]);
    await clock.advanceBy(86_400_000);
    expect(JSON.parse((await invoke(cloud)).payload)[0]).toMatch(/^2031-05-07T07:08:/);
  });

  test('what it prints is kept per invocation, and heard at once', async () => {
    const cloud = await startApp({
      Fn: inlineFunction(
        'console.log("loaded"); exports.handler = async (e) => { console.log("n", e.n); console.error("bad") }',
      ),
    });
    const heard: string[] = [];
    cloud.functions.onLog((_call, text) => heard.push(text));
    expect((await invoke(cloud, { n: 1 })).log).toBe('loaded\nn 1\nbad\n');
    expect((await invoke(cloud, { n: 2 })).log).toBe('n 2\nbad\n');
    expect(heard.join('')).toBe('loaded\nn 1\nbad\nn 2\nbad\n');
  });

  test('a warm thread keeps the module’s state', async () => {
    const cloud = await startApp({ Fn: inlineFunction('let n = 0; exports.handler = async () => ++n') });
    expect((await invoke(cloud)).payload).toBe('1');
    expect((await invoke(cloud)).payload).toBe('2');
  });

  test('calls at once run at once, each in a thread of its own', async () => {
    // Each call ends only when the other has begun too.
    const code = `const fs = require('node:fs'); let n = 0;
      exports.handler = async ({ directory, name }) => {
        n++;
        fs.writeFileSync(directory + '/' + name, '');
        while (fs.readdirSync(directory).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
        return n;
      }`;
    const cloud = await startApp({ Fn: inlineFunction(code, { Timeout: 30 }) });
    const directory = mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
    const both = await Promise.all(['a', 'b'].map((name) => invoke(cloud, { directory, name })));
    expect(both.map(({ payload }) => payload)).toEqual(['1', '1']);
  });

  test('the AWS SDK says nothing about the machine’s Node.js version', async () => {
    const code = `const { SFNClient } = require('@aws-sdk/client-sfn'); exports.handler = async () => { new SFNClient({}); return 'made' }`;
    expect(await run(code)).toMatchObject({ payload: '"made"', log: '' });
  });

  test('an ES module finds the AWS SDK that it leaves out of its bundle', async () => {
    const files = {
      'index.mjs': `import { SFNClient } from '@aws-sdk/client-sfn'; export const handler = async () => typeof SFNClient`,
    };
    const Code = { S3Bucket: 'b', S3Key: 'abc.zip' };
    const cloud = await startApp({ Fn: inlineFunction('', { Code }) }, { app: { assets: { abc: files } } });
    expect(await invoke(cloud)).toMatchObject({ payload: '"function"' });
  });
});

describe('asynchronous invocations', () => {
  const FAILS = 'exports.handler = async () => { throw new Error("no") }';

  test('a failed one is tried again after one minute and after two more, then given up with a warning', async () => {
    const clock = new VirtualClock({ start: 0 });
    const warnings: string[] = [];
    const cloud = await startApp({ Fn: inlineFunction(FAILS) }, { clock, onWarning: (line) => warnings.push(line) });
    const calls: number[] = [];
    cloud.functions.onCall(() => calls.push(clock.now()));
    cloud.functions.invokeAsync('Demo-Fn');
    await clock.settled();
    expect(calls).toEqual([0, 60_000, 180_000]);
    expect(warnings).toEqual([expect.stringContaining('Demo/Fn: an asynchronous event failed for good')]);
  });

  test('EventInvokeConfig limits the attempts', async () => {
    const clock = new VirtualClock({ start: 0 });
    const Config = {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Fn' }, MaximumRetryAttempts: 0 },
    };
    const cloud = await startApp({ Fn: inlineFunction(FAILS), Config }, { clock, onWarning: () => {} });
    let calls = 0;
    cloud.functions.onCall(() => calls++);
    cloud.functions.invokeAsync('Demo-Fn');
    await clock.settled();
    expect(calls).toBe(1);
  });
});

describe('what cannot be called', () => {
  test.each([
    [
      'an unknown function',
      'Nope',
      '{}',
      'ResourceNotFoundException',
      'Function not found: arn:aws:lambda:us-east-1:123456789012:function:Nope',
    ],
    [
      'an event that is not JSON',
      'Demo-Fn',
      '{',
      'InvalidRequestContentException',
      'Could not parse request body into json',
    ],
    [
      'an event over 6 MB',
      'Demo-Fn',
      JSON.stringify('x'.repeat(6 * 1024 * 1024)),
      'RequestTooLargeException',
      'RequestResponse',
    ],
  ])('%s', async (_name, function_, payload, name, message) => {
    const cloud = await startApp({ Fn: inlineFunction('exports.handler = async () => 1') });
    await expect(cloud.functions.invoke(function_, { payload })).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  test('reserved concurrency of 0 throttles', async () => {
    const cloud = await startApp({
      Fn: inlineFunction('exports.handler = async () => 1', { ReservedConcurrentExecutions: 0 }),
    });
    await expect(invoke(cloud)).rejects.toMatchObject({ name: 'TooManyRequestsException', status: 429 });
  });

  test.each([
    [
      'Runtime',
      { Runtime: 'python3.13' },
      '`Demo/Fn.Runtime`: expected a Node.js runtime (`nodejs22.x`), got `python3.13`',
    ],
    [
      'Layers',
      { Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] },
      '`Demo/Fn.Layers`: expected no layers, got 1; bundle',
    ],
    [
      'PackageType',
      { PackageType: 'Image' },
      '`Demo/Fn.PackageType`: expected a function from a directory or inline code, got a container image',
    ],
    ['Code', { Code: { S3Bucket: 'b', S3Key: 'k' } }, '`Demo/Fn.Code`: expected an asset of this app, got `s3://b/k`'],
    [
      'an unknown property',
      { FileSystemConfigs: [] },
      '`Demo/Fn.FileSystemConfigs`: expected a property that the local cloud knows',
    ],
  ])('%s is refused when the template loads', async (_name, properties, message) => {
    await expect(startApp({ Fn: inlineFunction('', properties) })).rejects.toThrow(message);
  });
});
