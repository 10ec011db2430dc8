import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Checks } from '../checks.js';
import { mustRun, Server } from '../processes.js';
import { type Snippet, snippetsOf } from '../readme/snippets.js';
import { plainEnvironment } from './consumer.js';

const root = path.resolve(__dirname, '../..');

/** Commands of the README that are parts of CI of their own. */
const elsewhere = ['npm ci', 'npm test'];

/** Does what README.md says: its commands for this repository, in the repository, and its project of one's own, file by file and command by command, in an empty directory. */
export async function checkReadme(checks: Checks, tarball: string): Promise<void> {
  const snippets = snippetsOf('README.md');
  await checkRepositoryCommands(checks, snippets);
  const project = snippets.filter(({ section }) => section === projectSection(snippets));
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-readme-'));
  try {
    for (const snippet of project) await follow(checks, snippet, directory, tarball);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The section that begins a project of one's own. */
function projectSection(snippets: readonly Snippet[]): string {
  const first = snippets.find(({ text }) => text.includes('npm init'));
  if (first === undefined) throw new Error('README.md begins no project with npm init');
  return first.section;
}

/** The commands up to the first project: `npm start` and runs from source. Nothing else is ever run in the repository. */
async function checkRepositoryCommands(checks: Checks, snippets: readonly Snippet[]): Promise<void> {
  const own = snippets.filter(({ section, language }) => language === 'sh' && section !== projectSection(snippets));
  const commands = own.flatMap(({ text }) => commandsOf(text));
  for (const command of commands) {
    if (command === 'npm start') await checks.check('README.md: npm start serves', () => serve('npm start --', root));
    else if (command.startsWith('npx tsx bin/durable-steps.ts run ')) await checkCommand(checks, command, root);
  }
  await checks.check('README.md: every npm script that it names exists', async () => {
    const known = await mustRun('npm', ['run'], { cwd: root });
    const named = commands.flatMap((command) => /^npm (?:run )?(start|test|[\w:]+)$/.exec(command)?.[1] ?? []);
    const missing = named.filter((name) => name !== 'ci' && !new RegExp(`^ +${name}$`, 'm').test(known));
    if (missing.length > 0) throw new Error(missing.join(', '));
  });
}

async function follow(checks: Checks, { text, language }: Snippet, directory: string, tarball: string): Promise<void> {
  const file = /^\/\/ ([\w./-]+)\n/.exec(text)?.[1];
  if (file !== undefined) {
    const target = path.join(directory, file);
    mkdirSync(path.dirname(target), { recursive: true });
    // JSON has no comments: the name is for the reader.
    writeFileSync(target, language === 'json' ? text.slice(text.indexOf('\n') + 1) : text);
  }
  if (language !== 'sh') return;
  for (const command of commandsOf(text)) {
    const installed = command.replace(/^(npm install )durable-steps /, `$1${tarball} `);
    if (/ dev$/.test(command)) await checks.check(`README.md: ${command} serves`, () => serve(command, directory));
    else await checkCommand(checks, installed, directory, command);
  }
}

async function checkCommand(checks: Checks, command: string, cwd: string, said = command): Promise<void> {
  await checks.check(`README.md: ${said}`, () => mustRun('bash', ['-c', command], { cwd, env: plainEnvironment() }));
}

/** Starts a server on a free port, and stops it once it says that it is ready. */
async function serve(command: string, cwd: string): Promise<void> {
  const server = await Server.start('bash', ['-c', `${command} --port 0`], {
    cwd,
    env: plainEnvironment(),
    isReady: (line) => line.includes('Ctrl-C'),
  });
  await server.stop();
}

function commandsOf(block: string): readonly string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .flatMap((line) => line.split(' && '))
    .filter((line) => line !== '' && !elsewhere.includes(line));
}
