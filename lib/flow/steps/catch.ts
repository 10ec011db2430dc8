import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOption, checkOptions } from '../../options/check-options.js';
import { CALLBACK, listOf, needed, oneOf, STEP, text } from '../../options/kinds.js';
import { interceptErrors } from '../compiler/intercept.js';
import { referenceTo, type Variable } from '../compiler/scope.js';
import type { FlowNode, Sequence } from '../compiler/sequence.js';
import type { Exit, State } from '../compiler/state.js';
import type { AnyStep } from '../compiler/step.js';
import { addThrow } from '../compiler/throw.js';
import { undoWhere } from '../compiler/undo.js';
import type { AnyMapping } from '../language/expression.js';
import { storedError } from '../language/workflow-error.js';

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

const CATCH: Checks<CatchOptions> = {
  then: oneOf('complete', 'fail', 'continue'),
  errors: listOf(text('the name of an error')),
  name: text(),
};

/**
 * The part of a flow that handles errors: a catcher on every state so far that can have one. The states stay where they are, so that the results
 * before the failure are variables that the handler can read.
 *
 * @param prepare what is to be done before, such as undoing completed steps
 */
export function catchNode(
  handler: AnyStep,
  mapping: AnyMapping,
  options: CatchOptions,
  prepare: (sequence: Sequence) => void,
): FlowNode {
  checkOption('catch.handler', handler, needed(STEP));
  checkOption('catch.input', mapping, CALLBACK);
  checkOptions('catch', options, CATCH);
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
    atEnd: 'handles',
    compile: (sequence) => {
      prepare(sequence);
      const variable = sequence.scope.variable('caughtError', 'error');
      const exits = catchInto(sequence, options.errors ?? ['States.ALL'], variable);
      if (exits.length === 0) throw nothingToCatch(`${sequence.path}.catch`);
      const name = options.name ?? handler.stepName;
      const fork = sequence.handler(`${sequence.path}.${name}`, exits, sequence.guardedValues());
      fork.define('error', referenceTo(variable));
      fork.append(handler, name, mapping);
      if (options.then === 'fail') rethrow(fork, variable);
      close(sequence, fork, options.then ?? 'complete', variable);
    },
  };
}

function close(sequence: Sequence, fork: Sequence, then: 'complete' | 'fail' | 'continue', error: Variable): void {
  switch (then) {
    case 'complete':
    case 'fail':
      sequence.finish(fork.open);
      sequence.include(fork);
      return;
    case 'continue':
      sequence.guardAll();
      sequence.join([sequence.rest(), fork]);
      // Where the error was caught, the completed steps have been undone already.
      sequence.undoFirst(undoWhere(sequence.undoing, `$not($exists($${error.name}))`));
  }
}

/** Sends the errors of all states so far to a handler, which finds the error in a variable. Answers the ways to the handler. */
export function catchInto(
  sequence: Sequence,
  errors: readonly string[],
  variable: Variable,
  states: readonly State[] = sequence.states,
): readonly Exit[] {
  return interceptErrors(sequence.scope, states, errors, (error) => ({ Assign: { [variable.name]: error } }));
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

/** Throws a stored error again. */
export function rethrow(fork: Sequence, variable: Variable): void {
  fork.addFragment(() => ({
    start: addThrow(fork.scope, 'Fail', storedError(`$${variable.name}`), fork.site.context),
    exits: [],
  }));
}
