import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { readAssembly } from '../../lib/assembly/read-assembly.js';
import type { Checks } from '../checks.js';
import { makeContractApp } from '../end-to-end/contract-app.js';
import type { Deviation } from '../end-to-end/http-contract.js';
import { run } from '../processes.js';
import { emulatedCloud } from './emulated-cloud.js';

const root = path.resolve(__dirname, '../..');
const jest = require.resolve('jest/bin/jest');

/** Where the emulator differs from AWS. Each was seen to fail without. */
const deviations: readonly Deviation[] = ['no status events', 'no redrive', 'percent signs stay encoded'];

/** What is read of jest's report. */
interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * Deploys the app of the HTTP contract, and runs the very tests that the local cloud passes against its API on the emulator.
 *
 * @param runCdk the CDK's command line, on the emulator
 */
export async function checkHttpContract(
  checks: Checks,
  endpoint: string,
  runCdk: (...args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'durable-steps-contract-'));
  const app = path.join(work, 'cdk.out');
  const report = path.join(work, 'jest.json');
  try {
    const deployed = await checks.check('cdk deploy of the HTTP contract’s app', async () => {
      makeContractApp(app).synth();
      return runCdk('deploy', '--all', '--require-approval', 'never', '--app', app);
    });
    if (deployed === undefined) return;
    await checks.check('the HTTP contract’s tests run against the emulator', async () => {
      const baseUrl = await emulatedCloud(endpoint, readAssembly(app)).api('Contract/Api/HttpApi');
      await runTests(baseUrl, report);
    });
    await countTests(checks, report);
    await checks.check('cdk destroy of the HTTP contract’s app', () =>
      runCdk('destroy', '--all', '--force', '--app', app),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function runTests(baseUrl: string, report: string): Promise<void> {
  const { stdout, stderr } = await run(
    process.execPath,
    [jest, 'test/end-to-end/http-deployed', '--json', '--outputFile', report],
    {
      cwd: root,
      env: {
        ...process.env,
        DURABLE_STEPS_CONTRACT_URL: baseUrl,
        DURABLE_STEPS_CONTRACT_DEVIATIONS: deviations.join(','),
      },
    },
  );
  const { testResults } = readReport(report, `${stdout}\n${stderr}`);
  const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (testResults.length === 1 && broken === undefined) return;
  throw new Error(broken?.message ?? `expected one file of tests, got ${testResults.length}`);
}

async function countTests(checks: Checks, report: string): Promise<void> {
  for (const { assertionResults } of readReport(report, '').testResults) {
    for (const { fullName, status, failureMessages } of assertionResults) {
      if (status === 'pending') checks.skip(fullName, `the emulator deviates: ${deviations.join(', ')}`);
      else
        await checks.check(fullName, () => {
          if (status !== 'passed') throw new Error(failureMessages.join('\n') || status);
        });
    }
  }
}

function readReport(file: string, output: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch (error) {
    throw new Error(`jest left no report\n${output}`, { cause: error });
  }
}
