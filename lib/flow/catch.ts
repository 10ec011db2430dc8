import { DurableStepsError } from '../errors.js';
import { referenceTo, type Variable } from './scope.js';
import type { AnyMapping, FlowNode, Sequence } from './sequence.js';
import { type Catcher, Exit, type State } from './state.js';
import type { AnyStep } from './step.js';
import { addThrow, interceptThrown } from './throw.js';
import { errorOutput, renderError, storedError } from './workflow-error.js';

/** How a `catch` ends. */
export interface CatchOptions {
  /**
   * What follows the handler. `complete`: this flow ends with the handler's result, and as the outermost flow the instance is Completed. `fail`: the error is thrown
   * again, and the instance is Failed. `continue`: the flow goes on behind the `catch`, with results that may be missing.
   * @default 'complete'
   */
  readonly then?: 'complete' | 'fail' | 'continue';
  /** Names of the errors to handle. @default ['States.ALL'], every error that can be caught */
  readonly errors?: readonly string[];
  /** The name of the handler's state. @default - the handler's own */
  readonly name?: string;
}

/**
 * The part of a flow that handles errors: a catcher on every state so far that can have one. The states stay where they are, so that the results
 * before the failure are variables that the handler can read.
 */
export function catchNode(handler: AnyStep, mapping: AnyMapping, options: CatchOptions): FlowNode {
  if (options.errors !== undefined && options.errors.length === 0) {
    throw new DurableStepsError('InvalidOption', {
      where: 'catch.errors',
      expected: 'at least one error name',
      got: 'none',
      fix: 'omit it to handle every error',
    });
  }
  return {
    kind: 'catch',
    compile: (sequence) => {
      const variable = sequence.scope.variable('caughtError', 'error');
      const exits = interceptErrors(sequence, options.errors ?? ['States.ALL'], variable);
      if (exits.length === 0) throw nothingToCatch(`${sequence.path}.catch`);
      const name = options.name ?? handler.stepName;
      const fork = sequence.fork(`${sequence.path}.${name}`, exits, sequence.guardedValues());
      fork.define('error', referenceTo(variable));
      fork.append(handler, name, mapping);
      if (options.then === 'fail') rethrow(fork, variable);
      close(sequence, fork, options.then ?? 'complete');
    },
  };
}

function close(sequence: Sequence, fork: Sequence, then: 'complete' | 'fail' | 'continue'): void {
  switch (then) {
    case 'complete':
    case 'fail':
      sequence.finish(fork.open);
      sequence.include(fork);
      return;
    case 'continue':
      sequence.guardAll();
      sequence.join([sequence.rest(), fork]);
  }
}

/**
 * Sends the errors of all states so far to a handler: by a catcher where the language has one, and by taking over the Fail states of ours.
 *
 * @returns the ways to the handler
 */
export function interceptErrors(
  sequence: Sequence,
  errors: readonly string[],
  variable: Variable,
  states: readonly State[] = sequence.states,
): readonly Exit[] {
  const { scope } = sequence;
  const names = new Map([...scope.states].map(([name, state]) => [state, name]));
  return states.flatMap((state) => {
    const name = names.get(state)!;
    if (scope.throws.has(state)) return interceptThrown(scope, name, state, errors, variable.name) ?? [];
    if (!canCatch(state) || catchesAll(state)) return [];
    const catcher: Catcher = { ErrorEquals: [...errors], Assign: { [variable.name]: renderError(errorOutput, name) } };
    state.Catch = [...(state.Catch ?? []), catcher];
    return Exit.ofCatcher(state, catcher, '$states.errorOutput');
  });
}

function canCatch(state: State): boolean {
  return ['Task', 'Map', 'Parallel'].includes(state.Type);
}

/** What a `catch` or `finally` says that covers nothing. */
export function nothingToCatch(where: string): DurableStepsError {
  return new DurableStepsError('NothingToCatch', {
    where,
    expected: 'a step before it that can fail',
    got: 'none',
    fix: 'put it behind the steps that it covers',
  });
}

function catchesAll(state: State): boolean {
  return state.Catch?.some((catcher) => catcher.ErrorEquals.includes('States.ALL')) ?? false;
}

/** Throws a stored error again. */
export function rethrow(fork: Sequence, variable: Variable): void {
  fork.addFragment(() => ({
    start: addThrow(fork.scope, 'Fail', storedError(variable), fork.site.context),
    exits: [],
  }));
}
