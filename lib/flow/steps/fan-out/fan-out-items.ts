import type { ItemEnvelope } from '../../../contract/stored-results.js';
import { interceptErrors } from '../../compiler/intercept.js';
import { compileScope, type States } from '../../compiler/machine.js';
import { referenceTo, type Scope } from '../../compiler/scope.js';
import { Exit, type Fragment, type State } from '../../compiler/state.js';
import type { AnyStep, Site } from '../../compiler/step.js';
import { tryExpression } from '../../language/expression.js';
import type { Ref } from '../../language/reference.js';
import type { FanOutPlan, ItemPlan } from './fan-out-check.js';
import type { FanOut } from './fan-out-options.js';

/** Compiles what is done with each item. */
export function compileItems(site: Site, name: string, fanOut: FanOut, plan: FanOutPlan): ItemPlan {
  const { distributed, batched } = plan;
  const outer = site.scope.inner(name, distributed ? { isolated: true, enveloped: !batched } : { perItem: true });
  if (!batched) {
    const item = itemStep(outer, name, fanOut, plan);
    const states = compileScope(outer, site.compilation, plan.guarded ? guard(outer, item, listOfOne) : item);
    return { states, perItem: states };
  }
  let perItem: States | undefined;
  const batch: AnyStep = {
    stepName: `${name}: batch`,
    compile: (inside) => {
      const state = scopeOfBatch(inside, name, fanOut, plan, (states) => {
        perItem = states;
      });
      return { start: inside.name, exits: [Exit.ofState(state, '{"results": $states.result}')] };
    },
  };
  const states = compileScope(outer, site.compilation, plan.guarded ? guard(outer, batch) : batch);
  return { states, perItem: perItem! };
}

/** Inside the child execution of a batch: an inline Map over its items. */
function scopeOfBatch(
  site: Site,
  name: string,
  fanOut: FanOut,
  plan: FanOutPlan,
  found: (perItem: States) => void,
): State {
  const { scope, compilation } = site;
  const wanted = scope.claim(site.name);
  const items = scope.inner('item', { enveloped: true });
  const perItem = compileScope(items, compilation, itemStep(items, name, fanOut, plan));
  found(perItem);
  const state: State = {
    Type: 'Map',
    Items: '{% $states.input.Items %}',
    ...(fanOut.batch?.concurrency !== undefined && { MaxConcurrency: fanOut.batch.concurrency }),
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...perItem },
    Output: { results: '{% $states.result %}' },
  };
  scope.place(wanted, state);
  return state;
}

/** `each` as the whole of the item's scope: it gets its input out of the envelope, and wraps its result where failures are tolerated. */
function itemStep(scope: Scope, name: string, { each }: FanOut, plan: FanOutPlan): AnyStep {
  return {
    stepName: each.stepName,
    compile: (site) => {
      const input: Site['input'] = plan.distributed
        ? { kind: 'template', template: envelope(scope).input }
        : site.input;
      const fragment = each.compile({ ...site, name: each.stepName, context: [name], input });
      return plan.tolerated === undefined || plan.stored ? fragment : wrap(scope, fragment, plan);
    },
  };
}

/**
 * Lets an execution of a distributed Map succeed in any case: it puts out `{ results: […] }` or `{ error }`. On AWS the error of a child execution doesn't reach
 * the Map, which only tells that too many failed.
 */
function guard(scope: Scope, step: AnyStep, output: (exit: Exit) => void = () => {}): AnyStep {
  return {
    stepName: step.stepName,
    compile: (site) => {
      const fragment = step.compile(site);
      for (const exit of fragment.exits) output(exit);
      const failed = interceptErrors(scope, [...scope.states.values()], ['States.ALL'], (error) => ({
        Output: { error },
      }));
      return { start: fragment.start, exits: [...fragment.exits, ...failed] };
    },
  };
}

function listOfOne(exit: Exit): void {
  const { result } = exit;
  exit.output({ results: [`{% ${result} %}`] }, `{"results": [${result}]}`);
}

/** Lets an item succeed in any case: it puts out `{ index, output }` or `{ index, error }`. */
function wrap(scope: Scope, fragment: Fragment, plan: FanOutPlan): Fragment {
  const index = (state: State) =>
    plan.distributed
      ? tryExpression(envelope(scope).index)!.text(scope.position({ state }))
      : '$states.context.Map.Item.Index';
  for (const exit of fragment.exits) {
    const { result } = exit;
    const at = index(exit.state);
    exit.output({ index: `{% ${at} %}`, output: `{% ${result} %}` }, `{"index": ${at}, "output": ${result}}`);
  }
  const failed = [...scope.states.values()].flatMap((state) =>
    interceptErrors(scope, [state], ['States.ALL'], (error) => ({ Output: { index: `{% ${index(state)} %}`, error } })),
  );
  return { start: fragment.start, exits: [...fragment.exits, ...failed] };
}

function envelope(scope: Scope): Ref<ItemEnvelope> {
  return referenceTo<ItemEnvelope>(scope.input);
}
