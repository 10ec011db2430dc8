import { exactJsonText } from '../../asl/language/exact-json.js';
import type { Json } from '../../asl/language/json.js';
import type { StudioEventData } from '../../contract/studio.js';
import type { HistoryEvent } from '../../engine/model/history.js';

/** The most characters of one value that are sent: Step Functions keeps no larger ones. */
const MOST = 300_000;

/** What an event carries, and the variables that were set when it happened. */
export function eventData(events: readonly HistoryEvent[], id: number): StudioEventData | undefined {
  const event = events[id - 1];
  if (event === undefined) return undefined;
  const details: Readonly<Record<string, Json | undefined>> = event.details === undefined ? {} : { ...event.details };
  const { input, output, assignedVariables, parameters, error, cause } = details;
  const variables = variablesAt(events, event);
  const data = {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(assignedVariables === undefined ? {} : { assigned: assignedVariables as Readonly<Record<string, Json>> }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof cause === 'string' ? { cause } : {}),
  };
  return exactJsonText(data).length <= MOST * 4
    ? data
    : { truncated: true, ...(typeof cause === 'string' ? { cause } : {}) };
}

/** An event is linked to the last event of its own thread: whatever was assigned on the way to it is what it can read. */
function variablesAt(events: readonly HistoryEvent[], from: HistoryEvent): Readonly<Record<string, Json>> {
  const found: Record<string, Json> = {};
  for (let at = events[from.previousEventId - 1]; at !== undefined; at = events[at.previousEventId - 1]) {
    if (at.details === undefined || !('assignedVariables' in at.details)) continue;
    for (const [name, value] of Object.entries(at.details.assignedVariables ?? {})) {
      if (!Object.hasOwn(found, name)) found[name] = value;
    }
  }
  return found;
}
