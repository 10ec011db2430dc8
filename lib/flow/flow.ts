import { DurableStepsError } from '../errors.js';
import { checkOption, describeValue } from '../options/check-options.js';
import { CALLBACK, needed } from '../options/kinds.js';
import { checkReachable } from './compiler/reachable.js';
import { type AnyScopedStep, isScopedStep, type ScopedStep } from './compiler/scoped-step.js';
import { type FlowNode, Sequence } from './compiler/sequence.js';
import type { Fragment } from './compiler/state.js';
import type { AnyStep, ForeignStep, InputOf, OutputOf, Site, Step, stepTypes } from './compiler/step.js';
import type { AnyMapping } from './language/expression.js';
import type { FlowScope, Partially } from './language/flow-scope.js';
import type { Expr, Ref, Resolvable } from './language/reference.js';
import type { NothingMissing, Resolved } from './language/resolved.js';
import type { WorkflowError } from './language/workflow-error.js';
import { type CatchOptions, catchNode } from './steps/catch.js';
import { type ChooseProps, type Chooser, chooseNode } from './steps/choose.js';
import { compensateNode, compileUndo } from './steps/compensate.js';
import { customStatusNode } from './steps/custom-status.js';
import { type DelayTime, delayNode } from './steps/delay.js';
import { finallyNode } from './steps/finally.js';
import { type Branches, type ParallelResult, parallelNode } from './steps/parallel.js';

/** The rest of an argument list that wants a mapping only where the last result doesn't fit. */
type InputArgument<I, V, Last, StepIn> = [Last] extends [StepIn]
  ? [input?: (scope: FlowScope<I, V>) => Resolvable<StepIn>]
  : [input: (scope: FlowScope<I, V>) => Resolvable<StepIn>];

/** What the compiler shows where a step wants a mapping and has none. No step ever has these members. */
interface MissingMapping<Last, StepIn> {
  readonly 'a mapping is missing: the last result is': Last;
  readonly 'but the step takes': StepIn;
}

/** The rest of an argument list that wants a mapping only where the result to undo doesn't fit. */
type CompensationInput<I, V, Last, StepIn> = [Last] extends [StepIn]
  ? [input?: (scope: { readonly error: Ref<WorkflowError> } & FlowScope<I, V>) => Resolvable<StepIn>]
  : [input: (scope: { readonly error: Ref<WorkflowError> } & FlowScope<I, V>) => Resolvable<StepIn>];

/** A result and its name. By an alias, so that the compiler goes no further into it where it instantiates a flow: long ones cost in proportion to their length. */
type Named<N extends string, Value> = { readonly [Name in N]: Value };

type StepName<N extends string, V> = N extends keyof V
  ? `a step named '${N}' already exists`
  : N extends 'input' | 'error'
    ? `'${N}' is reserved`
    : N;

/**
 * A sequence of steps with typed references between them. Immutable: every method gives a new flow. A flow is a step itself, and can stand inside another flow.
 *
 * `I` is its input, `V` the results by step name, `Last` what leaves its end.
 *
 * @example
 * flow<Order>()
 *   .step('price', priceOrder)
 *   .choose({ when: ({ price }) => expr<boolean>`${price.total} > 1000`, then: (f) => f.step('approval', approve) })
 *   .output(({ price }) => ({ total: price.total }))
 */
// biome-ignore lint/complexity/noBannedTypes: the results of a flow that has no steps yet
export class Flow<I, V = {}, Last = I> implements Step<I, Last> {
  declare readonly [stepTypes]?: (input: I) => Last;
  readonly stepName = 'Flow';

  /** Use {@link flow} to begin one. */
  constructor(private readonly nodes: readonly FlowNode[] = []) {}

  /**
   * Adds a step; its result is known to later steps by `name`, and is a workflow variable of that name.
   *
   * @param name unique in this flow; also the name of the state
   * @param step an activity, a pattern, an orchestration, a flow, or any `sfn.IChainable`
   * @param input maps earlier results to the step's input; may be left out where the last result fits as it is
   */
  step<N extends string, Out>(
    name: StepName<N, V>,
    step: ScopedStep<FlowScope<I, V>, Out>,
  ): Flow<I, V & Named<N, Out>, Out>;
  step<N extends string, S extends AnyStep | ForeignStep>(
    name: StepName<N, V>,
    step: S,
    ...input: InputArgument<I, V, Last, InputOf<S>>
  ): Flow<I, V & Named<N, OutputOf<S>>, OutputOf<S>>;
  step<N extends string, S extends AnyStep>(
    name: StepName<N, V>,
    step: S & MissingMapping<Last, InputOf<S>>,
  ): Flow<I, V & Named<N, OutputOf<S>>, OutputOf<S>>;
  step(name: string, step: AnyStep | ForeignStep | AnyScopedStep, input?: AnyMapping): AnyFlow {
    this.checkName(name);
    checkOption(`flow.step('${name}').input`, input, CALLBACK);
    return this.with({
      kind: 'step',
      name,
      compile: (sequence) => {
        if (isScopedStep(step)) sequence.appendScoped(step, name);
        else sequence.append(resolveStep(step, sequence.site, `${sequence.path}.${name}`), name, input);
        sequence.name(name);
      },
    });
  }

