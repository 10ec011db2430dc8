import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { main } from '../../lib/cli/program.js';
import { type StackFixture, writeApp } from '../assembly/write-app.js';
import { ADMIN_ROLE, inlineFunction, invoke, stateMachine } from '../local/local-app.js';
import { Paper } from './paper.js';

interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function command(...args: readonly string[]): Promise<Result> {
  const paper = new Paper();
  const status = await main(args, '1.2.3', paper, new AbortController().signal);
  return { status, out: paper.lines.join('\n'), err: paper.errors.join('\n') };
}

function appWith(resources: Readonly<Record<string, unknown>>, more: StackFixture = {}): string {
  return writeApp({ stacks: { Demo: { ...more, resources: { Role: ADMIN_ROLE, ...resources } } } });
}

const ORDER = {
  Price: inlineFunction(
    'exports.handler = async ({ total }) => { if (total < 0) throw new RangeError("negative total"); return total * 2 }',
  ),
  Machine: stateMachine({
    QueryLanguage: 'JSONata',
    StartAt: 'price',
    States: { price: invoke('Price', { Next: 'wait' }), wait: { Type: 'Wait', Seconds: 3600, End: true } },
  }),
};
const PATHS = { paths: { Machine: 'PriceOrder/StateMachine/Resource', Price: 'Price/Resource' } };

