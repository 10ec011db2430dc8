// npm run release -- --dry-run: tells whether this commit can be released, and what a release would do. Without --dry-run it does it, if every check holds.
//
// A release publishes the package with provenance (npm's word for where and from what it was built, which only a CI that npm trusts can give), then tags the commit.
// It runs in the directory that it is called from. Exit status: 0 when every check holds, 1 otherwise, 2 for bad usage.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\da-z-]+(\.[\da-z-]+)*)?$/i;
const MOST_BYTES = 1_000_000;
const STRAYS = /(^|\/)(test|node_modules|coverage|cdk\.out)\/|\.(test|spec)\.|\.tsbuildinfo$|(^|\/)\.env/;

/** What must hold. Each check gives what is wrong: nothing when it holds. */
const CHECKS = {
  'the version is a new one': ({ version }, { tags }) => [
    ...(VERSION.test(version) ? [] : [`expected a version such as 1.2.3, got \`${version}\``]),
    ...(tags.includes(`v${version}`) ? [`\`v${version}\` is tagged already`] : []),
  ],
  'the changelog tells of it': ({ version }, { changelog }) => changelogProblems(changelog, version),
  'the tree is clean': (_, { changed }) => changed.map((line) => `not committed: ${line.trim()}`),
  'the tarball holds what is needed, and nothing else': (manifest, { tarball }) => tarballProblems(manifest, tarball),
  'it is published with provenance': ({ publishConfig, repository }) => [
    ...(publishConfig?.provenance === true ? [] : ['expected `"publishConfig": { "provenance": true }`']),
    ...(repository === undefined ? ['expected `repository`, which npm compares with where the package was built'] : []),
  ],
};

function main(args) {
  // `npm run release --dry-run`, without `--`, gives the option to npm, which passes it on like this.
  const dry = args.includes('--dry-run') || process.env.npm_config_dry_run === 'true';
  if (args.some((arg) => arg !== '--dry-run')) {
    console.error('usage: npm run release -- [--dry-run]');
    return 2;
  }
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const failed = report(manifest, survey());
  const commands = releaseCommands(manifest);
  if (failed > 0) {
    console.log(`\nnot released: ${failed} of ${Object.keys(CHECKS).length} checks failed`);
    return 1;
  }
  console.log(`\n${dry ? 'a release would run' : 'releasing'}:`);
  for (const [command, ...rest] of commands) {
    console.log(`  ${[command, ...rest].join(' ')}`);
    if (!dry) execFileSync(command, rest, { stdio: 'inherit' });
  }
  return 0;
}

/** What the checks look at besides package.json. */
function survey() {
  const git = (...args) => execFileSync('git', args, { encoding: 'utf8' });
  return {
    tags: git('tag', '--list').split('\n'),
    changed: git('status', '--porcelain').split('\n').filter(Boolean),
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
    tarball: pack(),
  };
}

/** Builds, and has npm tell what it would pack. */
function pack() {
  const built = spawnSync('npm', ['run', '--silent', 'build'], { encoding: 'utf8' });
  if (built.status !== 0) return { problem: `the build failed: ${`${built.stdout}${built.stderr}`.trim()}` };
  const text = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // npm 10 answers with a list, npm 11 with an object by package name.
  const [{ size, files }] = Object.values(JSON.parse(text));
  return { size, paths: files.map(({ path }) => path) };
}

/** Prints each check with what is wrong, and gives the number of those that fail. */
function report(manifest, found) {
  let failed = 0;
  for (const [says, check] of Object.entries(CHECKS)) {
    const problems = check(manifest, found);
    console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${says}`);
    for (const problem of problems) console.log(`         ${problem}`);
    if (problems.length > 0) failed += 1;
  }
  return failed;
}

function changelogProblems(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const bulletsOf = (section) => section.split('\n').filter((line) => line.startsWith('* ')).length;
  const unreleased = sections.find((section) => section.startsWith('Unreleased'));
  const heading = new RegExp(`^${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d\\d-\\d\\d\\)\\n`);
  const entry = sections.find((section) => heading.test(section));
  return [
    ...(entry !== undefined && bulletsOf(entry) > 0
      ? []
      : [`expected \`## ${version} (<date>)\` with a line for each change`]),
    ...(unreleased !== undefined && bulletsOf(unreleased) > 0
      ? [`expected nothing under \`Unreleased\`, got ${bulletsOf(unreleased)} lines: move them under the version`]
      : []),
  ];
}

function tarballProblems(manifest, { problem, size, paths }) {
  if (problem !== undefined) return [problem];
  const wanted = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json', ...targetsOf(manifest)];
  return [
    ...wanted.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`),
    ...paths.filter((path) => STRAYS.test(path)).map((path) => `doesn't belong there: ${path}`),
    ...(size > MOST_BYTES ? [`expected at most ${MOST_BYTES} bytes, got ${size}`] : []),
  ];
}

/** The files that package.json leads users to. */
function targetsOf({ main, types, bin, exports }) {
  const found = new Set();
  const visit = (value) => {
    if (typeof value === 'string') found.add(value.replace(/^\.\//, ''));
    else Object.values(value ?? {}).forEach(visit);
  };
  [main, types, bin, exports].forEach(visit);
  return [...found];
}

function releaseCommands({ version }) {
  return [
    ['npm', 'publish', '--provenance', '--access', 'public'],
    ['git', 'tag', '--annotate', `v${version}`, '--message', `v${version}`],
  ];
}

process.exitCode = main(process.argv.slice(2));
