import { compileDataFlow } from '../../asl/evaluate/data-flow.js';
import { effectiveInput, leave } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Succeed: ends the execution or the branch well. */
export function compileSucceed({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  return { enter: (thread) => leave(thread, flow, effectiveInput(thread, flow), undefined) };
}