describe('durable-steps run', () => {
  const app = appWith(ORDER, PATHS);

  test('shows each step, then the output, and ends with 0', async () => {
    const { status, out, err } = await command(
      'run',
      'PriceOrder',
      '--assembly',
      app,
      '--virtual',
      '--input',
      '{"total":21}',
    );
    expect(err).toBe('');
    expect(out).toMatch(/^ +\d+ m?s {2}✔ price {2}\d+ m?s\n +1 h {2}✔ wait {2}1 h\n✔ Succeeded in 1 h\n42$/);
    expect(status).toBe(0);
  });

  test('a failure ends with 1 and tells error and cause', async () => {
    const { status, out, err } = await command(
      'run',
      'PriceOrder',
      '--assembly',
      app,
      '--virtual',
      '--input',
      '{"total":-1}',
    );
    expect(out).toMatch(/✘ price {2}attempt 1: RangeError: negative total\n✘ Failed in/);
    expect(err).toContain('RangeError');
    expect(status).toBe(1);
  });

  test('--json is one object, also for a failure', async () => {
    const good = await command('run', 'PriceOrder', '--assembly', app, '--virtual', '--json', '--input', '{"total":1}');
    expect(JSON.parse(good.out)).toMatchObject({
      orchestration: 'PriceOrder',
      executionArn: expect.stringContaining(':execution:Demo-Machine:'),
      status: 'SUCCEEDED',
      output: 2,
      timeline: [
        { kind: 'done', step: 'price', attempts: 1 },
        { kind: 'done', step: 'wait', duration: 3_600_000 },
      ],
    });
    const bad = await command('run', 'PriceOrder', '--assembly', app, '--virtual', '--json', '--input', '{"total":-1}');
    expect(JSON.parse(bad.out)).toMatchObject({ status: 'FAILED', error: 'RangeError' });
    expect(bad.status).toBe(1);
  });

  test('reads the input from a file, with a byte order mark too', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'durable-steps-test-')), 'order.json');
    writeFileSync(file, '\uFEFF{"total": 4}');
    expect((await command('run', 'PriceOrder', '--assembly', app, '--virtual', '--input-file', file)).out).toMatch(
      /\n8$/,
    );
  });

  test('retries are shown attempt by attempt', async () => {
    const flaky = appWith({
      Flaky: inlineFunction(
        'let n = 0; exports.handler = async () => { if (++n < 3) throw new Error("not yet"); return n }',
      ),
      Machine: stateMachine({
        QueryLanguage: 'JSONata',
        StartAt: 'try',
        States: {
          try: invoke('Flaky', { End: true, Retry: [{ ErrorEquals: ['Error'], IntervalSeconds: 2, BackoffRate: 2 }] }),
        },
      }),
    });
    const { out } = await command('run', 'Machine', '--assembly', flaky, '--virtual');
    expect(out).toMatch(
      /✘ try {2}attempt 1: Error: not yet\n.*✘ try {2}attempt 2: Error: not yet\n.*✔ try {2}6(\.\d)? s, 3 attempts\n/,
    );
  });

  test('what functions print is shown among the steps', async () => {
    const talking = appWith({
      Fn: inlineFunction('exports.handler = async () => console.log("one\\ntwo")'),
      Machine: stateMachine({ QueryLanguage: 'JSONata', StartAt: 'say', States: { say: invoke('Fn') } }),
    });
    const { out } = await command('run', 'Machine', '--assembly', talking, '--virtual');
    expect(out).toMatch(/^ +│ one\n +│ two\n.*✔ say/);
    const json = await command('run', 'Machine', '--assembly', talking, '--virtual', '--json');
    expect(JSON.parse(json.out).logs).toEqual([{ state: 'say', attempt: 1, text: 'one\ntwo\n' }]);
  });

  test('follows sub-orchestrations, indented below the step that waits for them', async () => {
    const child = {
      QueryLanguage: 'JSONata',
      StartAt: 'inner',
      States: { inner: invoke('Fn', { Next: 'rest' }), rest: { Type: 'Wait', Seconds: 60, End: true } },
    };
    const nested = appWith({
      Fn: inlineFunction('exports.handler = async () => console.log("inside")'),
      Child: stateMachine(child),
      Machine: stateMachine({
        QueryLanguage: 'JSONata',
        StartAt: 'outer',
        States: {
          outer: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution.sync:2',
            Arguments: { StateMachineArn: '${Child}', Input: {} },
            End: true,
          },
        },
      }),
    });
    const { out } = await command('run', 'Machine', '--assembly', nested, '--virtual');
    expect(
      out
        .split('\n')
        .slice(0, 6)
        .map((line) => line.trim().replace(/^\d+ \w+ /, '')),
    ).toEqual([
      ' ▸ outer  runs a sub-orchestration',
      '│ inside',
      '   ✔ inner  0 ms',
      '   ✔ rest  1 min',
      ' ✔ outer  1 min',
      '✔ Succeeded in 1 min',
    ]);
  });

  test('says when a person is awaited, and ends with 130 when it is interrupted', async () => {
    const asking = appWith({
      Fn: inlineFunction('exports.handler = async () => null'),
      Machine: stateMachine({
        QueryLanguage: 'JSONata',
        StartAt: 'ask',
        States: {
          ask: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
            Arguments: { FunctionName: '${Fn.Arn}', Payload: '{% $states.context.Task.Token %}' },
            TimeoutSeconds: 86400,
            End: true,
          },
        },
      }),
    });
    const paper = new Paper();
    const stop = new AbortController();
    const held = paper.told('time stands still');
    const status = main(['run', 'Machine', '--assembly', asking, '--virtual'], '1', paper, stop.signal);
    await held;
    expect(paper.lines).toEqual([expect.stringContaining('… ask  waits for an answer')]);
    expect(paper.errors).toEqual([
      expect.stringMatching(/^Waiting for an answer; .* Mails: http:\/\/127\.0\.0\.1:\d+\/mailbox$/),
    ]);
    stop.abort();
    expect(await status).toBe(130);
  });

  test.each([
    [
      'an unknown name, with the nearest',
      ['run', 'PriceOder'],
      '`PriceOder`: expected an orchestration of this app, got an unknown name; did you mean `PriceOrder`? There are: PriceOrder',
    ],
    [
      'an input that is not JSON',
      ['run', 'PriceOrder', '--input', '{total: 1}'],
      '`--input`: expected JSON, got `{total: 1}`',
    ],
    [
      'two inputs',
      ['run', 'PriceOrder', '--input', '1', '--input-file', 'x'],
      '`--input`: expected one input, got --input and --input-file',
    ],
    [
      'a file that is not there',
      ['run', 'PriceOrder', '--input-file', '/no/such.json'],
      '`--input-file`: expected a file that can be read, got /no/such.json (ENOENT)',
    ],
    ['a bad execution name', ['run', 'PriceOrder', '--name', 'a b'], 'InvalidName'],
    ['no orchestration', ['run'], "error: missing required argument 'orchestration'"],
    ['an unknown option', ['run', 'PriceOrder', '--fast'], "error: unknown option '--fast'"],
    ['an unknown command', ['rum'], "error: unknown command 'rum'"],
    ['a bad port', ['dev', '--port', '99999'], '`--port`: expected a port number from 0 to 65535, got `99999`'],
  ])('%s ends with 2 and one message', async (_name, args, message) => {
    const assembly = args[0] === 'rum' ? [] : ['--assembly', app];
    const { status, err, out } = await command(...args, ...assembly);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at /);
    expect(out).toBe('');
    expect(status).toBe(2);
  });
});

