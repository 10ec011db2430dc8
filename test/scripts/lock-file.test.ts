import { readFileSync } from 'node:fs';
import * as path from 'node:path';

interface Locked {
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

const file = path.resolve(__dirname, '../../package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { readonly packages: Readonly<Record<string, Locked>> };
const locked = Object.entries(packages).filter(([name, { link }]) => name !== '' && link !== true);

test('every package of the lock file has a digest, also those of other platforms; what comes inside of another has that one’s', () => {
  expect(locked.filter(([, { integrity, inBundle }]) => integrity === undefined && inBundle !== true)).toEqual([]);
  for (const [name, { integrity, inBundle }] of locked) {
    if (inBundle !== true) expect(`${name} ${integrity}`).toMatch(/ sha512-[A-Za-z0-9+/]{86}==$/);
  }
});

test('of what users install, esbuild alone runs a script', () => {
  const scripts = locked.filter(([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true);
  expect(scripts.map(([name]) => name)).toEqual(['node_modules/esbuild']);
});
