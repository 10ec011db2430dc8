import { DurableStepsError } from '../../errors.js';
import { checkOption } from '../../options/check-options.js';
import { needed, recordOf } from '../../options/kinds.js';
import { compileScope, type States } from '../compiler/machine.js';
import { type FlowNode, Sequence } from '../compiler/sequence.js';
import { Exit, type State } from '../compiler/state.js';
import type { OutputOf } from '../compiler/step.js';
import { renderInput } from '../compiler/step.js';
import { type AnyBranch, BRANCH, compileBranch, type FlowBranch } from './choose.js';

/** Branches that run side by side, by name. */
export type Branches<ChildFlow, Last> = Readonly<Record<string, FlowBranch<ChildFlow, Last, unknown>>>;

/** What comes out of parallel branches: an object with a member for each. */
export type ParallelResult<B> = {
  readonly [Name in keyof B]: B[Name] extends (...args: never) => infer Made ? OutputOf<Made> : OutputOf<B[Name]>;
};

/** The part of a flow that runs branches side by side: a Parallel state. */
export function parallelNode(
  name: string,
  branches: Readonly<Record<string, AnyBranch>>,
  newFlow: () => object,
): FlowNode {
  checkOption(`${name}.branches`, branches, needed(recordOf(BRANCH)));
  const entries = Object.entries(branches);
  if (entries.length === 0) {
    throw new DurableStepsError('InvalidOption', { where: `${name}.branches`, expected: 'at least one', got: 'none' });
  }
  return {
    kind: 'parallel',
    name,
    compile: (sequence) => {
      const { scope } = sequence;
      const site = sequence.siteOf(name);
      const own = scope.claim(name, site.context);
      const state: State = {
        Type: 'Parallel',
        ...(site.input.kind === 'template' && { Arguments: renderInput(site) }),
        Branches: entries.map(([key, branch]) => compileOne(sequence, own, key, branch, newFlow)),
        Output: Object.fromEntries(entries.map(([key], index) => [key, `{% $states.result[${index}] %}`])),
      };
      const text = entries.map(([key], index) => `${JSON.stringify(key)}: $states.result[${index}]`).join(', ');
      sequence.appendFragment(() => ({ start: scope.place(own, state), exits: [Exit.ofState(state, `{${text}}`)] }));
      sequence.name(name);
    },
  };
}

function compileOne(sequence: Sequence, name: string, key: string, branch: AnyBranch, newFlow: () => object): States {
  const scope = sequence.scope.inner(`${name}.${key}`);
  return compileScope(scope, sequence.site.compilation, {
    stepName: key,
    compile: (site) => {
      const path = `${sequence.path}.${name}.${key}`;
      const inside = new Sequence({ ...site, context: [name, key] }, path, { values: sequence.known, exits: [] });
      compileBranch(inside, branch, newFlow);
      if (inside.undoing !== undefined) throw undoInBranch(path);
      return inside.toFragment();
    },
  });
}

/** When a branch fails, the others are stopped: nobody would undo what they have completed. */
function undoInBranch(where: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', {
    where,
    expected: 'no `compensate` inside a parallel branch, since a failing branch stops the others where they are',
    got: 'one',
    fix: 'put `.compensate(…)` behind `.parallel(…)`, or give the branch a flow of its own as a step',
  });
}