  /**
   * Branches on a condition. Branches are steps that take the last result, or callbacks that continue the flow and see all earlier results.
   * Without `otherwise`, the flow goes on with its last result. With a `name`, the branches' result is known to later steps.
   *
   * @example .choose({ when: ({ approval }) => approval.approved, then: publish, otherwise: reject })
   */
  choose<Then, Otherwise = Last>(
    props: ChooseProps<Flow<I, V, Last>, FlowScope<I, V>, Last, Then, Otherwise>,
  ): Flow<I, V, Then | Otherwise>;
  choose<N extends string, Then, Otherwise = Last>(
    name: StepName<N, V>,
    props: ChooseProps<Flow<I, V, Last>, FlowScope<I, V>, Last, Then, Otherwise>,
  ): Flow<I, V & Named<N, Then | Otherwise>, Then | Otherwise>;
  choose(...args: readonly [Chooser] | readonly [string, Chooser]): AnyFlow {
    const [name, props] = args.length === 1 ? [undefined, args[0]] : args;
    if (name !== undefined) this.checkName(name);
    return this.with(chooseNode(name, props, () => new Flow()));
  }

  /**
   * Runs branches side by side and waits for all of them; the result is an object with a member for each branch. Branches are steps that take the last result, or
   * callbacks that continue the flow and see all earlier results. The first failing branch stops the others, and its error is that of the whole.
   *
   * @example .parallel('checks', { stock: checkStock, credit: (f) => f.step('score', creditScore, ({ input }) => input.customer) })
   */
  parallel<N extends string, const B extends Branches<Flow<I, V, Last>, Last>>(
    name: StepName<N, V>,
    branches: B,
  ): Flow<I, V & Named<N, ParallelResult<B>>, ParallelResult<B>> {
    this.checkName(name);
    return this.with(parallelNode(name, branches, () => new Flow()));
  }

  /**
   * Waits for a span of time, or until a moment; the last result passes through.
   *
   * @example .delay(Duration.minutes(5))
   * @example .delay({ until: ({ input }) => input.dueAt })   // an ISO 8601 timestamp
   */
  delay(time: DelayTime<FlowScope<I, V>>, name?: string): Flow<I, V, Last> {
    return this.with(delayNode(time, name));
  }

  /**
   * Shows where the instance stands, in its status: any JSON value. It is written to the hub's record by the state machine itself; an orchestration without a hub skips it.
   * Items of a fan-out write the same status: the last one shows.
   *
   * @example .customStatus('transcoding')
   */
  customStatus<S>(status: Resolvable<S> | ((scope: FlowScope<I, V>) => Resolvable<S>)): Flow<I, V, Last> {
    return this.with(customStatusNode(status));
  }

  /**
   * Handles an error of any step so far in this flow. The handler sees `error` and the results so far, null where there is none.
   * By default the flow then ends with the handler's result, and the instance is Completed.
   *
   * @param handler the step that handles the error
   * @param input maps the error and partial results to the handler's input
   */
  catch<StepIn, StepOut>(
    handler: Step<StepIn, StepOut>,
    input: (scope: { readonly error: Ref<WorkflowError> } & FlowScope<I, Partially<V>>) => Resolvable<StepIn>,
    options?: CatchOptions & { readonly then?: 'complete' },
  ): Flow<I, V, Last | StepOut>;
  catch<StepIn, StepOut>(
    handler: Step<StepIn, StepOut>,
    input: (scope: { readonly error: Ref<WorkflowError> } & FlowScope<I, Partially<V>>) => Resolvable<StepIn>,
    options: CatchOptions & { readonly then: 'fail' },
  ): Flow<I, V, Last>;
  catch<StepIn, StepOut>(
    handler: Step<StepIn, StepOut>,
    input: (scope: { readonly error: Ref<WorkflowError> } & FlowScope<I, Partially<V>>) => Resolvable<StepIn>,
    options: CatchOptions & { readonly then: 'continue' },
  ): Flow<I, Partially<V>, Last | StepOut>;
  catch(handler: AnyStep, input: AnyMapping, options: CatchOptions = {}): AnyFlow {
    return this.with(catchNode(handler, input, options, compileUndo));
  }

