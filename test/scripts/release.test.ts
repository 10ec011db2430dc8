import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const script = path.resolve(__dirname, '../../scripts/release.mjs');
/** A project that can be released. `private` keeps npm from ever publishing it. */
const MANIFEST = {
  name: 'releasable',
  version: '1.2.0',
  private: true,
  main: 'dist/index.js',
  files: ['dist', 'CHANGELOG.md'],
  repository: { type: 'git', url: 'https://example.com/releasable.git' },
  publishConfig: { provenance: true },
  scripts: { build: 'node build.mjs' },
};
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n## 1.2.0 (2026-11-01)\n\n* It does more.\n\n## 1.1.0 (2026-10-01)\n';

let project: string;

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'release-'));
  mkdirSync(path.join(project, 'dist'));
  write({
    'package.json': JSON.stringify(MANIFEST),
    'CHANGELOG.md': CHANGELOG,
    'README.md': '# Releasable\n',
    LICENSE: 'Yours\n',
    'build.mjs': "import { writeFileSync } from 'node:fs';\nwriteFileSync('dist/index.js', '');\n",
    '.gitignore': 'dist/\n',
  });
  git('init', '--quiet');
  commit();
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(project, name), text);
}

function git(...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: project });
}

function commit(): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Change it');
}

function release(...args: readonly string[]): { readonly status: number | null; readonly lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [script, ...args], { cwd: project, encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const dryRun = () => release('--dry-run');

test('a dry run tells what a release would do, when every check holds', () => {
  expect(dryRun()).toEqual({
    status: 0,
    lines: [
      'ok     the version is a new one',
      'ok     the changelog tells of it',
      'ok     the tree is clean',
      'ok     the tarball holds what is needed, and nothing else',
      'ok     it is published with provenance',
      '',
      'a release would run:',
      '  npm publish --provenance --access public',
      '  git tag --annotate v1.2.0 --message v1.2.0',
    ],
  });
});

test('an option that npm took for its own is a dry run all the same', () => {
  const { status, stdout } = spawnSync(process.execPath, [script], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, npm_config_dry_run: 'true' },
  });
  expect({ status, dry: stdout.includes('a release would run:') }).toEqual({ status: 0, dry: true });
});

test('a version that is tagged is not released again', () => {
  git('tag', 'v1.2.0');
  expect(dryRun()).toMatchObject({ status: 1, lines: expect.arrayContaining(['         `v1.2.0` is tagged already']) });
});

test('a version without an entry, and changes under no version, are not released', () => {
  write({ 'CHANGELOG.md': '# Changelog\n\n## Unreleased\n\n* It does more.\n* And more.\n' });
  commit();
  expect(dryRun()).toMatchObject({
    status: 1,
    lines: expect.arrayContaining([
      '         expected `## 1.2.0 (<date>)` with a line for each change',
      '         expected nothing under `Unreleased`, got 2 lines: move them under the version',
    ]),
  });
});

test('a tarball that lacks what package.json names, or holds tests, is not released', () => {
  mkdirSync(path.join(project, 'test'));
  write({
    'package.json': JSON.stringify({ ...MANIFEST, files: ['test', 'CHANGELOG.md'], bin: { it: 'dist/it.js' } }),
    'test/it.js': '',
  });
  commit();
  expect(dryRun()).toMatchObject({
    status: 1,
    lines: expect.arrayContaining(['         missing: dist/it.js', "         doesn't belong there: test/it.js"]),
  });
});

test('a build that fails is not released', () => {
  write({ 'build.mjs': "console.error('no such thing');\nprocess.exit(1);\n" });
  commit();
  expect(dryRun()).toMatchObject({
    status: 1,
    lines: expect.arrayContaining([expect.stringContaining('the build failed: no such thing')]),
  });
});

test('a package without provenance is not released', () => {
  const { publishConfig: _, repository: __, ...bare } = MANIFEST;
  write({ 'package.json': JSON.stringify(bare) });
  commit();
  expect(dryRun()).toMatchObject({
    status: 1,
    lines: expect.arrayContaining([
      'FAILED it is published with provenance',
      '         expected `"publishConfig": { "provenance": true }`',
      '         expected `repository`, which npm compares with where the package was built',
    ]),
  });
});

test('what is not committed is not released, with or without a dry run', () => {
  write({ 'README.md': '# Changed\n' });
  const refused = {
    status: 1,
    lines: expect.arrayContaining([
      '         not committed: M README.md',
      'not released: 1 of 5 checks failed',
    ]) as string[],
  };
  expect(dryRun()).toMatchObject(refused);
  expect(release()).toMatchObject(refused);
});

test('another option is bad usage', () => {
  expect(release('--dryrun').status).toBe(2);
});
