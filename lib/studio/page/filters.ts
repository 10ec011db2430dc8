import type { StudioRow } from '../../contract/studio.js';

/** What the list shows. */
export interface Filters {
  readonly status: readonly string[];
  readonly name: string;
  readonly q: string;
}

/** Filters are in the address, so that a reload keeps them and a link shares them. */
export function filtersOf(query: URLSearchParams): Filters {
  return {
    status: (query.get('status') ?? '').split(',').filter((one) => one !== ''),
    name: query.get('name') ?? '',
    q: query.get('q') ?? '',
  };
}

/** Whether a row is one of those that are looked for: ids, errors and custom statuses hold the text, in any case. */
export function fits(row: StudioRow, { status, name, q }: Filters): boolean {
  if (status.length > 0 && !status.includes(row.status)) return false;
  if (name !== '' && row.name !== name) return false;
  if (q === '') return true;
  const wanted = q.toLowerCase();
  return (
    row.id.toLowerCase().includes(wanted) ||
    row.name.toLowerCase().includes(wanted) ||
    (row.error ?? '').toLowerCase().includes(wanted) ||
    (row.customStatus !== undefined && JSON.stringify(row.customStatus).toLowerCase().includes(wanted))
  );
}
