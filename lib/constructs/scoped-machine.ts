import type { AnyScopedStep } from '../flow/compiler/scoped-step.js';
import { Sequence } from '../flow/compiler/sequence.js';
import type { AnyStep } from '../flow/compiler/step.js';

/** A scoped step as a whole machine: the scope that it reads is the machine's input. */
export function machineOf(id: string, step: AnyScopedStep, name: string): AnyStep {
  return {
    stepName: id,
    compile: (site) => {
      const sequence = new Sequence(site, id);
      sequence.appendScoped(step, name);
      return sequence.toFragment();
    },
  };
}
