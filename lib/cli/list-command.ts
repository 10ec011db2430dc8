import { readAssembly } from '../assembly/read-assembly.js';
import { readOrchestration } from '../local/cloud/orchestrations.js';
import { type AppOptions, prepareAssembly } from './app-source.js';
import type { Terminal } from './terminal.js';

/** Lists the app's orchestrations: construct id, path and state machine. With `--json`, one JSON list. */
export async function listCommand(
  options: AppOptions & { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const assembly = readAssembly(await prepareAssembly(options, terminal));
  const orchestrations = assembly.ofType('AWS::StepFunctions::StateMachine').map(readOrchestration);
  if (options.json === true) {
    terminal.out(JSON.stringify(orchestrations));
    return 0;
  }
  const width = Math.max(0, ...orchestrations.map(({ id }) => id.length));
  for (const { id, path } of orchestrations) terminal.out(`${id.padEnd(width)}  ${path}`);
  if (orchestrations.length === 0) terminal.err('This app has no orchestrations.');
  return 0;
}
