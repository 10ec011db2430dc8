import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { type Bench, cost, type Figure } from './bench.js';

const root = path.resolve(__dirname, '../..');
const largest = 100;
const repeats = 3;

type Way = 'activity' | 'nodejs' | 'prebuilt';

/**
 * How long it takes to construct and bundle an app of N functions with one npm dependency each: `Activity` against `NodejsFunction` (esbuild, local bundling, same options) and against
 * `lambda.Function` with code that was built before. `synth-N` has NodejsFunction for its peer, `synth-N-prebuilt` the prebuilt code; `synth-growth` is what one more activity costs, from 10 to
 * 100 of them, beside one more prebuilt function. The CDK's own linting of templates, which costs all three the same second or more, is switched off. Each run is a fresh process; the figure is the best of three, of one for NodejsFunction beyond ten.
 */
export const benches: readonly Bench[] = [1, 10, 40, 100].map((count) => ({
  name: `synth-${count}`,
  run: () => withFunctions(count, (sources) => measure(count, sources)),
}));

function measure(count: number, sources: string): readonly Figure[] {
  const own = best('activity', count, sources);
  const prebuilt = best('prebuilt', count, sources);
  const figures = [
    cost(`synth-${count}`, own, 'ms', synthesize('nodejs', count, sources, count > 10 ? 1 : repeats)),
    cost(`synth-${count}-prebuilt`, own, 'ms', prebuilt),
  ];
  if (count < largest) return figures;
  const each = (way: Way, whole: number) => (whole - best(way, 10, sources)) / (count - 10);
  return [...figures, cost('synth-growth', each('activity', own), 'ms/activity', each('prebuilt', prebuilt))];
}

function best(way: Way, count: number, sources: string): number {
  return synthesize(way, count, sources, repeats);
}

function synthesize(way: Way, count: number, sources: string, times: number): number {
  const milliseconds = Array.from({ length: times }, (_one, run) => {
    const outdir = path.join(sources, `out-${way}-${count}-${run}`);
    const stdout = execFileSync(process.execPath, [path.join(sources, 'child.js'), way, `${count}`, sources, outdir], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, CDK_VALIDATION: 'false' },
    });
    return Number(stdout.trim().split('\n').at(-1));
  });
  return Math.min(...milliseconds);
}

async function withFunctions(count: number, use: (sources: string) => readonly Figure[]): Promise<readonly Figure[]> {
  mkdirSync(path.join(root, 'cdk.out'), { recursive: true });
  const sources = mkdtempSync(path.join(root, 'cdk.out', 'bench-'));
  try {
    writeFileSync(path.join(sources, 'shared.ts'), shared);
    compileChild(sources);
    for (let index = 0; index < count; index++) writeFunction(sources, index);
    return use(sources);
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}

/** Plain JavaScript, so that no transform takes part in what is measured. */
function compileChild(sources: string): void {
  buildSync({
    entryPoints: [path.join(__dirname, 'synth-child.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    outfile: path.join(sources, 'child.js'),
  });
}

const shared = `export interface Row { readonly sku: string; readonly quantity: string }
export function total(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + Number(row.quantity), 0);
}
`;

function writeFunction(sources: string, index: number): void {
  const directory = path.join(sources, `${index}`);
  const entry = path.join(directory, 'index.ts');
  mkdirSync(directory);
  writeFileSync(
    entry,
    `import { parse } from 'csv-parse/sync';
import { type Row, total } from '../shared';
export const handler = async ({ csv }: { csv: string }): Promise<{ total: number; activity: number }> => {
  const rows = parse(csv, { columns: true }) as unknown as readonly Row[];
  return { total: total(rows), activity: ${index} };
};
`,
  );
  buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    format: 'esm',
    outfile: path.join(sources, 'built', `${index}`, 'index.mjs'),
  });
}
