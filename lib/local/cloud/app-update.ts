import type { Resource } from '../../assembly/model.js';
import { slotOf } from './service.js';

/** What is different in the next version of an app. Resources that nothing runs are among it, as roles are. */
export interface AppUpdate {
  readonly added: readonly Resource[];
  readonly changed: readonly { readonly before: Resource; readonly after: Resource }[];
  readonly removed: readonly Resource[];
}

/** Compares the resources of two versions, by their slots and by what their properties come to. */
export function compareResources(before: readonly Resource[], after: readonly Resource[]): AppUpdate {
  const former = new Map(before.map((resource) => [slotOf(resource), resource]));
  const slots = new Set(after.map(slotOf));
  const pairs = after.flatMap((resource) => {
    const known = former.get(slotOf(resource));
    return known === undefined ? [] : [{ before: known, after: resource }];
  });
  return {
    added: after.filter((resource) => !former.has(slotOf(resource))),
    changed: pairs.filter((pair) => contentOf(pair.before) !== contentOf(pair.after)),
    removed: before.filter((resource) => !slots.has(slotOf(resource))),
  };
}

/** What can't be resolved differs from everything: whoever reads it refuses it. */
function contentOf({ type, ref, properties }: Resource): string | symbol {
  try {
    return JSON.stringify([type, ref, properties]);
  } catch {
    return Symbol(type);
  }
}
