import { computed, signal } from '@preact/signals';

/** Where the page is: `#/instances?status=Failed` is `{ parts: ['instances'], query }`. */
export interface HashAddress {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export const address = computed<HashAddress>(() => readRoute(hash.value));

/** Reads a hash; a part that isn't percent-encoded stands for itself. */
function readRoute(text: string): HashAddress {
  const [path = '', query = ''] = text.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').map(decode), query: new URLSearchParams(query) };
}

/** The link to a place in Studio. */
export function href(parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, value);
  const text = search.toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

/** Changes the query of the place where the page is, without a step back to it. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { parts, query } = address.peek();
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  history.replaceState(null, '', href(parts, Object.fromEntries(next)));
  hash.value = location.hash;
}

export function go(target: string): void {
  location.hash = target;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
