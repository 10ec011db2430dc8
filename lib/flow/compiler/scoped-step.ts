import type { AnyMapping } from '../language/expression.js';
import type { Template } from '../language/template.js';
import type { Fragment } from './state.js';
import type { Site } from './step.js';

/** Only for the compiler: the key under which a scoped step carries its types. Nothing exists at run time. */
declare const scopedTypes: unique symbol;

/**
 * A step whose own options read the flow around it: `items: ({ profiles }) => profiles`. It takes no input mapping, and stands only in a flow.
 *
 * A function that makes one is generic in the scope, `fanOutFanIn<S, …>(options: { items: (scope: S) => … }): ScopedStep<S, …>`; `Flow.step` takes a
 * `ScopedStep<FlowScope<I, V>, Out>`, and the compiler infers `S`, and with it the types of the callbacks' parameters, from there.
 */
export interface ScopedStep<in S, out O> {
  /** Only for the compiler: what its callbacks read and what comes out. */
  readonly [scopedTypes]?: (scope: S) => O;
  /** The name of its state where the flow gives none. */
  readonly stepName: string;
  /** Adds the states of this step. `map` evaluates a callback against the values known where the step stands. */
  compileScoped(site: Site, map: ScopeMapping): Fragment;
}

// biome-ignore lint/suspicious/noExplicitAny: `any` is both the widest scope and the widest output
export type AnyScopedStep = ScopedStep<any, any>;

/**
 * Evaluates a callback against the values that are known where a scoped step stands, and gives the template that it returns.
 *
 * @param where the option, for messages
 * @param extra more values that the callback sees by name
 */
export type ScopeMapping = (where: string, mapping: AnyMapping, extra?: Readonly<Record<string, Template>>) => Template;

/** Whether what a flow was given is a scoped step. */
export function isScopedStep(step: unknown): step is AnyScopedStep {
  return typeof step === 'object' && step !== null && 'compileScoped' in step;
}
