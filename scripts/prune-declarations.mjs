// Leaves out of dist/ the declarations that no entry of the package leads to: nobody's compiler reads them.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';

/** @param entries the declarations of the package's entries */
export function pruneDeclarations(dist, entries) {
  const reached = new Set(entries);
  for (const file of reached) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (!fileName.startsWith('.')) continue;
      const declaration = path.resolve(path.dirname(file), fileName).replace(/\.js$/, '.d.ts');
      if (existsSync(declaration)) reached.add(declaration);
    }
  }
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = path.join(dist, name);
    if (file.endsWith('.d.ts') && !reached.has(file))
      for (const one of [file, `${file}.map`]) rmSync(one, { force: true });
  }
}
