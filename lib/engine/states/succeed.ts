import { compileDataFlow } from '../../asl/data-flow';
import type { StateBehaviour } from '../program';
import { effectiveInput, leave } from './leave';
import type { StateSource } from './source';

/** Succeed: ends the execution or the branch well. */
export function compileSucceed({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language);
  return { enter: (frame) => leave(frame, flow, effectiveInput(frame, flow), undefined) };
}
