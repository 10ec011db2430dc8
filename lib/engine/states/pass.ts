import { compileDataFlow } from '../../asl/evaluate/data-flow.js';
import { effectiveInput, leave, nextOf } from '../model/exit.js';
import type { StateBehaviour } from '../model/program.js';
import type { StateSource } from '../model/state-source.js';

/** Pass: hands its input on, or a fixed `Result`, or what its templates make of it. */
export function compilePass({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language, { payload: language === 'JSONPath' ? 'Parameters' : undefined });
  const next = nextOf(definition);
  const fixed = language === 'JSONPath' ? definition['Result'] : undefined;
  return {
    enter: (thread) => {
      const input = effectiveInput(thread, flow);
      return leave(thread, flow, fixed === undefined ? input : fixed, next);
    },
  };
}
