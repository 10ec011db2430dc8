import { computed, signal } from '@preact/signals';
import type { StudioApp, StudioChanges, StudioConfig, StudioRow } from '../../contract/studio.js';
import { read } from './api.js';
import { later } from './timers.js';

/** What the host told of itself; undefined until it did. */
export const config = signal<StudioConfig | undefined>(undefined);
/** Every instance by key. */
const byKey = new Map<string, StudioRow>();
/** Counts up with each change of {@link byKey}. */
const revision = signal(0);
/** Which version of the app runs. */
export const app = signal<StudioApp>({ version: 0 });
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');
/** The time of the host at its last answer: its clock may be another than the browser's. */
export const hostTime = signal(0);
export const loaded = signal(false);

export const rows = computed<readonly StudioRow[]>(() => {
  revision.value;
  return [...byKey.values()].sort((one, other) => other.created - one.created || (one.key < other.key ? 1 : -1));
});

/** Follows the host: asks what changed since the last answer, when told that something did, and from time to time anyway. */
export function startLive(): void {
  void follow();
}

let wake: (() => void) | undefined;
let cursor = '';

/** Asks again at once: something was just done. */
export function refresh(): void {
  wake?.();
}

async function follow(): Promise<void> {
  listen();
  for (;;) {
    const wait = await ask();
    await new Promise<void>((resolve) => {
      const cancel = later(document.hidden ? wait * 10 : wait, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

async function ask(): Promise<number> {
  try {
    const changes = await read<StudioChanges>(`changes?since=${encodeURIComponent(cursor)}`);
    if (config.value === undefined || changes.app.version !== app.value.version)
      config.value = await read<StudioConfig>('config');
    take(changes);
    connection.value = 'live';
    return changes.nextMs * 5;
  } catch {
    connection.value = 'lost';
    return 1_500;
  }
}

function take(changes: StudioChanges): void {
  const [start] = changes.cursor.split('.');
  // Another start of the host knows nothing of what was before.
  if (cursor !== '' && cursor.split('.')[0] !== start) byKey.clear();
  if (changes.cursor !== cursor) {
    for (const row of changes.rows) byKey.set(row.key, row);
    for (const key of changes.gone) byKey.delete(key);
    revision.value++;
  }
  cursor = changes.cursor;
  hostTime.value = changes.now;
  if (JSON.stringify(app.value) !== JSON.stringify(changes.app)) app.value = changes.app;
  loaded.value = true;
}

function listen(): void {
  const source = new EventSource('/studio/stream');
  source.addEventListener('changed', () => refresh());
  source.addEventListener('open', () => refresh());
}