describe('where the app comes from', () => {
  const directory = () => mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
  const inDirectory = async (cwd: string, ...args: readonly string[]): Promise<Result> => {
    const before = process.cwd();
    process.chdir(cwd);
    try {
      return await command(...args);
    } finally {
      process.chdir(before);
    }
  };

  test('cdk.json’s app is run with CDK_OUTDIR and the context', async () => {
    const cwd = directory();
    const script = `
      const fs = require('node:fs');
      const context = JSON.parse(process.env.CDK_CONTEXT_JSON);
      const out = process.env.CDK_OUTDIR;
      fs.mkdirSync(out, { recursive: true });
      fs.writeFileSync(out + '/t.json', JSON.stringify({ Resources: { [context.name + context.looked]: {
        Type: 'AWS::StepFunctions::StateMachine', Properties: {} } } }));
      fs.writeFileSync(out + '/manifest.json', JSON.stringify({ version: '36.0.0', artifacts: { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } } } }));
      console.log('said by the app');`;
    writeFileSync(join(cwd, 'app.js'), script);
    writeFileSync(
      join(cwd, 'cdk.json'),
      JSON.stringify({ app: 'node app.js', output: 'out/here', context: { name: 'Given' } }),
    );
    writeFileSync(join(cwd, 'cdk.context.json'), JSON.stringify({ looked: 'Up' }));
    expect(await inDirectory(cwd, 'list')).toEqual({ status: 0, out: 'GivenUp  S/GivenUp', err: 'said by the app' });
    expect(await inDirectory(cwd, 'list', '--assembly', 'out/here')).toEqual({
      status: 0,
      out: 'GivenUp  S/GivenUp',
      err: '',
    });
    expect(await inDirectory(cwd, 'list', '--app', 'out/here')).toEqual({
      status: 0,
      out: 'GivenUp  S/GivenUp',
      err: '',
    });
  });

  test.each([
    [
      'no cdk.json',
      undefined,
      'cdk.json`: expected a CDK app (`"app": "<command>"`), got no such file; run in the directory of a CDK app, or give --app <command> or --assembly <directory>',
    ],
    ['a cdk.json without app', '{}', 'got a file without `app`'],
    ['a cdk.json that is not JSON', '{', 'cdk.json`: expected a JSON object, got something else'],
    [
      'an app that fails',
      '{"app":"echo broken >&2; exit 3"}',
      '`echo broken >&2; exit 3`: expected an app that synthesizes, got exit status 3\n\nbroken',
    ],
    [
      'an app that writes nothing',
      '{"app":"true"}',
      'expected a CDK app that writes its output to CDK_OUTDIR, got no ',
    ],
  ])('%s is refused', async (_name, config, message) => {
    const cwd = directory();
    if (config !== undefined) writeFileSync(join(cwd, 'cdk.json'), config);
    const { status, err } = await inDirectory(cwd, 'list');
    expect(err).toContain(message);
    expect(status).toBe(2);
  });

  test('what another app left in the output is not run for an app that writes nothing', async () => {
    const cwd = directory();
    const write = `
      const fs = require('node:fs');
      const out = process.env.CDK_OUTDIR;
      fs.mkdirSync(out, { recursive: true });
      fs.writeFileSync(out + '/manifest.json', JSON.stringify({ version: '36.0.0', artifacts: {} }));`;
    writeFileSync(join(cwd, 'app.js'), write);
    writeFileSync(join(cwd, 'cdk.json'), '{"app":"node app.js"}');
    expect((await inDirectory(cwd, 'list')).status).toBe(0);
    expect((await inDirectory(cwd, 'list')).status).toBe(0);
    const { status, err } = await inDirectory(cwd, 'list', '--app', 'node -e 1');
    expect(err).toContain('manifest.json as it was before, perhaps of another app');
    expect(status).toBe(2);
  });

  test('warnings of the app’s constructs are told, and errors end it, as with the CDK', async () => {
    const cwd = directory();
    const script = `
      const fs = require('node:fs');
      const out = process.env.CDK_OUTDIR;
      const isLocal = JSON.parse(process.env.CDK_CONTEXT_JSON)['durable-steps:local'];
      fs.mkdirSync(out, { recursive: true });
      fs.writeFileSync(out + '/t.json', JSON.stringify({ Resources: {} }));
      const metadata = { '/S/Api': [{ type: 'aws:cdk:warning', data: 'open to everybody, local: ' + isLocal }] };
      if (process.argv[2] === 'bad') metadata['/S/Fn'] = [{ type: 'aws:cdk:error', data: 'no such runtime' }];
      fs.writeFileSync(out + '/manifest.json', JSON.stringify({ version: '36.0.0', artifacts: { S: {
        type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' }, metadata } } }));`;
    writeFileSync(join(cwd, 'app.js'), script);
    writeFileSync(join(cwd, 'cdk.json'), '{"app":"node app.js"}');
    expect(await inDirectory(cwd, 'list')).toEqual({
      status: 0,
      out: expect.any(String),
      err: 'Warning: S/Api: open to everybody, local: true\nThis app has no orchestrations.',
    });
    const bad = await inDirectory(cwd, 'list', '--app', 'node app.js bad');
    expect(bad.status).toBe(2);
    expect(bad.err).toContain('S/Fn: no such runtime');
  });

  test('a failing app’s message is shown without its stack, source or details', async () => {
    const cwd = directory();
    const app = `
      console.error('a warning: before');
      throw Object.assign(new RangeError('no such entry:\\n  lambda/x.ts'), { details: { secret: 1 } });`;
    writeFileSync(join(cwd, 'app.js'), app);
    const { err } = await inDirectory(cwd, 'list', '--app', 'node app.js');
    expect(err).toBe(
      '`node app.js`: expected an app that synthesizes, got exit status 1\n\nRangeError: no such entry:\n  lambda/x.ts',
    );
  });
});

