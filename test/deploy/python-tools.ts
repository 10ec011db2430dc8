import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { mustRun, run } from '../processes.js';

const root = path.resolve(__dirname, '../..');

/**
 * Programs written in Python, by default the emulator and the linters, in a virtual environment of their own under `node_modules/.cache`, made once for each version of
 * their requirements.txt.
 *
 * @returns the directory with their programs
 * @throws with a sentence to act on, when there is no Python 3
 */
export async function installPythonTools(
  requirements: string = path.join(__dirname, 'requirements.txt'),
): Promise<string> {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = path.join(root, 'node_modules', '.cache', 'durable-steps', `python-${key}`);
  const bin = path.join(home, 'bin');
  const complete = path.join(home, 'complete');
  if (existsSync(complete)) return bin;
  const python = await findPython();
  rmSync(home, { recursive: true, force: true });
  mkdirSync(path.dirname(home), { recursive: true });
  await mustRun(python, ['-m', 'venv', home], { cwd: root });
  await mustRun(path.join(bin, 'pip'), ['install', '--quiet', '--requirement', requirements], { cwd: root });
  writeFileSync(complete, '');
  return bin;
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const found = await run(name, ['-c', 'import sys, venv; print(sys.version_info >= (3, 10))'], { cwd: root }).catch(
      () => undefined,
    );
    if (found?.stdout.trim() === 'True') return name;
  }
  throw new Error(
    'expected Python 3.10 or later with its venv module, which runs the AWS emulator, the linters and schemathesis; found none. Install python3 and python3-venv, or leave this test to CI.',
  );
}
