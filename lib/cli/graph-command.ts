import { renderMermaid } from '../asl/draw/mermaid.js';
import type { Branch } from '../asl/language/types.js';
import { readAssembly } from '../assembly/read-assembly.js';
import { findOrchestration, readOrchestration } from '../local/cloud/orchestrations.js';
import { readStateMachine } from '../local/services/states/state-machine.js';
import { type AppOptions, prepareAssembly } from './app-source.js';
import type { Terminal } from './terminal.js';

/** Draws an orchestration as a Mermaid flowchart. */
export async function graphCommand(wanted: string, options: AppOptions, terminal: Terminal): Promise<number> {
  const assembly = readAssembly(await prepareAssembly(options, terminal));
  const machines = assembly.ofType('AWS::StepFunctions::StateMachine');
  const { resource } = findOrchestration(
    machines.map((machine) => ({ ...readOrchestration(machine), resource: machine })),
    wanted,
  );
  terminal.out(renderMermaid(JSON.parse(readStateMachine(resource, assembly).definition) as Branch));
  return 0;
}
