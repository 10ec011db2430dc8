import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { buildSync } from 'esbuild';
import { Activity, Chain } from '../../lib/index.js';
import { newStack, resources, theResource } from './kit.js';

jest.mock('esbuild', () => {
  const esbuild = jest.requireActual('esbuild');
  return { ...esbuild, buildSync: jest.fn(esbuild.buildSync) };
});

const directory = mkdtempSync(path.join(tmpdir(), 'activity-'));
const file = (name: string, text: string) => {
  const entry = path.join(directory, name);
  writeFileSync(entry, text);
  return entry;
};
const entry = file('double.ts', 'export const handler = async (n: number): Promise<number> => n * 2;');

test('builds one function: arm64, Node.js 24, source maps, a minute', () => {
  const stack = newStack();
  new Activity(stack, 'Double', { entry });
  expect(theResource(stack, 'AWS::Lambda::Function')).toMatchObject({
    Architectures: ['arm64'],
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 60,
    MemorySize: 512,
    Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
  });
});

test('takes the options of a function', () => {
  const stack = newStack();
  new Activity(stack, 'Double', {
    entry,
    memorySize: 1024,
    environment: { MODE: '1' },
    runtime: lambda.Runtime.NODEJS_22_X,
    timeout: Duration.minutes(15),
  });
  expect(theResource(stack, 'AWS::Lambda::Function')).toMatchObject({
    MemorySize: 1024,
    Runtime: 'nodejs22.x',
    Timeout: 900,
    Environment: { Variables: { MODE: '1', NODE_OPTIONS: '--enable-source-maps' } },
  });
});

test('an existing function is an activity, with its own time-out', () => {
  const stack = newStack();
  const existing = new lambda.Function(stack, 'Fn', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1'),
    timeout: Duration.seconds(7),
  });
  const chain = new Chain(stack, 'Chain', { steps: [new Activity(stack, 'A', { function: existing })] });
  expect(chain.definition.States['A']).toMatchObject({ Type: 'Task', TimeoutSeconds: 27 });
  expect(stack.resolve(chain.definition.States['A']!['Arguments'])).toMatchObject({
    FunctionName: { 'Fn::GetAtt': ['Fn9270CBC0', 'Arn'] },
  });
  const hasty = new Activity(stack, 'B', { function: existing, timeout: Duration.seconds(5) });
  const patient = new Activity(stack, 'C', { function: existing, timeout: Duration.seconds(9) });
  const { States } = new Chain(stack, 'Times', { steps: [hasty, patient] }).definition;
  expect([States['B']?.['TimeoutSeconds'], States['C']?.['TimeoutSeconds']]).toEqual([5, 27]);
});

test('all activities of an app, stages included, are bundled in one esbuild run', () => {
  const run = jest.mocked(buildSync).mockClear();
  const app = new App();
  const stack = new Stack(app, 'One');
  const staged = new Stack(new Stage(app, 'Prod'), 'Two');
  for (let index = 0; index < 5; index++)
    new Activity(stack, `A${index}`, { entry: file(`a${index}.ts`, `export const handler = async () => ${index};`) });
  new Activity(staged, 'B', { entry: file('b.ts', 'export const handler = async () => "b";') });
  new Activity(staged, 'SameAsA0', { entry: path.join(directory, 'a0.ts') });
  const assembly = app.synth();
  expect(run.mock.calls.map(([options]) => Object.keys(options.entryPoints as object).length)).toEqual([6]);
  expect(readdirSync(assembly.directory).filter((name) => name.startsWith('asset.'))).toHaveLength(6);
});

test('bundles run: ES module, CommonJS entry, other handler name, top-level await, require and __dirname', () => {
  const app = new App();
  const stack = new Stack(app, 'S');
  const entries = {
    Cjs: { entry: file('cjs.js', 'exports.handler = async (n) => n + 1;') },
    Named: {
      entry: file('named.ts', 'export const add = async (n: number) => n + 2; export const other = 1;'),
      handler: 'add',
    },
    Await: {
      entry: file(
        'await.ts',
        'const base = await Promise.resolve(3); export const handler = async (n: number) => n + base;',
      ),
    },
    Legacy: {
      entry: file(
        'legacy.ts',
        "declare const require: (id: string) => { sep: string }; export const handler = async () => require('node:path').sep + typeof __dirname;",
      ),
    },
  };
  for (const [id, props] of Object.entries(entries)) new Activity(stack, id, props);
  const assembly = app.synth();
  const template = assembly.getStackByName('S').template as {
    Resources: Record<string, { Type: string; Properties: { Code: { S3Key: string } } }>;
  };
  const results: Record<string, unknown> = {};
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const bundle = path.join(assembly.directory, `asset.${path.basename(Properties.Code.S3Key, '.zip')}`, 'index.mjs');
    const code = `import(${JSON.stringify(bundle)}).then(async (m) => console.log(JSON.stringify(await m.handler(1))))`;
    results[id.replace(/Function.*/, '')] = JSON.parse(
      execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }),
    );
  }
  expect(results).toEqual({ Cjs: 2, Named: 3, Await: 4, Legacy: '/string' });
});

