import type { Construct } from 'constructs';
import type { AnyScopedStep } from '../../flow/compiler/scoped-step.js';
import type { AnyStep } from '../../flow/compiler/step.js';
import type { Ref } from '../../flow/language/reference.js';
import type { Shape } from '../../flow/language/shape.js';
import { fanOutFanIn } from '../../flow/steps/fan-out/fan-out.js';
import {
  FAN_OUT,
  type FannedIn,
  type FanOut,
  type FanOutProps,
  type InputNeeded,
  type ItemList,
  type PlainFanOutProps,
  type ResultsTo,
  type ToleratedFailures,
} from '../../flow/steps/fan-out/fan-out-options.js';
import { ANYTHING } from '../../options/kinds.js';
import { checkProps, optionsOf } from '../check-props.js';
import { ORCHESTRATION, Orchestration, type OrchestrationProps } from '../orchestration.js';
import { machineOf } from '../scoped-machine.js';

/** What the callbacks of a {@link FanOutFanIn} receive. */
export interface FanOutFanInScope<I> {
  readonly input: Ref<I>;
}

/**
 * Fan-out/fan-in as an orchestration of its own: it does something with each item of a list, in parallel, and gathers the results in the order of the items. The options are
 * those of the step `fanOutFanIn`. Without `items`, the input is the list; with `items`, `takes` says what the input is.
 *
 * @example new FanOutFanIn(this, 'Resize', { each: resize, aggregate: report, maxConcurrency: 10 })
 * @example
 * new FanOutFanIn(this, 'Import', {
 *   takes: shape<{ readonly key: string }>(),
 *   items: { format: 'csv', bucket, key: ({ input }) => input.key, holds: shape<Row>() },
 *   each: importRow,
 *   resultsTo: { bucket },
 *   toleratedFailures: { percentage: 1 },
 * })
 */
export class FanOutFanIn<
  EachIn,
  EachOut,
  I = readonly EachIn[],
  Item = EachIn,
  List extends ItemList = ItemList,
  Tolerated extends ToleratedFailures | undefined = undefined,
  Stored extends ResultsTo<FanOutFanInScope<I>> | undefined = undefined,
  Aggregate extends AnyStep | undefined = undefined,
> extends Orchestration<I, FannedIn<EachOut, Tolerated, Stored, Aggregate>> {
  constructor(
    scope: Construct,
    id: string,
    props: OrchestrationProps & {
      /** The type of the input, as `shape<…>()`. */
      readonly takes: Shape<I>;
    } & FanOutProps<FanOutFanInScope<I>, Item, List, EachIn, EachOut, Tolerated, Stored, Aggregate> &
      InputNeeded<Item, List, EachIn>,
  );
  constructor(
    scope: Construct,
    id: string,
    props: OrchestrationProps & PlainFanOutProps<EachIn, EachOut, Tolerated, Stored, Aggregate>,
  );
  constructor(scope: Construct, id: string, props: OrchestrationProps & FanOut) {
    checkProps(scope, id, props, { ...ORCHESTRATION, ...FAN_OUT, takes: ANYTHING });
    const build: (options: FanOut) => AnyStep | AnyScopedStep = fanOutFanIn as never;
    const step = build(optionsOf<FanOut>(props, FAN_OUT));
    const name = `For each: ${props.each.stepName}`;
    super(
      scope,
      id,
      'compileScoped' in step
        ? machineOf(id, step, name)
        : { stepName: id, compile: (site) => step.compile({ ...site, name }) },
      props,
    );
  }
}
