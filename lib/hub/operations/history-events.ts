import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { InstanceHistoryEvent } from '../../contract/hub-http.js';
import { redact, redactCause } from '../redact.js';

/** What a state is doing, learnt from the events between its entry and its exit. */
interface OpenState {
  readonly name: string;
  readonly entered: string;
  kind: 'Task' | 'SubOrchestrationInstance' | 'Event';
  /** Whether its latest attempt failed, so that it is left by a catcher. */
  failed: boolean;
}

interface Failure {
  readonly error?: string;
  readonly cause?: string;
}

type Data = (key: 'Input' | 'Result', text: string | undefined) => Pick<InstanceHistoryEvent, 'Input' | 'Result'>;

/** What is shown of an event, but for its time. */
type Told = Omit<InstanceHistoryEvent, 'Timestamp'>;

/** The end of an execution, in Durable Functions' words. */
const ENDS: Readonly<Record<string, (event: HistoryEvent, data: Data) => Told>> = {
  ExecutionSucceeded: (event, data) => ({
    EventType: 'ExecutionCompleted',
    OrchestrationStatus: 'Completed',
    ...data('Result', event.executionSucceededEventDetails?.output),
  }),
  ExecutionFailed: (event) => failed(event.executionFailedEventDetails),
  ExecutionTimedOut: (event) => failed(event.executionTimedOutEventDetails),
  ExecutionAborted: (event) => ({
    EventType: 'ExecutionTerminated',
    OrchestrationStatus: 'Terminated',
    ...reason(event.executionAbortedEventDetails),
  }),
};

/**
 * Tells Step Functions' events in Durable Functions' words. The events of a state lead back to its entry by `previousEventId`. A task that fails and is caught
 * has failed; only one that succeeds is told as completed.
 *
 * @param showOutput whether inputs and results are shown
 */
export function translateHistory(
  orchestration: string,
  events: readonly HistoryEvent[],
  showOutput: boolean,
): readonly InstanceHistoryEvent[] {
  const states = new Map<number, OpenState>();
  // Where an event doesn't say what it follows, it follows the one before.
  let latest: OpenState | undefined;
  const data: Data = (key, text) => (showOutput && text !== undefined ? { [key]: parse(text) } : {});
  return events.flatMap((event) => {
    const Timestamp = event.timestamp?.toISOString() ?? '';
    const open = openState(event, Timestamp) ?? states.get(event.previousEventId ?? 0) ?? latest;
    if (open !== undefined) states.set(event.id ?? 0, open);
    latest = open;
    const told = translate(orchestration, event, open, data);
    return told === undefined ? [] : [{ Timestamp, ...told }];
  });
}

function openState(event: HistoryEvent, entered: string): OpenState | undefined {
  const details = event.stateEnteredEventDetails;
  return details === undefined ? undefined : { name: details.name ?? '', entered, kind: 'Task', failed: false };
}

function translate(
  orchestration: string,
  event: HistoryEvent,
  open: OpenState | undefined,
  data: Data,
): Told | undefined {
  if (event.type === 'ExecutionStarted') {
    const input = event.executionStartedEventDetails?.input;
    return { EventType: 'ExecutionStarted', Name: orchestration, ...data('Input', input) };
  }
  if (event.type === 'ExecutionRedriven') return { EventType: 'ExecutionRewound' };
  const end = ENDS[event.type ?? ''];
  if (end !== undefined) return end(event, data);
  if (open === undefined) return undefined;
  if (event.stateEnteredEventDetails !== undefined) return translateEntry(event, open, data);
  if (event.stateExitedEventDetails !== undefined) return translateExit(event, open, data);
  return translateTask(event, open);
}

/** A task is told when it is scheduled. */
function translateEntry(event: HistoryEvent, { name }: OpenState, data: Data): Told | undefined {
  if (event.type === 'TaskStateEntered') return undefined;
  const EventType = event.type === 'WaitStateEntered' ? 'TimerCreated' : 'StateEntered';
  return { EventType, Name: name, ...data('Input', event.stateEnteredEventDetails?.input) };
}

function translateExit(event: HistoryEvent, open: OpenState, data: Data): Told | undefined {
  const details = event.stateExitedEventDetails;
  const common = { Name: details?.name ?? '', ...data('Result', details?.output) };
  if (event.type === 'WaitStateExited') return { EventType: 'TimerFired', ...common };
  if (event.type !== 'TaskStateExited') return { EventType: 'StateExited', ...common };
  if (open.failed) return undefined;
  const EventType = open.kind === 'Event' ? 'EventRaised' : `${open.kind}Completed`;
  return { EventType, ...common, ScheduledTime: open.entered };
}

const SCHEDULED = {
  Event: 'EventAwaited',
  SubOrchestrationInstance: 'SubOrchestrationInstanceCreated',
  Task: 'TaskScheduled',
};

function translateTask(event: HistoryEvent, open: OpenState): Told | undefined {
  if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(event.type ?? '')) {
    const { resource, resourceType } = event.taskScheduledEventDetails ?? {};
    if (resourceType === 'states' && resource?.startsWith('startExecution')) open.kind = 'SubOrchestrationInstance';
    else if (resource?.endsWith('.waitForTaskToken')) open.kind = 'Event';
    open.failed = false;
    return { EventType: SCHEDULED[open.kind], Name: open.name };
  }
  const failure = failureDetails(event);
  if (failure === undefined) return undefined;
  open.failed = true;
  return { EventType: `${open.kind}Failed`, Name: open.name, ...reason(failure) };
}

function failed(failure: Failure | undefined): Told {
  return { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Failed', ...reason(failure) };
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
