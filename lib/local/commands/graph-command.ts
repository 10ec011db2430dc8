import { renderMermaid } from '../../asl/mermaid';
import type { Branch } from '../../asl/types';
import { readAssembly } from '../../assembly/read-assembly';
import { findOrchestration, readOrchestration } from '../orchestrations';
import { readStateMachine } from '../services/states/state-machine';
import { type AppOptions, prepareAssembly } from './app-source';
import type { Terminal } from './terminal';

/** Draws an orchestration as a Mermaid flowchart. */
export async function graphCommand(wanted: string, options: AppOptions, terminal: Terminal): Promise<number> {
  const assembly = readAssembly(await prepareAssembly(options, terminal));
  const machines = assembly.ofType('AWS::StepFunctions::StateMachine');
  const { stateMachineArn } = findOrchestration(machines.map(readOrchestration), wanted);
  const resource = machines.find(({ ref }) => ref === stateMachineArn)!;
  terminal.out(renderMermaid(JSON.parse(readStateMachine(resource, assembly).definition) as Branch));
  return 0;
}