test('the asset key is the content: the same on every run, another for other code', () => {
  const key = (text: string) => {
    const stack = newStack();
    new Activity(stack, 'A', { entry: file('hash.ts', text) });
    return (theResource(stack, 'AWS::Lambda::Function')['Code'] as { S3Key: string }).S3Key;
  };
  const first = key('export const handler = async () => 1;');
  expect(key('export const handler = async () => 1;')).toBe(first);
  expect(key('export const handler = async () => 2;')).not.toBe(first);
});

describe('refuses', () => {
  test('a file that is not there, at once', () => {
    expect(() => new Activity(newStack(), 'A', { entry: 'lambda/nope.ts' })).toThrow(
      '`Stack/A.entry`: expected the path of an existing source file, relative to the directory where the app runs, got `lambda/nope.ts`, which is not there',
    );
  });

  test('a file without the handler', () => {
    const stack = newStack();
    new Activity(stack, 'A', { entry: file('none.ts', 'export const other = 1;') });
    expect(() => resources(stack, 'AWS::Lambda::Function')).toThrow(
      /`Stack\/A`: expected `.*none.ts` to export a function named `handler`, got no such export/,
    );
  });

  test('code that does not parse, with file and line', () => {
    const stack = newStack();
    new Activity(stack, 'A', { entry: file('broken.ts', 'export const handler = async ( => 1;') });
    expect(() => resources(stack, 'AWS::Lambda::Function')).toThrow(
      /`Stack\/A`: expected code that esbuild can bundle, got .*broken\.ts:1:\d+/,
    );
  });

  test('a package that is not installed', () => {
    const stack = newStack();
    new Activity(stack, 'A', {
      entry: file('missing.ts', "import '@aws-sdk/client-nope'; export const handler = async () => 1;"),
    });
    expect(() => resources(stack, 'AWS::Lambda::Function')).toThrow(
      /Could not resolve "@aws-sdk\/client-nope".*npm install @aws-sdk\/client-nope/s,
    );
  });

  test("a time-out above Lambda's limit", () => {
    expect(() => new Activity(newStack(), 'A', { entry, timeout: Duration.minutes(16) })).toThrow(
      '`Stack/A.timeout`: expected whole seconds, from 1 to 900',
    );
  });
});

describe('the logs of an activity', () => {
  const rolesOf = (stack: Stack) =>
    Object.values(resources(stack, 'AWS::IAM::Role')).map(({ Properties }) => Properties);
  const logStatements = (stack: Stack) =>
    Object.values(resources(stack, 'AWS::IAM::Policy'))
      .flatMap(
        ({ Properties }) => (Properties['PolicyDocument'] as { readonly Statement: readonly object[] }).Statement,
      )
      .filter((statement) => JSON.stringify(statement).includes('logs:'));

  test('have a group of their own, kept for a month, and the function writes there alone', () => {
    const stack = newStack();
    new Activity(stack, 'Double', { entry });
    expect(theResource(stack, 'AWS::Logs::LogGroup')).toEqual({ RetentionInDays: 30 });
    const group = Object.keys(resources(stack, 'AWS::Logs::LogGroup'))[0];
    expect(theResource(stack, 'AWS::Lambda::Function')['LoggingConfig']).toEqual({ LogGroup: { Ref: group } });
    expect(rolesOf(stack).map(({ ManagedPolicyArns }) => ManagedPolicyArns)).toEqual([undefined]);
    expect(logStatements(stack)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [group, 'Arn'] },
      },
    ]);
  });

  test('go where the options say', () => {
    const stack = newStack();
    const logGroup = new logs.LogGroup(stack, 'Mine');
    new Activity(stack, 'Double', { entry, logGroup });
    const [group, ...others] = Object.keys(resources(stack, 'AWS::Logs::LogGroup'));
    expect(others).toEqual([]);
    expect(logStatements(stack)).toMatchObject([{ Resource: { 'Fn::GetAtt': [group, 'Arn'] } }]);
  });

  test('are up to a role that is given', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    new Activity(stack, 'Double', { entry, role });
    expect(rolesOf(stack)).toHaveLength(1);
    expect(logStatements(stack)).toEqual([]);
  });
});
