import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

/** Studio's page as files: built with the package, or from its sources in a clone. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** `dist/studio`, seen from `dist/lib/local/studio`. */
const BUILT = path.resolve(__dirname, '../../../studio');
/** The sources, seen from `lib/local/studio`. */
const SOURCES = path.resolve(__dirname, '../../studio/page');

let loaded: Promise<Assets> | undefined;

/** Reads or builds the page's files, once in a process. */
export function loadAssets(): Promise<Assets> {
  loaded ??= existsSync(path.join(SOURCES, 'main.tsx')) ? build() : Promise.resolve(readBuilt());
  return loaded;
}

function readBuilt(): Assets {
  const read = (name: string): string => readFileSync(path.join(BUILT, name), 'utf8');
  return { script: read('studio.js'), style: read('studio.css') };
}

async function build(): Promise<Assets> {
  const { buildStudio } = require('../../studio/build.cjs') as typeof import('../../studio/build.cjs');
  return buildStudio(SOURCES);
}
