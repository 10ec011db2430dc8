import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../lib/asl/language/json.js';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import type { Checks } from '../checks.js';
import type { Cloud } from './cloud.js';
import { emulatedCloud } from './emulated-cloud.js';
import { lintTemplates } from './lint.js';
import { startLocalCloud } from './local-cloud.js';
import { makeManyApp, workStacks } from './many-app.js';

type RunCdk = (...args: readonly string[]) => Promise<unknown>;

/**
 * A hub with 400 orchestrations in five stacks: it lints, runs on both clouds, and each stack loses an orchestration, or goes, without another one changing.
 *
 * @param bin where the linters are
 * @param runCdk the CDK's command line, on the emulator
 */
export async function checkManyOrchestrations(
  checks: Checks,
  bin: string,
  endpoint: string,
  runCdk: RunCdk,
): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'durable-steps-many-'));
  const [whole, less] = [path.join(work, 'whole'), path.join(work, 'less')];
  try {
    const synthesized = await checks.check('400 orchestrations in five stacks synthesize', () => {
      makeManyApp(whole).synth();
      makeManyApp(less, 'Work2/Job7').synth();
      return true;
    });
    if (synthesized === undefined) return;
    await lintTemplates(checks, bin, whole);
    await checks.check('no stack with orchestrations exports anything', () => expectNoExports(whole));
    await checks.check('losing an orchestration changes its stack, and what tells its name', () =>
      expectChanges(whole, less, ['Api', 'Hub', 'Work2']),
    );
    await runLocally(checks, whole);
    await runEmulated(checks, { whole, less, endpoint, runCdk });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function templateOf(app: string, stack: string): { readonly Outputs?: object } {
  return JSON.parse(readFileSync(path.join(app, `${stack}.template.json`), 'utf8'));
}

function expectNoExports(app: string): void {
  const exporting = workStacks.filter((stack) => templateOf(app, stack).Outputs !== undefined);
  if (exporting.length > 0) throw new Error(`${exporting.join(', ')} have exports`);
}

function expectChanges(app: string, other: string, expected: readonly string[]): void {
  const stacks = readdirSync(app).flatMap((file) => /^(.*)\.template\.json$/.exec(file)?.[1] ?? []);
  const changed = stacks.filter((stack) => !isDeepStrictEqual(templateOf(app, stack), templateOf(other, stack)));
  if (!isDeepStrictEqual(changed.sort(), expected)) throw new Error(`changed: ${changed.join(', ')}`);
}

async function runLocally(checks: Checks, app: string): Promise<void> {
  const local = await checks.check('400 orchestrations run on the local cloud', () =>
    startLocalCloud(readAssembly(app)),
  );
  if (local === undefined) return;
  try {
    const { cloud } = local;
    await checks.check('an orchestration of each stack runs through the API, locally', () =>
      runOneOfEach(cloud, workStacks, 'first'),
    );
  } finally {
    await local.stop();
  }
}

interface Deployment {
  readonly whole: string;
  readonly less: string;
  readonly endpoint: string;
  readonly runCdk: RunCdk;
}

async function runEmulated(checks: Checks, { whole, less, endpoint, runCdk }: Deployment): Promise<void> {
  const cloud = emulatedCloud(endpoint, readAssembly(whole));
  const deploy = (app: string, ...stacks: readonly string[]) =>
    runCdk('deploy', ...stacks, '--require-approval', 'never', '--app', app);
  const deployed = await checks.check('cdk deploy of 400 orchestrations', () => deploy(whole, '--all'));
  if (deployed === undefined) return;
  await checks.check('an orchestration of each stack runs through the API, emulated', async () => {
    await runOneOfEach(cloud, workStacks, 'first');
    await start(cloud, 'work3-patient', 'waiting');
  });
  await checks.check('a stack loses an orchestration, and no other is deployed', async () => {
    await deploy(less, 'Work2', '--exclusively');
    await runOneOfEach(cloud, workStacks, 'second');
  });
  await checks.check('a stack is destroyed, and no other is deployed', async () => {
    await runCdk('destroy', 'Work3', '--exclusively', '--force', '--app', less);
    await runOneOfEach(
      cloud,
      workStacks.filter((stack) => stack !== 'Work3'),
      'third',
    );
  });
  await checks.check('the instance that was waiting in it is terminated and purged', () => endOrphan(cloud));
  await checks.check('cdk destroy of what is left', () => runCdk('destroy', '--all', '--force', '--app', less));
}

async function runOneOfEach(cloud: Cloud, stacks: readonly string[], round: string): Promise<void> {
  const outputs = await Promise.all(
    stacks.map(async (stack) => {
      const id = `${stack}-${round}`;
      const { output, runtimeStatus } = await ended(cloud, await start(cloud, `${stack.toLowerCase()}-job3`, id));
      return [runtimeStatus, output];
    }),
  );
  if (outputs.some((output) => !isDeepStrictEqual(output, ['Completed', 7]))) throw new Error(JSON.stringify(outputs));
}

/** @returns where the instance's status is */
async function start(cloud: Cloud, orchestration: string, id: string): Promise<string> {
  const api = await cloud.api('Api/Api/HttpApi');
  const answer = await fetch(`${api}/orchestrations/${orchestration}/${id}`, { method: 'POST', body: '7' });
  if (answer.status !== 202) throw new Error(`start: ${answer.status} ${await answer.text()}`);
  return `${api}/instances/${id}`;
}

function ended(cloud: Cloud, statusUrl: string): Promise<Readonly<Record<string, Json | undefined>>> {
  return cloud.until(`${statusUrl} to end`, 60, async () => {
    const answer = await fetch(statusUrl);
    const body = (await answer.json()) as Json;
    return answer.status === 200 && isJsonObject(body) ? body : undefined;
  });
}

async function endOrphan(cloud: Cloud): Promise<void> {
  const url = `${await cloud.api('Api/Api/HttpApi')}/instances/waiting`;
  const steps: readonly (readonly [string, string, number])[] = [
    ['POST', `${url}/terminate?reason=gone`, 202],
    ['GET', url, 200],
    ['DELETE', url, 200],
    ['GET', url, 404],
  ];
  for (const [method, address, expected] of steps) {
    const answer = await fetch(address, { method });
    if (answer.status !== expected) throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`);
  }
}