  /**
   * Says how the step before it is undone (a saga). When a later step of this flow fails, the compensations of the steps that have completed run in reverse order; then
   * the error is thrown again, for a `catch` behind to handle. The step itself, when it fails, is not compensated. A compensation that fails (after its retries) ends
   * with its own error, and redriving the instance goes on with it. Once the flow is at its end, nothing is undone any more.
   *
   * @param step what undoes the step before
   * @param input maps earlier results and the `error` to its input; may be left out where the result to undo fits as it is
   * @example .step('hotel', bookHotel).compensate(cancelHotel, ({ hotel }) => hotel.reservation)
   */
  compensate<S extends AnyStep>(step: S, ...input: CompensationInput<I, V, Last, InputOf<S>>): Flow<I, V, Last> {
    const [mapping] = input;
    return this.with(compensateNode(this.nodes.at(-1)?.name, step, mapping));
  }

  /**
   * Runs a step in any case: behind the last step, behind a `catch`, and before an error that nobody caught is thrown again. Its result is dropped; the flow goes on with the
   * last result. A failure of the step itself replaces the error.
   *
   * @param step what is done in any case
   * @param input maps results, null where there is none, to its input
   * @example .finally(release, ({ lock }) => ({ lock }))
   */
  finally<S extends AnyStep>(
    step: S,
    input: (scope: FlowScope<I, Partially<V>>) => Resolvable<InputOf<S>>,
    options: { readonly name?: string } = {},
  ): Flow<I, V, Last> {
    return this.with(finallyNode(step, input, options));
  }

  /**
   * Gives the flow another result than that of its last step. Comes last. A member that may be undefined is left out where it has no value; alone, or in a list, it has to be settled with {@link orElse}.
   *
   * @example .output(({ input, receipt }) => ({ id: receipt.id, coupon: input.coupon }))
   */
  output<O>(output: (scope: FlowScope<I, V>) => Expr<O> & object & NothingMissing<Expr<O>, 'output'>): Flow<I, V, O>;
  output<O>(output: (scope: FlowScope<I, V>) => O & NothingMissing<O, 'output'>): Flow<I, V, Resolved<O>>;
  output(output: AnyMapping): AnyFlow {
    checkOption('flow.output', output, needed(CALLBACK));
    return this.with({ kind: 'output', atEnd: 'maps', compile: (sequence) => sequence.output(output) });
  }

  /** @internal Adds a part; the public methods say what it makes of the flow's types. */
  with<NewFlow>(node: FlowNode): NewFlow {
    return new Flow([...this.nodes, node]) as NewFlow;
  }

  /** @internal */
  compileInto(sequence: Sequence): void {
    for (const node of this.nodes) {
      checkReachable(sequence, node);
      node.compile(sequence);
    }
  }

  /** Adds the states of its steps. A site without a name is a whole machine. */
  compile(site: Site): Fragment {
    const sequence =
      site.name === ''
        ? new Sequence(site, site.scope.options.path)
        : new Sequence({ ...site, context: [...site.context, site.name] }, `${site.scope.options.path}.${site.name}`);
    this.compileInto(sequence);
    compileUndo(sequence);
    return sequence.toFragment();
  }

  private checkName(name: string): void {
    if (typeof name !== 'string' || name === 'input' || name === 'error' || name.trim() === '') {
      throw new DurableStepsError('InvalidStep', {
        where: 'flow.step',
        expected: 'a name other than `input` and `error`',
        got: describeValue(name),
      });
    }
    if (this.nodes.some((node) => node.name === name)) {
      throw new DurableStepsError('DuplicateStep', {
        where: `flow.step('${name}')`,
        expected: 'a step name that is unique in its flow',
        got: `a second step named \`${name}\``,
        fix: 'give one of them another name',
      });
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the public signatures say what a part makes of the flow's types
type AnyFlow = Flow<any, any, any>;

/**
 * Begins a flow whose input is of type `I`.
 *
 * @example flow<{ readonly name: string }>().step('greeting', greet).step('sent', send, ({ greeting, input }) => ({ to: input.name, text: greeting }))
 */
export function flow<I>(): Flow<I> {
  return new Flow<I>();
}

/** The step behind what a flow was given: itself, or a foreign construct made into one. */
export function resolveStep(step: AnyStep | ForeignStep, site: Site, where: string): AnyStep {
  const candidate: unknown = step;
  if (isStep(candidate)) return candidate;
  if (typeof candidate === 'object' && candidate !== null) {
    const adopted = site.compilation.surroundings.tryAdopt?.(candidate);
    if (isStep(adopted)) return adopted;
  }
  throw new DurableStepsError('InvalidStep', {
    where,
    expected: 'an Activity, a pattern, an orchestration, a flow or an sfn.IChainable',
    got:
      candidate === null || typeof candidate !== 'object'
        ? `\`${String(candidate)}\``
        : `an instance of ${candidate.constructor?.name ?? 'Object'}`,
  });
}

function isStep(candidate: unknown): candidate is AnyStep {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    'compile' in candidate &&
    typeof candidate.compile === 'function'
  );
}
