import type { Template } from '../language/template.js';
import type { Compilation } from './compilation.js';
import type { Scope } from './scope.js';
import type { Fragment } from './state.js';

/** Only for the compiler: the key under which a step carries its types. Nothing exists at run time. */
export declare const stepTypes: unique symbol;

/**
 * A piece of work with a typed input and output that can stand in a flow: an activity, a pattern, a sub-orchestration, a flow.
 */
export interface Step<in I, out O> {
  /** Only for the compiler: what goes in and what comes out. */
  readonly [stepTypes]?: (input: I) => O;
  /** The name of its state where the flow gives none. */
  readonly stepName: string;
  /** Adds the states of this step. Called at synthesis, once for each place where the step stands. */
  compile(site: Site): Fragment;
}

// biome-ignore lint/suspicious/noExplicitAny: `any` is both the widest input and the widest output
export type AnyStep = Step<any, any>;

/** A construct of the CDK's own that can stand in a flow: any `sfn.IChainable`. Its input and result are untyped. */
export interface ForeignStep {
  readonly id: string;
  readonly startState: object;
  readonly endStates: readonly object[];
}

/** The input type of a step. */
// biome-ignore lint/suspicious/noExplicitAny: infers through a contravariant position; foreign steps are untyped
export type InputOf<S> = S extends Step<infer I, any> ? I : any;

/** The output type of a step. */
// biome-ignore lint/suspicious/noExplicitAny: foreign steps are untyped
export type OutputOf<S> = S extends Step<never, infer O> ? O : any;

/** The input of a step: what the state before puts out, or a template. */
export type StepInput =
  | {
      readonly kind: 'piped' /** The same value as a template that stays valid in later states. */;
      readonly stable: () => Template;
    }
  | { readonly kind: 'template'; readonly template: Template };

/** The place where a step is compiled. */
export interface Site {
  readonly compilation: Compilation;
  /** The states around. */
  readonly scope: Scope;
  /** The wanted name of the step's state. */
  readonly name: string;
  /** Names of the steps around, outermost first, to tell states of the same name apart. */
  readonly context: readonly string[];
  readonly input: StepInput;
}

/** Renders the input of a site where it is used in its first state. */
export function renderInput(site: Site): unknown {
  return site.input.kind === 'piped'
    ? '{% $states.input %}'
    : site.scope.render(site.input.template, `${site.name}.input`);
}

/** The input of a site as a template that stays valid in all of its states. */
export function stableInput(site: Site): Template {
  return site.input.kind === 'piped' ? site.input.stable() : site.input.template;
}
