import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Checks } from '../checks.js';
import { mustRun } from '../processes.js';

const root = path.resolve(__dirname, '../..');

/** What npm says of a tarball. */
export interface Tarball {
  readonly file: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly paths: readonly string[];
}

/** Builds the package and packs it into `directory`. */
export async function pack(directory: string): Promise<Tarball> {
  await mustRun('npm', ['run', 'build'], { cwd: root });
  const text = await mustRun('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', directory], {
    cwd: root,
  });
  const { filename, size, files } = packed(JSON.parse(text));
  return { file: path.join(directory, filename), size, paths: files.map((file) => file.path) };
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** npm 10 answers with a list, npm 11 with an object by package name. */
function packed(answer: readonly Packed[] | Readonly<Record<string, Packed>>): Packed {
  const [only] = Object.values(answer);
  if (only === undefined) throw new Error('npm pack told nothing');
  return only;
}

/** A package that is larger has something in it that doesn't belong there. Studio's page and the local cloud's tables are a tenth of it each. */
const largest = 1_200_000;

/** Checks what is in the tarball. */
export async function checkTarball(checks: Checks, { size, paths }: Tarball): Promise<void> {
  await checks.check(`the tarball is lean: ${Math.round(size / 1000)} kB, ${paths.length} files`, () => {
    if (size > largest) throw new Error(`expected at most ${largest} bytes, got ${size}`);
  });
  await checks.check('it holds the licence, the README and what is run or read as it is', () => {
    const worker = 'dist/lib/local/functions/bootstrap.cjs';
    expectAll(['LICENSE', 'README.md', 'dist/bin/durable-steps.js', worker], paths);
  });
  await checks.check('it holds every target of exports, bin and typesVersions', () => expectAll(targets(), paths));
  await checks.check('it holds every hub function and every source it imports', () => {
    const hub = paths.filter((one) => /^lambda\/hub\/.*\.ts$/.test(one));
    if (hub.length === 0) throw new Error('no lambda/hub/*.ts');
    expectAll(['lib/errors.ts', 'lib/hub/hub.ts', 'lib/contract/hub-environment.ts'], paths);
    expectAll(importedFrom(hub), paths);
  });
  await checks.check('it holds the source that each declaration map leads to', () => {
    const maps = paths.filter((one) => one.endsWith('.d.ts.map'));
    if (maps.length === 0) throw new Error('no *.d.ts.map');
    expectAll(maps.flatMap(sourcesOf), paths);
  });
  await checks.check('it holds every page and picture that its pages lead to', () =>
    expectAll(linkedFiles(paths), paths),
  );
  await checks.check('it holds no test, no demo and no build leftovers', () => {
    const strays = paths.filter((one) =>
      /(^|\/)(test|coverage|cdk\.out|node_modules|demos)\/|\.(test|spec)\.|\.tsbuildinfo$|^lambda\/(?!hub\/)/.test(one),
    );
    if (strays.length > 0) throw new Error(strays.join('\n'));
  });
}

function targets(): readonly string[] {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string') found.push(value.replace(/^\.\//, ''));
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const field of ['exports', 'bin', 'typesVersions', 'main', 'types']) visit(manifest[field]);
  return found;
}

/** All sources that these import, and what those import. */
function importedFrom(entries: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const queue = [...entries];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const [, from] of text.matchAll(/ from '(\.[^']+)\.js'/g)) {
      queue.push(`${path.posix.join(path.posix.dirname(file), from!)}.ts`);
    }
  }
  return [...found];
}

function sourcesOf(map: string): readonly string[] {
  const { sources } = JSON.parse(readFileSync(path.join(root, map), 'utf8')) as { readonly sources: readonly string[] };
  return sources.map((source) => path.posix.join(path.posix.dirname(map), source));
}

/** What the tarball's pages link to or show, by links of Markdown and by `<img src>`. */
function linkedFiles(paths: readonly string[]): readonly string[] {
  return paths
    .filter((one) => one.endsWith('.md'))
    .flatMap((page) => {
      const text = readFileSync(path.join(root, page), 'utf8');
      return [...text.matchAll(/(?:\]\(|<img src=")(?!https?:|mailto:|#)([^)"#\s]+)/g)].map(([, target]) =>
        path.posix.join(path.posix.dirname(page), target!),
      );
    });
}

function expectAll(wanted: readonly string[], paths: readonly string[]): void {
  const missing = wanted.filter((one) => !paths.includes(one));
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
}
