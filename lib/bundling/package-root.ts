import { existsSync } from 'node:fs';
import * as path from 'node:path';

/** The directory of this package, whether it runs from its sources or from `dist`. */
function packageRoot(): string {
  let directory = __dirname;
  while (!existsSync(path.join(directory, 'package.json'))) directory = path.dirname(directory);
  return directory;
}

/** The TypeScript file of a function that the package deploys, for example `lambda/hub/api.ts`. */
export function hubEntry(name: string): string {
  return path.join(packageRoot(), 'lambda', 'hub', `${name}.ts`);
}
