import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Checks } from '../checks.js';
import { mustRun } from '../processes.js';

interface Installed {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean; readonly optional?: boolean }>>;
}

/** A project that only deploys: what it installs beside the CDK, and which scripts that runs. */
export async function checkDeployOnly(checks: Checks, tarball: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-deploy-only-'));
  try {
    await checks.check('a project that only deploys runs no install script but that of esbuild', async () => {
      writeFileSync(path.join(directory, 'package.json'), '{"private":true}');
      const packages = ['aws-cdk-lib@2', 'constructs@10', tarball];
      await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], { cwd: directory });
      const list = readFileSync(path.join(directory, 'node_modules', '.package-lock.json'), 'utf8');
      const installed = Object.entries((JSON.parse(list) as Installed).packages);
      const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name);
      // fsevents is esbuild's and chokidar's companion on macOS alone.
      const others = scripts.filter((name) => !/node_modules\/(esbuild|fsevents)$/.test(name));
      if (others.length > 0) throw new Error(`expected none but esbuild's, got ${others.join(', ')}`);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