describe('durable-steps dev', () => {
  const app = appWith(ORDER, PATHS);

  async function serve(
    args: readonly string[],
    use: (paper: Paper) => Promise<void>,
    ready: string,
    assembly = app,
  ): Promise<Paper> {
    const paper = new Paper();
    const stop = new AbortController();
    const seen = paper.seen(ready);
    const status = main(['dev', '--assembly', assembly, '--port', '0', ...args], '1', paper, stop.signal);
    await seen;
    await use(paper);
    stop.abort();
    expect(await status).toBe(0);
    return paper;
  }

  test('--json prints one object with the addresses when the port is open', async () => {
    const paper = await serve(
      ['--json'],
      async ({ lines }) => {
        const { endpoint } = JSON.parse(lines[0]!);
        expect((await fetch(endpoint)).status).toBe(200);
      },
      'endpoint',
    );
    expect(JSON.parse(paper.lines.join('\n'))).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      apis: {},
      mailbox: expect.stringMatching(/\/mailbox$/),
      studio: expect.stringMatching(/^http:\/\/localhost:\d+\/$/),
    });
  });

  test('for people it shows what runs and what to type next', async () => {
    const { lines } = await serve([], async () => {}, 'Ctrl-C');
    const text = lines.join('\n');
    expect(lines[0]).toMatch(/^Studio +http:\/\/localhost:\d+\/$/);
    expect(text).toMatch(/Local cloud +http:\/\/127\.0\.0\.1:\d+/);
    expect(text).toContain('\n  PriceOrder\n');
    expect(text).toContain("run PriceOrder --input '{}'");
    expect(text).toContain(
      'stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:123456789012:stateMachine:Demo-Machine',
    );
    expect(lines.at(-1)).toBe('Stopped.');
  });

  test('shows what functions log, but for the metrics and audit lines among it', async () => {
    const code = `exports.handler = async () => console.log('{"_aws":{}}\\n{"level":"INFO","audit":{}}\\nsaid')`;
    const logging = appWith({ Fn: inlineFunction(code, { FunctionName: 'talking' }) });
    const { lines } = await serve(
      [],
      async (paper) => {
        const said = paper.seen('said');
        const lambda = new LambdaClient({
          endpoint: /http:\/\/127\.0\.0\.1:\d+/.exec(paper.lines.join('\n'))![0],
          region: 'us-east-1',
          credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        });
        await lambda.send(new InvokeCommand({ FunctionName: 'talking' }));
        await said;
      },
      'Ctrl-C',
      logging,
    );
    expect(lines.filter((line) => line.includes('│'))).toEqual([expect.stringMatching(/│ said$/)]);
  });
});

