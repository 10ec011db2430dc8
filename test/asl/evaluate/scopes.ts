import type { Json, JsonObject } from '../../../lib/asl/language/json.js';
import { type QueryScope, Variables } from '../../../lib/asl/language/scope.js';

/** A scope to evaluate in. */
export function scopeOf(
  input: Json,
  more: { readonly context?: JsonObject; readonly variables?: JsonObject; readonly result?: Json } = {},
): QueryScope {
  return {
    input,
    context: more.context ?? {},
    variables: new Variables(more.variables ?? {}),
    ...(more.result !== undefined && { result: more.result }),
    sources: { now: () => Date.UTC(2026, 0, 1), random: () => 0.5, uuid: () => '00000000-0000-4000-8000-000000000000' },
  };
}
