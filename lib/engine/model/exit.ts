import type { DataFlow } from '../../asl/evaluate/data-flow.js';
import type { Json } from '../../asl/language/json.js';
import type { Effect } from './effects.js';
import type { Thread } from './thread.js';

/** Where a state goes on to: a state's name, or the end. */
export type Next = string | undefined;

/** Leaves a state whose result is `result`; in JSONata, `visible` is what `$states.result` shows. */
export function leave(thread: Thread, flow: DataFlow, result: Json, next: Next, visible?: Json): Effect {
  const scope = thread.scope(thread.input, visible);
  const { output, assigned } = flow.outcome(scope, result, (input) => thread.scope(input, visible));
  return exit(output, assigned, next);
}

/** The effect of leaving with this output. */
function exit(output: Json, assigned: { readonly [name: string]: Json } | undefined, next: Next): Effect {
  return {
    kind: 'exit',
    output,
    ...(assigned !== undefined && { assigned }),
    ...(next !== undefined && { next }),
  };
}

/** The state's effective input. */
export function effectiveInput(thread: Thread, flow: DataFlow): Json {
  return flow.input(thread.scope(), (input) => thread.scope(input));
}

/** The `Next` of a state; an end has none. */
export function nextOf(definition: { readonly [field: string]: unknown }): Next {
  const next = definition['Next'];
  return typeof next === 'string' ? next : undefined;
}
