// Builds dist/: TypeScript compiled to CommonJS with declarations, and the files of lib/ that are run or read as they are.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDynalite } from './bundle-dynalite.mjs';
import { pruneDeclarations } from './prune-declarations.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(dist, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
} catch {
  process.exit(1);
}
const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const entries = Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : [path.join(root, types)]));
pruneDeclarations(dist, entries);
cpSync(path.join(root, 'lib'), path.join(dist, 'lib'), {
  recursive: true,
  filter: (source) => !/\.ts$|studio\/(page|build\.)/.test(source),
});
// Studio's page is bundled with all that it is made of: users of the package need nothing more.
const { buildStudio } = createRequire(import.meta.url)('../lib/studio/build.cjs');
const page = await buildStudio();
mkdirSync(path.join(dist, 'studio'));
writeFileSync(path.join(dist, 'studio', 'studio.js'), page.script);
writeFileSync(path.join(dist, 'studio', 'studio.css'), page.style);
// The tables of the local cloud come with it.
const tables = path.join(dist, 'lib', 'local', 'services', 'dynamodb');
const { code, licences } = await bundleDynalite();
writeFileSync(path.join(tables, 'dynalite.cjs'), code);
writeFileSync(path.join(tables, 'dynalite.LICENCES.txt'), `${licences}\n`);
const store = readFileSync(path.join(tables, 'table-store.js'), 'utf8');
const bundled = store.replace('require("dynalite")', 'require("./dynalite.cjs")');
if (bundled === store) throw new Error('expected dist/…/table-store.js to require dynalite');
writeFileSync(path.join(tables, 'table-store.js'), bundled);
const command = path.join(dist, 'bin', 'durable-steps.js');
if (!existsSync(command)) throw new Error('expected dist/bin/durable-steps.js');
chmodSync(command, 0o755);
