import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import { readOrchestration } from '../../lib/local/cloud/orchestrations.js';
import { Checks } from '../checks.js';
import { mustRun } from '../processes.js';
import { replaceComputedTimeouts, verifySenders } from './adapt.js';
import type { Cloud } from './cloud.js';
import { emulatedCloud } from './emulated-cloud.js';
import { awsEnvironment, Emulator, emulatedAccount } from './emulator.js';
import { checkHttpContract } from './http-contract.js';
import { lintDefinitions, lintTemplates } from './lint.js';
import { startLocalCloud } from './local-cloud.js';
import { checkManyOrchestrations } from './many.js';
import { installPythonTools } from './python-tools.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios/index.js';

const root = path.resolve(__dirname, '../..');
const cdk = require.resolve('aws-cdk/bin/cdk');

/**
 * `npm run test:deploy`: the demo app goes through the real `cdk bootstrap`, `cdk deploy` and `cdk destroy` into an AWS emulator, and every orchestration runs there and on the
 * local cloud, from the same assembly, with the same outcome. The tests of the HTTP API's contract run against it there too. The templates and definitions are linted on the way.
 */
async function main(): Promise<number> {
  const checks = new Checks();
  const tools = await checks.check('the emulator and the linters install', installPythonTools);
  if (tools === undefined) return checks.close();
  const work = mkdtempSync(path.join(tmpdir(), 'durable-steps-deploy-'));
  try {
    const directory = await checks.check('cdk synth', () => synthesize(work));
    if (directory !== undefined) {
      await lintTemplates(checks, tools, directory);
      await lintDefinitions(checks, tools, directory);
      await deployAndCompare(checks, tools, directory);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return checks.close();
}

async function synthesize(work: string): Promise<string> {
  const output = path.join(work, 'cdk.out');
  // The emulator is as local as the local cloud: the demos' API is open, and the shop's key is known.
  const context = ['--context', 'durable-steps:local=true'];
  await runCdk(['synth', '--quiet', ...context, '--output', output], awsEnvironment('http://127.0.0.1:1'));
  return output;
}

async function deployAndCompare(checks: Checks, tools: string, directory: string): Promise<void> {
  const emulator = await checks.check('the emulator starts', () => Emulator.start(tools));
  if (emulator === undefined) return;
  const environment = awsEnvironment(emulator.endpoint);
  const command = (...args: readonly string[]) => runCdk([...args, '--app', directory], environment);
  try {
    await checks.check('cdk bootstrap', () => command('bootstrap', `aws://${emulatedAccount}/us-east-1`));
    const deployed = await checks.check('cdk deploy --all', () =>
      command('deploy', '--all', '--require-approval', 'never'),
    );
    if (deployed === undefined) return;
    await checks.check('the senders of mail are verified', () => verifySenders(emulator.endpoint));
    await checks.check('computed time-outs become numbers, which the emulator can count', async () => {
      if ((await replaceComputedTimeouts(emulator.endpoint)) === 0)
        throw new Error('there was none: is this still needed?');
    });
    await compareClouds(checks, directory, emulator.endpoint);
    await checks.check('cdk destroy --all', () => command('destroy', '--all', '--force'));
    await checkHttpContract(checks, emulator.endpoint, (...args) => runCdk(args, environment));
    await checkManyOrchestrations(checks, tools, emulator.endpoint, (...args) => runCdk(args, environment));
  } finally {
    await emulator.stop();
  }
}

/** The CDK's command line, without its calls home. */
function runCdk(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return mustRun(process.execPath, [cdk, ...args, '--no-notices', '--no-version-reporting'], { cwd: root, env });
}

async function compareClouds(checks: Checks, directory: string, endpoint: string): Promise<void> {
  const assembly = readAssembly(directory);
  await checks.check('every orchestration is in a scenario', () => {
    const run = new Set(scenarios.flatMap(({ orchestrations }) => orchestrations));
    const idle = assembly
      .ofType('AWS::StepFunctions::StateMachine')
      .map((one) => readOrchestration(one).path)
      .filter((one) => !run.has(one));
    if (idle.length > 0) throw new Error(`in no scenario: ${idle.join(', ')}`);
  });
  const local = await checks.check('durable-steps dev serves the same assembly', () => startLocalCloud(assembly));
  if (local === undefined) return;
  const emulated = emulatedCloud(endpoint, assembly);
  try {
    for (const scenario of scenarios) await checks.check(scenario.fact, () => compare(scenario, emulated, local.cloud));
  } finally {
    await local.stop();
  }
}

async function compare(scenario: Scenario, emulated: Cloud, local: Cloud): Promise<void> {
  const here = await scenario.run(local);
  const expected = scenario.expected ?? here;
  if (!isDeepStrictEqual(here, expected))
    throw new Error(`the local cloud gave ${show(here)} instead of ${show(expected)}`);
  const there = await scenario.run(emulated).catch((error: unknown) => {
    if (scenario.emulatorDeviates === undefined) throw error;
    return 'failed';
  });
  const same = isDeepStrictEqual(there, expected);
  if (scenario.emulatorDeviates === undefined && !same)
    throw new Error(`the emulator gave ${show(there)} instead of ${show(expected)}`);
  if (scenario.emulatorDeviates !== undefined && same)
    throw new Error(`the emulator deviates no longer: ${scenario.emulatorDeviates}`);
}

function show(value: unknown): string {
  return JSON.stringify(value);
}

void main().then((status) => {
  process.exitCode = status;
});
