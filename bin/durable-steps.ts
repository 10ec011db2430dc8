#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { main } from '../lib/cli/program.js';
import { processTerminal } from '../lib/cli/terminal.js';

/** The version in the nearest package.json above this file: in the repository and in dist/. */
function packageVersion(directory: string): string {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).version;
  } catch (error) {
    if (dirname(directory) === directory) throw error;
    return packageVersion(dirname(directory));
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C is for whoever doesn't want to wait.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
// A reader that went away (`| head`) is no error.
process.stdout.on('error', () => process.exit(0));

void main(process.argv.slice(2), packageVersion(__dirname), processTerminal(), stop.signal).then((status) => {
  process.exitCode = status;
  // Whatever a user's function left behind must not keep a finished command alive.
  process.stdout.write('', () => process.exit(status));
});