test('dev leads from a failed instance to its page in Studio', async () => {
  const paper = new Paper();
  const stop = new AbortController();
  const Machine = stateMachine({ StartAt: 'no', States: { no: { Type: 'Fail', Error: 'TooLarge' } } });
  const ready = paper.seen('Ctrl-C stops it.');
  const status = main(['dev', '--assembly', appWith({ Machine }), '--port', '0'], '1', paper, stop.signal);
  await ready;
  const studio = /http:\/\/localhost:\d+\//.exec(paper.lines[0]!)![0];
  const told = paper.seen('why: ');
  const endpoint = studio.replace('localhost', '127.0.0.1').replace(/\/$/, '');
  const sfn = new SFNClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } });
  const stateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:Demo-Machine';
  await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'order-1' }));
  await told;
  expect(paper.lines.at(-1)!.trim()).toBe(`why: ${studio}#/instance/Demo-Machine%3Aorder-1`);
  sfn.destroy();
  stop.abort();
  expect(await status).toBe(0);
});

test('dev shows how to start an instance by an HTTP API that lets everybody in', async () => {
  const Api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'shop', ProtocolType: 'HTTP' } };
  const start = (AuthorizationType: string) => ({
    ...ORDER,
    Api,
    Again: Api,
    Hub: inlineFunction('', {
      Environment: {
        Variables: {
          DURABLE_HUB_API_URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
          DURABLE_HUB_ORCHESTRATIONS: '{"price-order":"Demo-Machine"}',
        },
      },
    }),
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Hub', 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: 'POST /orchestrations/{name}',
        AuthorizationType,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      },
    },
  });
  const linesOf = async (AuthorizationType: string): Promise<string> => {
    const paper = new Paper();
    const stop = new AbortController();
    const ready = paper.seen('Ctrl-C');
    const status = main(
      ['dev', '--assembly', appWith(start(AuthorizationType)), '--port', '0'],
      '1',
      paper,
      stop.signal,
    );
    await ready;
    stop.abort();
    expect(await status).toBe(0);
    return paper.lines.join('\n');
  };
  const open = await linesOf('NONE');
  expect(open).toMatch(
    /\n {2}curl -X POST http:\/\/127\.0\.0\.1:\d+\/apis\/\w+\/orchestrations\/price-order -d '\{\}'\n/,
  );
  expect(open).toMatch(/\n {2}Api {2}http.*\n {2}Again {2}http/);
  expect(await linesOf('AWS_IAM')).not.toContain('curl');
});

describe('durable-steps', () => {
  test('help and version end with 0', async () => {
    expect(await command('--version')).toEqual({ status: 0, out: '1.2.3', err: '' });
    const help = await command('run', '--help');
    expect(help.status).toBe(0);
    expect(help.out).toContain('--input-file <file>');
  });

  test('list names construct ids and paths', async () => {
    const assembly = appWith(ORDER, PATHS);
    expect((await command('list', '--assembly', assembly)).out).toBe('PriceOrder  Demo/PriceOrder');
    expect(JSON.parse((await command('list', '--assembly', assembly, '--json')).out)).toMatchObject([
      { id: 'PriceOrder', path: 'Demo/PriceOrder', type: 'STANDARD' },
    ]);
  });
});
