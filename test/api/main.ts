import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { Checks } from '../checks.js';
import { installPythonTools } from '../deploy/python-tools.js';
import { makeContractApp } from '../end-to-end/contract-app.js';
import { run } from '../processes.js';

/** Made-up requests for each operation, besides those that go through the edges of its parameters one by one. */
const EXAMPLES = 8;

/**
 * `npm run test:api`: schemathesis reads the API's own OpenAPI document from the local cloud, makes requests up, right ones and wrong ones, and looks whether each answer is one
 * that the document describes, with that content type, those headers and that body.
 *
 * What hooks.py knows of the API: a 5xx is a failure, but for the 500 that the document promises. Two of schemathesis' own checks would be wrong here: a right request may be
 * refused for the state of things (a finished instance, a continuation token that was never given out), and ids may contain slashes, so that `GET /instances/x/restart` is a
 * method of that path, which the document can't say.
 */
async function main(): Promise<number> {
  const checks = new Checks();
  const bin = await checks.check('schemathesis installs', () =>
    installPythonTools(path.join(__dirname, 'requirements.txt')),
  );
  if (bin === undefined) return checks.close();
  const work = mkdtempSync(path.join(tmpdir(), 'durable-steps-api-'));
  try {
    const app = path.join(work, 'app');
    makeContractApp(app, { rateLimit: 100_000, burstLimit: 100_000 }).synth();
    const cloud = await LocalCloud.load(app);
    try {
      const [url = ''] = Object.values(cloud.listen().apis);
      await startKnownInstances(url);
      await testOperations(checks, bin, url, work);
    } finally {
      await cloud.close();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return checks.close();
}

/** The instances that hooks.py sends half of the requests to. */
async function startKnownInstances(url: string): Promise<void> {
  for (const name of ['echo', 'failing', 'waiter']) {
    const { status } = await fetch(`${url}/orchestrations/${name}/known-${name}`, { method: 'POST', body: '{}' });
    if (status !== 202) throw new Error(`the start of ${name} answered ${status}`);
  }
}

async function testOperations(checks: Checks, bin: string, url: string, work: string): Promise<void> {
  const report = path.join(work, 'report.xml');
  const { status, stdout, stderr } = await run(
    path.join(bin, 'st'),
    [
      ...['run', `${url}/openapi.json`, '--phases', 'coverage,fuzzing', '--max-examples', `${EXAMPLES}`, '--seed', '1'],
      // Each path `/orchestrations/…` is the same route, and instances of these two go on for ever, or start others.
      ...['--exclude-path-regex', '^/orchestrations/(eternal|parent)'],
      ...['--exclude-checks', 'not_a_server_error,positive_data_acceptance,allow_header_conformance'],
      ...['--continue-on-failure', '--no-color', '--report-junit-path', report],
    ],
    {
      cwd: work,
      env: { ...process.env, PYTHONPATH: __dirname, SCHEMATHESIS_HOOKS: 'hooks', PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  const results = existsSync(report) ? readReport(readFileSync(report, 'utf8')) : [];
  for (const { operation, problem } of results) {
    await checks.check(`${operation} answers as documented`, () => {
      if (problem !== undefined) throw new Error(problem);
    });
  }
  await checks.check('schemathesis runs to its end and tests each operation', () => {
    const failed = results.some(({ problem }) => problem !== undefined);
    if ((status === 0 || failed) && results.length >= FEWEST_OPERATIONS) return;
    throw new Error(`it ended with ${status} after ${results.length} operations\n${stdout.slice(-4_000)}\n${stderr}`);
  });
  console.log(/^ *\d+ generated.*$/m.exec(stdout)?.[0] ?? '');
}

/** Three orchestrations with two paths each, and all other operations of the API. */
const FEWEST_OPERATIONS = 14;

interface Result {
  readonly operation: string;
  readonly problem: string | undefined;
}

/** Reads the part of JUnit's format that schemathesis writes. */
function readReport(xml: string): readonly Result[] {
  return [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)].map(
    ([, attributes = '', content = '']) => ({
      operation: unescapeXml(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''),
      problem: /<(?:failure|error)\b/.test(content) ? unescapeXml(content) : undefined,
    }),
  );
}

function unescapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp|#10);/g, (_all, name: string) => named[name] ?? '\n');
}

void main().then((status) => {
  process.exitCode = status;
});
