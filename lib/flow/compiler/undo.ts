import type { AnyMapping } from '../language/expression.js';
import type { Template } from '../language/template.js';
import type { AnyStep } from './step.js';

/** The name under which a compensation without a mapping finds the result that it undoes. */
export const lastResultKey = 'the result to undo';

/** What undoes a step, and what is to be undone after it: a list, latest first. */
export interface Undo {
  readonly step: AnyStep;
  readonly mapping: AnyMapping;
  /** The values that were known when the step completed. */
  readonly values: ReadonlyMap<string, Template>;
  /** JSONata that is true when the step has completed and not been undone. */
  readonly completed: readonly string[];
  /** Only the running workflow knows whether the step has completed. */
  readonly isConditional: boolean;
  readonly before: Undo | undefined;
}

/** What is to be undone behind branches that all began with `base`: what some of them completed is undone where it did. */
export function joinUndo(base: Undo | undefined, branches: readonly (Undo | undefined)[]): Undo | undefined {
  return branches.reduce((joined, branch) => {
    const added: Undo[] = [];
    for (let undo = branch; undo !== base && undo !== undefined; undo = undo.before) added.unshift(undo);
    return added.reduce<Undo | undefined>(
      (before, undo) => ({ ...undo, isConditional: undo.isConditional || branches.length > 1, before }),
      joined,
    );
  }, base);
}

/** The same, where `condition` must hold too. */
export function undoWhere(undo: Undo | undefined, condition: string): Undo | undefined {
  if (undo === undefined) return undefined;
  const before = undoWhere(undo.before, condition);
  return { ...undo, completed: [...undo.completed, condition], isConditional: true, before };
}
