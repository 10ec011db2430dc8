import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { InstanceHistoryEvent } from '../../contract/hub-http.js';
import { MAX_HISTORY_BYTES } from '../../contract/hub-limits.js';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';
import { currentExecutionArn, type InstanceRecord } from '../store/instance-record.js';
import { translateHistory } from './history-events.js';

const PAGE = 1_000;
/** With inputs and outputs, of 256 KiB each at most. */
const PAGE_WITH_DATA = 200;
const MAX_EVENTS = 5_000;

/**
 * Reads the history of the instance's current execution in Durable Functions' words, up to 5,000 events. Inputs and results come with `showOutput`, as far as the answer has room for
 * them: later events come without, and say so. Empty when Step Functions no longer has it.
 */
export async function readHistory(
  hub: Hub,
  record: InstanceRecord,
  showOutput: boolean,
): Promise<readonly InstanceHistoryEvent[]> {
  const { events, isWhole } = await readPages(hub, record, showOutput);
  if (isWhole) return cut(translateHistory(record.name, events, showOutput));
  // One list is read with the same arguments to its end, so the rest is the end of another.
  const rest = (await readPages(hub, record, false)).events.slice(events.length);
  const shown = translateHistory(record.name, [...events, ...rest], showOutput);
  return cut(shown, rest[0]?.timestamp?.toISOString());
}

/** All events, or so many that the data in them fills an answer. */
async function readPages(hub: Hub, record: InstanceRecord, withData: boolean) {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  let room = MAX_HISTORY_BYTES;
  do {
    const page = await tryReadPage(hub, record, withData, nextToken);
    events.push(...(page?.events ?? []));
    if (withData) room -= sizeOf(page?.events);
    nextToken = page?.nextToken;
  } while (nextToken !== undefined && events.length < MAX_EVENTS && room > 0);
  return { events: events.slice(0, MAX_EVENTS), isWhole: nextToken === undefined || events.length >= MAX_EVENTS };
}

/** Bytes in an answer: its body is a JSON string of JSON. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value ?? null)));
}

/** The data of events is left out from where there is no more room, or from a time on; the events stay. */
function cut(events: readonly InstanceHistoryEvent[], from?: string): readonly InstanceHistoryEvent[] {
  const bare = events.map(({ Input, Result, Reason, ...event }) => event);
  let room = MAX_HISTORY_BYTES - sizeOf(bare);
  return events.map((event, index) => {
    room -= sizeOf(event) - sizeOf(bare[index]);
    const isCut = room < 0 || (from !== undefined && event.Timestamp >= from);
    return isCut ? { ...bare[index]!, Truncated: true } : event;
  });
}

async function tryReadPage(
  hub: Hub,
  record: InstanceRecord,
  includeExecutionData: boolean,
  nextToken: string | undefined,
) {
  try {
    return await hub.stepFunctions.send(
      new GetExecutionHistoryCommand({
        executionArn: currentExecutionArn(record),
        maxResults: includeExecutionData ? PAGE_WITH_DATA : PAGE,
        includeExecutionData,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}
