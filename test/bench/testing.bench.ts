import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { TestEnvironment } from '../../lib/testing/index.js';
import { type Bench, bestOf, cost, type Figure } from './bench.js';

const root = path.resolve(__dirname, '../..');

/**
 * What a test pays for its environment, from a ready `cdk.out` of the whole demo app: until it can start instances, and until the first one (three real activities) has
 * completed and the environment is closed again. Each the best of seven.
 */
export const benches: readonly Bench[] = [{ name: 'testing-environment-start', run: () => withDemoApp(measure) }];

async function measure(directory: string): Promise<readonly Figure[]> {
  const opened: TestEnvironment[] = [];
  const open = async () => {
    opened.push(await TestEnvironment.create(directory));
  };
  const start = await bestOf(7, open);
  await Promise.all(opened.map((env) => env.close()));
  const whole = await bestOf(7, () => greet(directory));
  return [
    cost('testing-environment-start', 1000 * start, 'ms'),
    cost('testing-environment-first-instance', 1000 * whole, 'ms'),
  ];
}

async function greet(directory: string): Promise<void> {
  const env = await TestEnvironment.create(directory);
  try {
    const instance = await env.start('HelloSequence', {});
    await instance.completed();
  } finally {
    await env.close();
  }
}

async function withDemoApp(use: (directory: string) => Promise<readonly Figure[]>): Promise<readonly Figure[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-bench-'));
  try {
    execFileSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: directory },
      stdio: 'ignore',
    });
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
