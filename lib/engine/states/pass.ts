import { compileDataFlow } from '../../asl/data-flow';
import type { StateBehaviour } from '../program';
import { effectiveInput, leave, nextOf } from './leave';
import type { StateSource } from './source';

/** Pass: hands its input on, or a fixed `Result`, or what its templates make of it. */
export function compilePass({ definition, language }: StateSource): StateBehaviour {
  const flow = compileDataFlow(definition, language, language === 'JSONPath' ? 'Parameters' : undefined);
  const next = nextOf(definition);
  const fixed = language === 'JSONPath' ? definition['Result'] : undefined;
  return {
    enter: (frame) => {
      const input = effectiveInput(frame, flow);
      return leave(frame, flow, fixed === undefined ? input : fixed, next);
    },
  };
}
