import { useEffect, useState } from 'preact/hooks';
import type { StudioDefinition, StudioEventsPage, StudioInstance, TraceEvent } from '../../../contract/studio.js';
import { decodeEvents } from '../../model/events-page.js';
import { Trace } from '../../model/trace.js';
import { instancePath, read } from '../api.js';
import { rows } from '../live.js';

/** An instance as far as it is known: it grows while it runs. */
export interface Watched {
  readonly instance: StudioInstance;
  readonly definition: StudioDefinition;
  readonly events: readonly TraceEvent[];
  /** Of all events. */
  readonly trace: Trace;
}

/** What {@link useInstance} has; `refusal` says why it has nothing. */
export interface WatchedState {
  readonly watched?: Watched;
  readonly refusal?: string;
}

/** Reads an instance, and its news whenever the list says that there are any. */
export function useInstance(key: string): WatchedState {
  const [state, setState] = useState<WatchedState>({});
  const updated = rows.value.find((row) => row.key === key)?.updated;
  useEffect(() => {
    let isCurrent = true;
    const known = state.watched?.instance.key === key ? state.watched : undefined;
    load(key, known).then(
      (watched) => isCurrent && setState({ watched }),
      (error: unknown) => isCurrent && setState({ refusal: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, updated]);
  return state;
}

async function load(key: string, known: Watched | undefined): Promise<Watched> {
  const [instance, definition] = await Promise.all([
    read<StudioInstance>(instancePath(key)),
    known?.definition ?? read<StudioDefinition>(instancePath(key, 'graph')),
  ]);
  const events = [...(known?.events ?? [])];
  const trace = new Trace();
  for (let after: number | null = events.length; after !== null; ) {
    const page: StudioEventsPage = await read(instancePath(key, `events?after=${after}`));
    for (const event of decodeEvents(page)) events.push(event);
    after = page.next;
  }
  for (const event of events) trace.add(event);
  return { instance, definition, events, trace };
}
