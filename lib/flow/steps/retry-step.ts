import { checkOption } from '../../options/check-options.js';
import { needed, STEP } from '../../options/kinds.js';
import { compileScope } from '../compiler/machine.js';
import type { Scope } from '../compiler/scope.js';
import { Exit, type Fragment, type State } from '../compiler/state.js';
import { type AnyStep, type InputOf, type OutputOf, renderInput, type Site, type Step } from '../compiler/step.js';
import { type Retrier, type RetryOptions, renderRetrier } from '../language/retry.js';

/**
 * The same step, tried again when it fails. One that is a single state (an activity, a sub-orchestration) gets a retrier more; one of several states (a flow, a
 * fan-out with an aggregate) is tried again as a whole, as the only branch of a Parallel state.
 *
 * @example .step('thumbnail', retry(extractThumbnail, { maxAttempts: 4, firstInterval: Duration.seconds(5) }))
 */
export function retry<S extends AnyStep>(step: S, options: RetryOptions): Step<InputOf<S>, OutputOf<S>> {
  checkOption('retry.step', step, needed(STEP));
  const retrier = renderRetrier(options, step.stepName);
  if (options.maxAttempts === 1) return step;
  return { stepName: step.stepName, compile: (site) => compileRetried(site, step, retrier) };
}

function compileRetried(site: Site, step: AnyStep, retrier: Retrier): Fragment {
  if (countStates(site, step) > 1) return compileWhole(site, step, retrier);
  const fragment = step.compile(site);
  const state = site.scope.states.get(fragment.start)!;
  // First come, first served: retriers for errors of their own keep their number of attempts.
  const own = ((state['Retry'] as readonly Retrier[] | undefined) ?? []).filter((other) => !covers(retrier, other));
  state['Retry'] = [...own, retrier];
  return fragment;
}

/** A retrier for every error must come last, and there can be one. */
function covers(retrier: Retrier, other: Retrier): boolean {
  return retrier.ErrorEquals.includes('States.ALL') && other.ErrorEquals.includes('States.ALL');
}

/** How many states can be left by an error: a Fail state that only renames the error of the one before doesn't count. */
function countStates(site: Site, step: AnyStep): number {
  return site.compilation.aside(() => {
    const scope = site.scope.aside();
    step.compile({ ...site, scope, input: { kind: 'template', template: null } });
    return [...scope.states.values()].filter((state) => !scope.throws.has(state)).length;
  });
}

function compileWhole(site: Site, step: AnyStep, retrier: Retrier): Fragment {
  const { scope, context, compilation } = site;
  const name = scope.claim(site.name, context);
  const inner: Scope = scope.inner(name);
  const state: State = {
    Type: 'Parallel',
    ...(site.input.kind === 'template' && { Arguments: renderInput(site) }),
    Branches: [
      compileScope(inner, compilation, {
        stepName: step.stepName,
        compile: (inside) => step.compile({ ...inside, context: [...context, name] }),
      }),
    ],
    Retry: [retrier],
    Output: '{% $states.result[0] %}',
  };
  scope.place(name, state);
  return { start: name, exits: [Exit.ofState(state, '$states.result[0]')] };
}
