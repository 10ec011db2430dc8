import { compileDataFlow } from '../../asl/evaluate/data-flow.js';
import type { Json } from '../../asl/language/json.js';
import { effectiveInput, leave, nextOf } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Parallel: runs branches side by side on the same input; the result is the list of theirs. */
export function compileParallel({ definition, language, compileBranch }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language, { payload: language === 'JSONata' ? 'Arguments' : 'Parameters' });
  const next = nextOf(definition);
  const branches = (definition['Branches'] as readonly Json[]).map(compileBranch);
  return {
    inner: branches,
    enter: (thread) => ({ kind: 'parallel', input: effectiveInput(thread, flow) }),
    resume: (thread, result) => leave(thread, flow, result, next, result),
  };
}
