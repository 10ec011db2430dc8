import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Checks } from '../checks';
import { readSnippets } from '../guide';
import { mustRun } from '../processes';
import { expectEqual, outputOf } from './check-commonjs-consumer';
import { plainEnvironment } from './consumer';

/** The README's first workflow, from an empty folder: its commands and its files, as they are written there. */
export async function checkGuide(checks: Checks, tarball: string): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-guide-'));
  const sh = (command: string) =>
    mustRun('bash', ['-c', command], {
      cwd: directory,
      env: { ...plainEnvironment(), npm_config_audit: 'false', npm_config_fund: 'false' },
    });
  try {
    const ready = await checks.check('the guide’s commands set up a project from an empty folder', async () => {
      for (const command of setUpCommands()) await sh(command.replace(/ durable-steps(?= )/, ` ${tarball}`));
      writeFiles(directory);
      return true;
    });
    if (ready === undefined) return;
    await checks.check('the guide’s small quote goes straight through', async () => {
      const command = shellCommands().find((line) => line.startsWith('npx durable-steps run MakeQuote'))!;
      expectEqual(outputOf(await sh(`${command} --json`)), 'Dear Ada, that makes 60 EUR.');
    });
    await checks.check('the guide’s project type-checks and its tests pass', () => sh('npx tsc && npx jest'));
    await checks.check('the guide’s app synthesizes with the CDK’s command line', () => sh('npx cdk synth --quiet'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function shellCommands(): readonly string[] {
  return readSnippets()
    .filter(({ document, language }) => document === 'README.md' && language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line !== '');
}

function setUpCommands(): readonly string[] {
  const commands = shellCommands();
  const first = commands.indexOf('npm init -y');
  return commands.slice(first, first + 3);
}

function writeFiles(directory: string): void {
  for (const { file, text } of readSnippets()) {
    if (file === undefined) continue;
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  }
}
