import { CAUGHT_ERROR, type RenderedError, renderError } from '../language/workflow-error.js';
import type { Scope } from './scope.js';
import { Exit, type RenderedCatcher, type State } from './state.js';
import { interceptThrown } from './throw.js';

/** What becomes of a caught error: it is stored in variables, or put out. */
export type KeepError = (error: RenderedError) => Pick<RenderedCatcher, 'Assign' | 'Output'>;

/**
 * Sends the errors of some states to a handler: by a catcher where the language has one, and by taking over the Fail states of ours.
 *
 * @returns the ways to the handler
 */
export function interceptErrors(
  scope: Scope,
  states: readonly State[],
  errors: readonly string[],
  keep: KeepError,
): readonly Exit[] {
  const names = new Map([...scope.states].map(([name, state]) => [state, name]));
  return states.flatMap((state) => {
    const name = names.get(state)!;
    if (scope.throws.has(state)) return interceptThrown(scope, name, state, errors, keep) ?? [];
    if (!canCatch(state)) return [];
    return missing(state, errors).map((names) => {
      const catcher: RenderedCatcher = { ErrorEquals: names, ...keep(renderError(CAUGHT_ERROR, name)) };
      state.Catch = [...(state.Catch ?? []), catcher];
      return Exit.ofCatcher(state, catcher, '$states.errorOutput');
    });
  });
}

const ALL = 'States.ALL';

/**
 * `States.ALL` doesn't stand for it everywhere, and must stand alone in the last catcher: every error takes two of them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
const beside = 'States.DataLimitExceeded';

/** The catchers that a state needs for some errors, as the names in each. */
function missing({ Catch: caught = [] }: State, errors: readonly string[]): readonly (readonly string[])[] {
  const has = (name: string) => caught.some(({ ErrorEquals }) => ErrorEquals.includes(name));
  if (has(ALL)) return [];
  if (!errors.includes(ALL)) return [[...errors]];
  return has(beside) ? [[ALL]] : [[beside], [ALL]];
}

function canCatch(state: State): boolean {
  return ['Task', 'Map', 'Parallel'].includes(state.Type);
}
