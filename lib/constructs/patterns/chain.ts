import type { Construct } from 'constructs';
import type { AnyStep, ForeignStep, InputOf, OutputOf } from '../../flow/compiler/step.js';
import { Flow } from '../../flow/flow.js';
import { type FittingSteps, sequenceOf } from '../../flow/list.js';
import type { Checks } from '../../options/check-options.js';
import { ANYTHING, either, listOf, named, needed, STEP } from '../../options/kinds.js';
import { checkProps } from '../check-props.js';
import { ORCHESTRATION, Orchestration, type OrchestrationProps } from '../orchestration.js';

/** What a chain can be made of: a flow, or a plain list in which each step takes what the one before puts out. */
export type ChainSteps = AnyStep | readonly [AnyStep | ForeignStep, ...(AnyStep | ForeignStep)[]];

/** The input type of a chain's steps. */
export type ChainInput<Steps> = Steps extends readonly [infer First, ...unknown[]] ? InputOf<First> : InputOf<Steps>;

/** The output type of a chain's steps. */
export type ChainOutput<Steps> = Steps extends readonly [...unknown[], infer Last] ? OutputOf<Last> : OutputOf<Steps>;

/** Options of a {@link Chain}. */
export interface ChainProps<Steps> extends OrchestrationProps {
  /** A flow, or a list of steps that are run in order; the compiler checks that they fit. */
  readonly steps: Steps & (Steps extends readonly AnyStep[] ? FittingSteps<Steps> : unknown);
}

/**
 * An orchestration that runs steps in order: function chaining, with branches, waits, error handling and everything else that a flow can say.
 *
 * @throws DurableStepsError `EmptyFlow` when it has no steps, and what is wrong with the steps
 * @example new Chain(this, 'Greet', { steps: [upper, greet, send] })
 * @example new Chain(this, 'PriceOrder', { steps: flow<Order>().step('price', price).output(({ price }) => ({ total: price.total })) })
 */
export class Chain<const Steps extends ChainSteps> extends Orchestration<ChainInput<Steps>, ChainOutput<Steps>> {
  constructor(scope: Construct, id: string, props: ChainProps<Steps>) {
    checkProps(scope, id, props, CHAIN);
    super(scope, id, wholeMachine(id, props.steps), props);
  }
}

const CHAIN: Checks<ChainProps<never>> = {
  ...ORCHESTRATION,
  steps: needed(either(named('a flow', STEP), named('a list of steps', listOf(ANYTHING)))),
};

/** The steps as one step that is a whole machine. */
function wholeMachine(id: string, steps: ChainSteps): AnyStep {
  const whole = steps instanceof Flow ? steps : sequenceOf(id, 'compile' in steps ? [steps] : steps);
  return { stepName: id, compile: (site) => whole.compile({ ...site, name: '' }) };
}
