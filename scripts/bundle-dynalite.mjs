// Bundles dynalite, which keeps the tables of the local cloud, without the native package behind its files: the local cloud's tables are in memory. So who installs the package to deploy runs no script of it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { build } from 'esbuild';

const entry = createRequire(import.meta.url).resolve('dynalite');

/** Stands for the store in files, which nobody asks for. */
const withoutFiles = {
  name: 'without-files',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^level$/ }, () => ({ path: 'level', namespace: 'without-files' }));
    onLoad({ filter: /.*/, namespace: 'without-files' }, () => ({
      contents: 'exports.Level = class { constructor() { throw new Error("tables are in memory here"); } };',
    }));
  },
};

/** dynalite names its operations' files without their ending, which a bundle of them can't complete. */
const withEndings = {
  name: 'with-endings',
  setup({ onLoad }) {
    onLoad({ filter: /dynalite[\\/]index\.js$/ }, ({ path: file }) => {
      const contents = readFileSync(file, 'utf8').replace(
        /require\('\.\/(actions|validations)\/' \+ action\)/g,
        "require('./$1/' + action + '.js')",
      );
      if (!contents.includes("+ '.js')")) throw new Error(`${file}: expected it to require its actions by name`);
      return { contents };
    });
  },
};

/** The code, and the licences of all that is in it. */
export async function bundleDynalite() {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'warning',
    plugins: [withoutFiles, withEndings],
  });
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  );
  return { code: outputFiles[0].text, licences: [...packages].sort().map(licenceOf).join('\n\n') };
}

function licenceOf(directory) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((one) => /^licen[cs]e/i.test(one));
  const text = file === undefined ? '' : `\n\n${readFileSync(path.join(directory, file), 'utf8').trim()}`;
  return `# ${name} ${version}: ${license.type ?? license}${text}`;
}
