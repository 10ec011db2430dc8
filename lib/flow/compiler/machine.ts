import { refuseDefinition } from '../check/definition-check.js';
import { Compilation, type CompilerSurroundings } from './compilation.js';
import { Names } from './names.js';
import { NeedsLeadingPass, referenceTo, Scope } from './scope.js';
import type { Fragment, State } from './state.js';
import type { AnyStep } from './step.js';

/** A definition in Amazon States Language, as JSON. */
export interface Definition {
  readonly QueryLanguage: 'JSONata';
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}

/** A compiled state machine: its definition, and what it needs from its surroundings. */
export interface Machine {
  readonly definition: Definition;
  readonly compilation: Compilation;
}

/**
 * Compiles a step (usually a flow) to the definition of a state machine. Throws `RefusedDefinition` when AWS would refuse it.
 *
 * @param id the orchestration's construct id, for messages
 */
export function compileMachine(
  id: string,
  step: AnyStep,
  surroundings: CompilerSurroundings,
  options: { readonly timeoutSeconds?: number; readonly comment?: string } = {},
): Machine {
  const { states, compilation } = compileStates(id, step, surroundings);
  const definition: Definition = {
    ...(options.comment !== undefined && { Comment: options.comment }),
    QueryLanguage: 'JSONata',
    ...states,
    ...(options.timeoutSeconds !== undefined && { TimeoutSeconds: options.timeoutSeconds }),
  };
  refuseDefinition(id, definition);
  return { compilation, definition };
}

/** Compiles a step to the states of a machine; `embedded` ones will stand inside a hand-written definition. */
export function compileStates(
  id: string,
  step: AnyStep,
  surroundings: CompilerSurroundings,
  embedded = false,
): { readonly states: States; readonly compilation: Compilation } {
  const leadingPasses = new Set<string>();
  for (;;) {
    const compilation = new Compilation(new Names(), surroundings, leadingPasses);
    try {
      const scope = new Scope({ path: id, names: compilation.names, leadingPasses, embedded });
      return { states: compileScope(scope, compilation, step), compilation };
    } catch (error) {
      if (!(error instanceof NeedsLeadingPass)) throw error;
      leadingPasses.add(error.scopePath);
    }
  }
}

/** The states of a scope, as a definition, an item processor or a branch holds them. */
export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Compiles a step as the whole of a scope: a machine, or the inside of a Map or Parallel. */
export function compileScope(scope: Scope, compilation: Compilation, step: AnyStep): States {
  const leading = scope.leadingPass;
  const fragment = step.compile({
    compilation,
    scope,
    name: step.stepName,
    context: [],
    input: { kind: 'piped', stable: () => referenceTo(scope.input) },
  });
  if (leading !== undefined) scope.states.get(leading)!.Next = fragment.start;
  end(scope, fragment);
  return scope.finish();
}

function end(scope: Scope, fragment: Fragment): void {
  const open = fragment.exits.filter((exit) => !exit.tryEnd());
  if (open.length === 0) return;
  const done = scope.add('Done', { Type: 'Succeed' });
  for (const exit of open) exit.next(done);
}
