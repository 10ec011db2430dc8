import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bundleChanged,
  type DatedBundle,
  REUSE_VARIABLE,
  readBundleRecord,
  rebundle,
  writeBundleRecord,
} from '../../lib/bundling/bundle-record.js';

const REUSE = { [REUSE_VARIABLE]: '1' };
let directory: string;
let outdir: string;
let files: Record<'entry' | 'part', string>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durable-steps-test-'));
  outdir = join(directory, 'cdk.out');
  files = { entry: join(directory, 'greet.ts'), part: join(directory, 'part.ts') };
  writeFileSync(files.entry, `import { word } from './part.js'; export const handler = async () => word;`);
  writeFileSync(files.part, `export const word = 'Hello';`);
  // Written a while ago, as the sources of an app are.
  for (const file of Object.values(files)) utimesSync(file, 1_700_000_000, 1_700_000_000);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const request = () => ({ owner: 'App/Greet/Function', entry: files.entry, handler: 'handler', options: {} });
const codeOf = ({ directory: at }: { readonly directory: string }) => readFileSync(join(at, 'index.mjs'), 'utf8');

/** The time of a file's last change of any kind is the system's to set: bundling began later than it, in these tests. */
function bundleLater(environment: NodeJS.ProcessEnv = {}): DatedBundle {
  const [bundle] = bundleChanged([request()], outdir, environment);
  const later = { ...bundle!, at: bundle!.at + 60_000 };
  writeBundleRecord(outdir, new Map([['App/Greet/Function', { request: request(), bundle: later }]]));
  return later;
}

test('the record tells from what a function is bundled, and every file in it', () => {
  const bundle = bundleLater();
  expect(readBundleRecord(outdir)).toEqual(new Map([['App/Greet/Function', { request: request(), bundle }]]));
  expect(new Set(bundle.sources)).toEqual(new Set(Object.values(files)));
  expect(readBundleRecord(directory)).toEqual(new Map());
});

describe('a bundle of the last synthesis', () => {
  test('is taken when the environment asks for it and no source is newer', () => {
    const first = bundleLater();
    expect(bundleChanged([request()], outdir, REUSE)).toEqual([first]);
    expect(bundleChanged([request()], outdir, {})[0]!.at).toBeLessThan(first.at);
  });

  test('is made anew when a file in it changed, though its own entry did not', () => {
    const first = bundleLater();
    writeFileSync(files.part, `export const word = 'Hallo';`);
    utimesSync(files.part, first.at / 1000 + 1, first.at / 1000 + 1);
    const [second] = bundleChanged([request()], outdir, REUSE);
    expect(codeOf(second!)).toContain('Hallo');
    expect(second!.hash).not.toBe(first.hash);
  });

  test.each([
    ['an inlined constant', 'export const word = 7;', 'export const word = 8;'],
    [
      'an inlined member of an enum',
      'enum E { A = 7 } export const word = E.A;',
      'enum E { A = 8 } export const word = E.A;',
    ],
    ['a flag that leaves one branch', `export const word = true ? 7 : 0;`, `export const word = false ? 7 : 8;`],
  ])('is made anew when %s changed, of which no source map tells', (_what, before, after) => {
    writeFileSync(files.part, before);
    utimesSync(files.part, 1_700_000_000, 1_700_000_000);
    const first = bundleLater();
    expect(first.sources).toContain(files.part);
    writeFileSync(files.part, after);
    utimesSync(files.part, first.at / 1000 + 1, first.at / 1000 + 1);
    expect(codeOf(first)).toMatch(/=>?7\b/);
    expect(codeOf(bundleChanged([request()], outdir, REUSE)[0]!)).toMatch(/=>?8\b/);
  });

  test('is made anew for another handler, for other options, and when a file of it is gone', () => {
    const first = bundleLater();
    const minified = { ...request(), options: { minify: false } };
    expect(bundleChanged([minified], outdir, REUSE)[0]!.hash).not.toBe(first.hash);
    writeFileSync(files.entry, `export const handler = async () => 'alone'; export const other = async () => 'other';`);
    utimesSync(files.entry, 1_700_000_000, 1_700_000_000);
    const other = { ...request(), handler: 'other' };
    expect(codeOf(bundleChanged([other], outdir, REUSE)[0]!)).toContain('other');
    rmSync(files.part);
    expect(codeOf(bundleChanged([request()], outdir, REUSE)[0]!)).toContain('alone');
  });
});

test('bundled anew aside, a function keeps the files beside its code, and lies where a synthesis would put it', async () => {
  const { directory: asset } = bundleLater();
  const [same] = await rebundle([{ request: request(), directory: asset }], outdir);
  expect(same!.directory).toBe(asset);
  writeFileSync(join(asset, 'hub.json'), '{}');
  const [withFile] = await rebundle([{ request: request(), directory: asset }], outdir);
  expect(withFile!.directory).not.toBe(asset);
  expect(readFileSync(join(withFile!.directory, 'hub.json'), 'utf8')).toBe('{}');
});

test('code that can’t be bundled is refused by place, and nothing is written', async () => {
  const { directory: asset } = bundleLater();
  writeFileSync(files.part, 'export const word = ;');
  await expect(rebundle([{ request: request(), directory: asset }], outdir)).rejects.toThrow(
    /App\/Greet\/Function.*part\.ts:1:/s,
  );
});
