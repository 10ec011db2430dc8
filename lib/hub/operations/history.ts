import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { InstanceHistoryEvent } from '../../contract/hub-http.js';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';
import { currentExecutionArn, type InstanceRecord } from '../store/instance-record.js';
import { translateHistory } from './history-events.js';

const PAGE = 1_000;
/** What a function can answer with: 6 MB. */
const MAX_EVENTS = 5_000;

/**
 * Reads the history of the instance's current execution in Durable Functions' words, up to 5,000 events. Inputs and results come with `showOutput`.
 * Empty when Step Functions no longer has it.
 */
export async function readHistory(
  hub: Hub,
  record: InstanceRecord,
  showOutput: boolean,
): Promise<readonly InstanceHistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await tryReadPage(hub, record, showOutput, nextToken);
    events.push(...(page?.events ?? []));
    nextToken = page?.nextToken;
  } while (nextToken !== undefined && events.length < MAX_EVENTS);
  return translateHistory(record.name, events.slice(0, MAX_EVENTS), showOutput);
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
        maxResults: PAGE,
        includeExecutionData,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}
