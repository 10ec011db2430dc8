import { DurableStepsError } from '../../errors.js';
import { checkOption } from '../../options/check-options.js';
import { CALLBACK, needed, STEP } from '../../options/kinds.js';
import { referenceTo, type Variable } from '../compiler/scope.js';
import type { FlowNode, Sequence } from '../compiler/sequence.js';
import { type ChoiceRule, Exit, type State } from '../compiler/state.js';
import type { AnyStep } from '../compiler/step.js';
import type { Undo } from '../compiler/undo.js';
import type { AnyMapping } from '../language/expression.js';
import { catchInto, rethrow } from './catch.js';

/** The part of a flow that says how the step before it is undone. It adds no state yet: {@link compileUndo} does. */
export function compensateNode(of: string | undefined, step: AnyStep, mapping: AnyMapping | undefined): FlowNode {
  checkOption('compensate.step', step, needed(STEP));
  checkOption('compensate.input', mapping, CALLBACK);
  if (of === undefined) {
    throw new DurableStepsError('NothingToUndo', {
      where: 'flow.compensate',
      expected: 'to stand right behind a step',
      got: 'no step before it',
      fix: 'write `.step(…).compensate(…)`',
    });
  }
  return { kind: 'compensate', compile: (sequence) => sequence.compensate(of, step, mapping) };
}

/**
 * Adds the states that undo: when a state fails, the compensations of the steps that have completed run in reverse order, then the error is thrown again. Where
 * only the running workflow knows whether a step has completed (it stands in a branch), a Choice asks.
 */
export function compileUndo(sequence: Sequence): void {
  const failing = sequence.states.filter((state) => sequence.undoOf(state) !== undefined);
  if (failing.length === 0) return;
  const variable = sequence.scope.variable('failure', 'error');
  /** The ways into each compensation. */
  const ways = new Map<Undo | undefined, Exit[]>();
  const lead = (undo: Undo | undefined, exits: readonly Exit[]) =>
    ways.set(undo, [...(ways.get(undo) ?? []), ...exits]);
  for (const state of failing) lead(sequence.undoOf(state), catchInto(sequence, ['States.ALL'], variable, [state]));
  for (let undo = deepest(ways); undo !== undefined; undo = deepest(ways)) {
    const exits = ways.get(undo)!;
    ways.delete(undo);
    lead(undo.before, exits.length === 0 ? [] : compileOne(sequence, undo, exits, variable));
  }
  const end = ways.get(undefined) ?? [];
  if (end.length === 0) return;
  const last = sequence.handler(`${sequence.path}.compensate`, end, sequence.known);
  rethrow(last, variable);
  sequence.include(last);
}

function deepest(ways: ReadonlyMap<Undo | undefined, unknown>): Undo | undefined {
  const depth = (undo: Undo | undefined): number => (undo === undefined ? 0 : 1 + depth(undo.before));
  return [...ways.keys()].reduce((best, undo) => (depth(undo) > depth(best) ? undo : best), undefined);
}

/** One compensation, and around it where it was not needed. */
function compileOne(sequence: Sequence, undo: Undo, exits: readonly Exit[], variable: Variable): readonly Exit[] {
  const name = undo.step.stepName;
  const fork = sequence.handler(`${sequence.path}.${name}`, exits, undo.values);
  fork.define('error', referenceTo(variable));
  const skip: Exit[] = [];
  if (undo.isConditional) {
    const rule: ChoiceRule = { Condition: `{% ${undo.completed.join(' and ')} %}` };
    const state: State = { Type: 'Choice', Choices: [rule] };
    fork.addFragment(() => ({
      start: fork.scope.add(`${name}?`, state, fork.site.context),
      exits: [Exit.ofRule(state, rule)],
    }));
    skip.push(Exit.ofDefault(state));
  }
  fork.append(undo.step, name, undo.mapping);
  sequence.include(fork);
  return [...fork.open, ...skip];
}
