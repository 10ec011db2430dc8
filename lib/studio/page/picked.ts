import { signal } from '@preact/signals';

/** Keys of the rows that are picked for an action. */
export const picked = signal<ReadonlySet<string>>(new Set());

/** Picks a row, or lets it go. */
export function pick(key: string): void {
  const next = new Set(picked.value);
  if (!next.delete(key)) next.add(key);
  picked.value = next;
}
