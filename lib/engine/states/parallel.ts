import { compileDataFlow } from '../../asl/data-flow';
import type { Json } from '../../asl/json';
import type { StateBehaviour } from '../program';
import { effectiveInput, leave, nextOf } from './leave';
import type { StateSource } from './source';

/** Parallel: runs branches side by side on the same input; the result is the list of theirs. */
export function compileParallel({ definition, language, compileBranch }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language, language === 'JSONata' ? 'Arguments' : 'Parameters');
  const next = nextOf(definition);
  const branches = (definition['Branches'] as readonly Json[]).map(compileBranch);
  return {
    enter: (frame) => ({ kind: 'parallel', branches, input: effectiveInput(frame, flow) }),
    resume: (frame, result) => leave(frame, flow, result, next, result),
  };
}
