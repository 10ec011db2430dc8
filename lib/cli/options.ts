import { DurableStepsError } from '../errors.js';

/** The command line itself is wrong: exit status 2. */
export function usageError(where: string, expected: string, got: string, fix?: string): DurableStepsError {
  return new DurableStepsError('InvalidUsage', { where, expected, got, ...(fix === undefined ? {} : { fix }) });
}

/** Reads `--port`. Throws a `DurableStepsError` for anything but a port number. */
export function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError('--port', 'a port number from 0 to 65535', `\`${text}\``, '0 picks a free one');
}

/** How this program is called on this machine: in the package's own repository it runs from source. */
export function programCall(script: string = process.argv[1] ?? ''): string {
  return script.endsWith('.ts') ? 'npx tsx bin/durable-steps.ts' : 'npx durable-steps';
}
