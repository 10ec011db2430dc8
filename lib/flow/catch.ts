import { DurableStepsError } from '../errors.js';
import { referenceTo, type Variable } from './scope.js';
import type { AnyMapping, FlowNode, Sequence } from './sequence.js';
import { type Catcher, Exit, type State } from './state.js';
import type { AnyStep } from './step.js';

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
      const exits = addCatchers(sequence, options.errors ?? ['States.ALL'], variable);
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

function addCatchers(sequence: Sequence, errors: readonly string[], variable: Variable): readonly Exit[] {
  const states = sequence.catchable().filter((state) => !catchesAll(state));
  if (states.length === 0) {
    throw new DurableStepsError('NothingToCatch', {
      where: `${sequence.path}.catch`,
      expected: 'a step before it that can fail',
      got: 'none',
      fix: 'put `.catch(…)` behind the steps that it covers',
    });
  }
  const names = new Map([...sequence.scope.states].map(([name, state]) => [state, name]));
  return states.map((state) => {
    const catcher: Catcher = { ErrorEquals: [...errors], Assign: { [variable.name]: renderError(names.get(state)!) } };
    state.Catch = [...(state.Catch ?? []), catcher];
    return Exit.ofCatcher(state, catcher, '$states.errorOutput');
  });
}

function catchesAll(state: State): boolean {
  return state.Catch?.some((catcher) => catcher.ErrorEquals.includes('States.ALL')) ?? false;
}

/** The error as a workflow sees it. A Lambda function's cause is the JSON of what it threw; other causes are plain text. */
function renderError(step: string): Record<string, string> {
  return {
    name: '{% $states.errorOutput.Error %}',
    message: `{% ($cause := $states.errorOutput.Cause; $type($cause) = 'string' and $contains($cause, /^\\{[\\s\\S]*"errorMessage"[\\s\\S]*\\}$/) ? $parse($cause).errorMessage : $cause) %}`,
    cause: '{% $states.errorOutput.Cause %}',
    step,
  };
}

function rethrow(fork: Sequence, variable: Variable): void {
  const text = (member: string, fallback: string) =>
    `{% $type($${variable.name}.${member}) = 'string' ? $${variable.name}.${member} : '${fallback}' %}`;
  const state: State = { Type: 'Fail', Error: text('name', 'Error'), Cause: text('cause', '') };
  fork.addFragment(() => ({ start: fork.scope.add('Fail', state, fork.site.context), exits: [] }));
}
