import { isJsonObject, type Json } from '../../asl/language/json.js';
import type { TraceEvent, TraceExtras } from '../../contract/studio.js';
import type { HistoryEvent } from '../../engine/model/history.js';

/** An event of the engine in the form that Studio, the command line and the testing kit read steps from. */
export function traceEvent({ id, previousEventId, timestamp, type, details }: HistoryEvent): TraceEvent {
  const given: Readonly<Record<string, unknown>> = details === undefined ? {} : { ...details };
  const name = textOf(given, type === 'EvaluationFailed' ? 'state' : 'name');
  const more = extrasOf(type, given);
  return {
    id,
    prev: previousEventId,
    time: timestamp,
    type,
    ...(name === undefined ? {} : { name }),
    ...(Object.keys(more).length === 0 ? {} : { more }),
  };
}

function extrasOf(type: string, details: Readonly<Record<string, unknown>>): TraceExtras {
  const { index, length } = details;
  const error = textOf(details, 'error');
  const cause = textOf(details, 'cause');
  const resourceType = textOf(details, 'resourceType');
  const resource = textOf(details, 'resource');
  const child = type === 'TaskSubmitted' ? childOf(details['output'] as Json | undefined) : undefined;
  const mapRun = textOf(details, 'mapRunArn');
  return {
    ...(typeof index === 'number' ? { index } : {}),
    ...(typeof length === 'number' ? { length } : {}),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    ...(type.endsWith('Scheduled') && resource !== undefined
      ? { resource: resourceType === undefined ? resource : `${resourceType}:${resource}` }
      : {}),
    ...(child === undefined ? {} : { child }),
    ...(mapRun === undefined ? {} : { mapRun }),
  };
}

/** The execution that a task started, and goes on with. */
export function childOf(output: Json | undefined): string | undefined {
  return isJsonObject(output) && typeof output['ExecutionArn'] === 'string' ? output['ExecutionArn'] : undefined;
}

function textOf(details: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = details[name];
  return typeof value === 'string' ? value : undefined;
}
