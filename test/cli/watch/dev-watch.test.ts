import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { main } from '../../../lib/cli/program.js';
import { writeApp } from '../../assembly/write-app.js';
import { ADMIN_ROLE, stateMachine } from '../../local/local-app.js';
import { Paper } from '../paper.js';

const ROOT = resolve(__dirname, '../../..');
let directory: string;
let stop: AbortController;
let paper: Paper;
let running: Promise<number> | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
  stop = new AbortController();
  paper = new Paper();
});
afterEach(async () => {
  stop.abort();
  await running;
  running = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const write = (file: string, text: string): void => writeFileSync(join(directory, file), text);

/** Runs `dev` in the app's folder, and gives its endpoint. */
async function dev(app: string, ...more: readonly string[]): Promise<string> {
  write('cdk.json', JSON.stringify({ app }));
  const ready = paper.seen('Ctrl-C stops it.');
  const home = process.cwd();
  process.chdir(directory);
  running = main(['dev', '--port', '0', ...more], '1', paper, stop.signal);
  process.chdir(home);
  await Promise.race([ready, running.then(() => Promise.reject(new Error(paper.errors.join('\n'))))]);
  return /http:\/\/127\.0\.0\.1:\d+/.exec(paper.lines.find((line) => line.startsWith('Local cloud'))!)![0];
}

const client = (endpoint: string) =>
  ({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } }) as const;

describe('an app that changes', () => {
  // An app in one file: it copies what the test wrote, as a synthesis would write it.
  const SYNTHESIZE = 'cp -r source/. "$CDK_OUTDIR" && test ! -e broken || { echo "Error: no such step" >&2; exit 1; }';
  const machine = (result: string, wait = 0) => ({
    Role: ADMIN_ROLE,
    Machine: stateMachine({
      QueryLanguage: 'JSONata',
      StartAt: 'wait',
      States: {
        wait: { Type: 'Wait', Seconds: wait, Next: 'say' },
        say: { Type: 'Pass', Output: result, End: true },
      },
    }),
  });
  const source = (result: string, wait?: number) =>
    writeApp({ stacks: { Demo: { resources: machine(result, wait) } } }, join(directory, 'source'));
  const ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:Demo-Machine';

  async function outputOf(sfn: SFNClient, executionArn: string | undefined): Promise<string | undefined> {
    for (;;) {
      const { status, output } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') return output;
    }
  }

  test('is synthesized and swapped in; what runs keeps its definition', async () => {
    source('old', 2);
    const sfn = new SFNClient(client(await dev(SYNTHESIZE)));
    const before = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    const swapped = paper.seen('↻ orchestrations Machine, after ');
    source('new');
    await swapped;
    const after = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    expect(await outputOf(sfn, after.executionArn)).toBe('"new"');
    expect(await outputOf(sfn, before.executionArn)).toBe('"old"');
    expect(paper.errors).toEqual(['Synthesizing the app …']);
    sfn.destroy();
  });

  test('and can’t be synthesized, or can’t run, is told; what ran goes on, and comes back when it is mended', async () => {
    source('old');
    const endpoint = await dev(SYNTHESIZE);
    const sfn = new SFNClient(client(endpoint));
    const failed = paper.told('no such step');
    write('broken', '');
    await failed;
    expect(paper.errors.at(-1)).toMatch(/The app runs on as it was\.$/);
    const run = await sfn.send(new StartExecutionCommand({ stateMachineArn: ARN }));
    expect(await outputOf(sfn, run.executionArn)).toBe('"old"');

    const refused = paper.told('Demo/Queue');
    rmSync(join(directory, 'broken'));
    const resources = { ...machine('old'), Queue: { Type: 'AWS::Kinesis::Stream' } };
    writeApp({ stacks: { Demo: { resources } } }, join(directory, 'source'));
    await refused;

    const mended = paper.seen('the app runs as it is written again');
    source('old');
    await mended;
    sfn.destroy();
  });

  test('stays as it was with --no-watch', async () => {
    source('old');
    await dev(SYNTHESIZE, '--no-watch');
    expect(paper.lines).not.toContain('What you change in the app is used as soon as it is saved.');
  });
});

describe('an activity that changes', () => {
  const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { Activity } from ${JSON.stringify(join(ROOT, 'lib/index.ts'))};
const app = new App();
new Activity(new Stack(app, 'Demo'), 'Greet', { entry: 'greet.ts' });
`;
  const greet = (word: string) => write('greet.ts', `export const handler = async () => '${word}';`);

  test('answers the next call with its new code; code that is no code leaves the old', async () => {
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    write('app.ts', APP);
    greet('one');
    const endpoint = await dev(`node --import tsx app.ts`);
    const lambda = new LambdaClient(client(endpoint));
    const call = async () => {
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: Functions[0]?.FunctionName }));
      return Buffer.from(Payload!).toString();
    };
    expect(await call()).toBe('"one"');

    const swapped = paper.seen('↻ functions Demo/Greet, after ');
    greet('two');
    await swapped;
    expect(await call()).toBe('"two"');

    const refused = paper.told('greet.ts:1:');
    write('greet.ts', 'export const handler = async () => ;');
    await refused;
    expect(await call()).toBe('"two"');

    const mended = paper.seen('↻ functions Demo/Greet, after ');
    write('limit.ts', 'export const LIMIT = 3;');
    write('greet.ts', `import { LIMIT } from './limit.js'; export const handler = async () => LIMIT;`);
    await mended;
    expect(await call()).toBe('3');

    // A constant that is inlined leaves nothing of its file in the code.
    const inlined = paper.seen('↻ functions Demo/Greet, after ');
    write('limit.ts', 'export const LIMIT = 4;');
    await inlined;
    expect(await call()).toBe('4');
    lambda.destroy();
  });
});
