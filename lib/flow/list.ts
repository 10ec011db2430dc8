import { DurableStepsError } from '../errors.js';
import { checkReachable } from './compiler/reachable.js';
import { Sequence } from './compiler/sequence.js';
import type { AnyStep, ForeignStep, InputOf, OutputOf, Site } from './compiler/step.js';
import { resolveStep } from './flow.js';

/** A list of steps whose types fit: each output is the next input. A misfit shows as a type that names both sides. */
export type FittingSteps<Steps extends readonly AnyStep[]> = Steps extends readonly [
  infer First,
  infer Second,
  ...infer Rest extends readonly AnyStep[],
]
  ? [OutputOf<First>] extends [InputOf<Second>]
    ? Second extends AnyStep
      ? readonly [First, ...FittingSteps<readonly [Second, ...Rest]>]
      : never
    : readonly [First, StepMismatch<OutputOf<First>, InputOf<Second>>, ...Rest]
  : Steps;

/** What a list of steps shows where one step's output doesn't fit the next one's input. */
export interface StepMismatch<Output, Input> {
  readonly 'the step before puts out': Output;
  readonly 'this step takes': Input;
}

/** A plain list as one step: each step gets what the one before puts out. */
export function sequenceOf(id: string, steps: readonly (AnyStep | ForeignStep)[]): AnyStep {
  if (steps.length === 0)
    throw new DurableStepsError('EmptyFlow', { where: id, expected: 'at least one step', got: 'none' });
  return {
    stepName: id,
    compile: (site: Site) => {
      const sequence = new Sequence(site, id);
      for (const [index, entry] of steps.entries()) {
        const step = resolveStep(entry, site, `${id}.steps[${index}]`);
        checkReachable(sequence, { kind: 'step', name: step.stepName });
        sequence.append(step, step.stepName);
      }
      return sequence.toFragment();
    },
  };
}
