import { GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { InstanceHistoryEvent } from '../../contract/hub-http.js';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';
import { redact, redactCause } from '../redact.js';
import { currentExecutionArn, type InstanceRecord } from '../store/instance-record.js';

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
  return translate(record.name, events.slice(0, MAX_EVENTS), showOutput);
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

/** What a state is doing, learnt from the events between its entry and its exit. */
interface OpenState {
  readonly name: string;
  readonly entered: string;
  kind: 'Task' | 'SubOrchestrationInstance' | 'Event';
}

type Shown = InstanceHistoryEvent;

function translate(orchestration: string, events: readonly HistoryEvent[], showOutput: boolean): readonly Shown[] {
  const states = new Map<number, OpenState>();
  return events.flatMap((event): Shown[] => {
    const id = event.id ?? 0;
    const Timestamp = event.timestamp?.toISOString() ?? '';
    const open = states.get(event.previousEventId ?? 0);
    if (open !== undefined) states.set(id, open);
    const type = event.type ?? '';
    const data = (key: 'Input' | 'Result', text: string | undefined) =>
      showOutput && text !== undefined ? { [key]: parse(text) } : {};

    const entered = event.stateEnteredEventDetails;
    if (entered !== undefined) {
      const state: OpenState = { name: entered.name ?? '', entered: Timestamp, kind: 'Task' };
      states.set(id, state);
      const EventType =
        type === 'WaitStateEntered' ? 'TimerCreated' : type === 'TaskStateEntered' ? undefined : 'StateEntered';
      return EventType === undefined
        ? []
        : [{ EventType, Timestamp, Name: state.name, ...data('Input', entered.input) }];
    }

    const exited = event.stateExitedEventDetails;
    if (exited !== undefined) {
      const common = { Timestamp, Name: exited.name ?? '', ...data('Result', exited.output) };
      if (type === 'WaitStateExited') return [{ EventType: 'TimerFired', ...common }];
      if (type !== 'TaskStateExited') return [{ EventType: 'StateExited', ...common }];
      const ScheduledTime = open?.entered ?? Timestamp;
      if (open?.kind === 'Event') return [{ EventType: 'EventRaised', ...common, ScheduledTime }];
      return [{ EventType: `${open?.kind ?? 'Task'}Completed`, ...common, ScheduledTime }];
    }
    return translateOther(orchestration, event, open, Timestamp, data);
  });
}

function translateOther(
  orchestration: string,
  event: HistoryEvent,
  open: OpenState | undefined,
  Timestamp: string,
  data: (key: 'Input' | 'Result', text: string | undefined) => { readonly Input?: unknown; readonly Result?: unknown },
): Shown[] {
  const Name = open?.name ?? '';
  switch (event.type) {
    case 'ExecutionStarted':
      return [
        {
          EventType: 'ExecutionStarted',
          Timestamp,
          Name: orchestration,
          ...data('Input', event.executionStartedEventDetails?.input),
        },
      ];
    case 'ExecutionRedriven':
      return [{ EventType: 'ExecutionRewound', Timestamp }];
    case 'TaskScheduled':
    case 'LambdaFunctionScheduled':
    case 'ActivityScheduled': {
      const { resource, resourceType } = event.taskScheduledEventDetails ?? {};
      if (open !== undefined && resourceType === 'states') open.kind = 'SubOrchestrationInstance';
      else if (open !== undefined && resource?.endsWith('.waitForTaskToken')) open.kind = 'Event';
      const EventType =
        open?.kind === 'Event'
          ? 'EventAwaited'
          : open?.kind === 'SubOrchestrationInstance'
            ? 'SubOrchestrationInstanceCreated'
            : 'TaskScheduled';
      return [{ EventType, Timestamp, Name }];
    }
    case 'ExecutionSucceeded':
      return [
        {
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: 'Completed',
          ...data('Result', event.executionSucceededEventDetails?.output),
        },
      ];
    case 'ExecutionAborted':
      return [
        {
          EventType: 'ExecutionTerminated',
          Timestamp,
          OrchestrationStatus: 'Terminated',
          ...reason(event.executionAbortedEventDetails),
        },
      ];
    case 'ExecutionFailed':
      return [
        {
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: 'Failed',
          ...reason(event.executionFailedEventDetails),
        },
      ];
    case 'ExecutionTimedOut':
      return [
        {
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: 'Failed',
          ...reason(event.executionTimedOutEventDetails),
        },
      ];
    default: {
      const failure = failureDetails(event);
      if (failure === undefined) return [];
      return [{ EventType: `${open?.kind ?? 'Task'}Failed`, Timestamp, Name, ...reason(failure) }];
    }
  }
}

interface Failure {
  readonly error?: string;
  readonly cause?: string;
}

function failureDetails(event: HistoryEvent): Failure | undefined {
  return (
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.activityFailedEventDetails ??
    event.activityTimedOutEventDetails
  );
}

function reason(failure: Failure | undefined): { readonly Reason?: string } {
  const { error, cause } = failure ?? {};
  if (error === undefined && cause === undefined) return {};
  return {
    Reason: [error, cause === undefined ? undefined : redactCause(cause)]
      .filter(Boolean)
      .join(': ')
      .replace(/^.*$/s, redact),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
