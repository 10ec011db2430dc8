import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Checks } from '../checks.js';
import { checkCommonjsConsumer } from './check-commonjs-consumer.js';
import { checkDeployOnly } from './check-deploy-only.js';
import { checkEsmConsumer } from './check-esm-consumer.js';
import { checkReadme } from './check-readme.js';
import { checkTarball, pack } from './tarball.js';

/**
 * `npm run test:package`: the tarball of `npm pack`, as users meet it. Two projects outside the repository install it: one as `cdk init` makes them today (CommonJS, the newest CDK), one of
 * ES modules with the oldest CDK that the peer range admits and the newest TypeScript. A third is the one that README.md tells the reader to make, a fourth only deploys.
 */
async function main(): Promise<number> {
  const checks = new Checks();
  const work = mkdtempSync(path.join(tmpdir(), 'durable-steps-pack-'));
  try {
    const tarball = await checks.check('the package builds and packs', () => pack(work));
    if (tarball === undefined) return checks.close();
    await checkTarball(checks, tarball);
    await checkCommonjsConsumer(checks, tarball.file);
    await checkEsmConsumer(checks, tarball.file);
    await checkReadme(checks, tarball.file);
    await checkDeployOnly(checks, tarball.file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return checks.close();
}

void main().then((status) => {
  process.exitCode = status;
});
