import { GetExecutionHistoryCommand, type HistoryEvent, RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { GRACE } from '../../contract/hub-limits.js';
import { EXPIRES_AT_ATTRIBUTE } from '../../contract/hub-records.js';
import { encodeOrder, isFinished } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { errorName, hubError, instanceNotFound, quote } from '../hub-error.js';
import { applyStatusChange, tryDescribeExecution } from '../lifecycle/status-change.js';
import { due } from '../store/due.js';
import {
  currentExecutionArn,
  expiryOfLive,
  type InstanceRecord,
  recordKey,
  redrivesOf,
  tryReadRecord,
  unchanged,
  updatedTime,
} from '../store/instance-record.js';
import { updateItem } from '../store/table.js';
import { NEVER_STARTED } from './instance-status.js';

/**
 * Lets a failed instance go on from the step that failed (RedriveExecution): same id, same execution, same definition, what succeeded isn't done again. An instance that ended in a
 * Fail state would end there again: an error that was handled and thrown again, such as behind a `finally`, is past the step that it came from.
 *
 * Repeating it is safe: while an instance that was rewound goes on, there is nothing left to do, and that is no error. Whoever lost the answer may ask again.
 *
 * @throws DurableStepsError `InstanceNotFound`; `InstanceFinished` for one that completed or was terminated; `NotRewindable` for one that runs and never failed, or
 * failed more than 14 days ago, or ended in a Fail state
 */
export async function rewindInstance(hub: Hub, instanceId: string): Promise<void> {
  const record = await tryReadRecord(hub, instanceId);
  if (record === undefined || record.purged) throw instanceNotFound(instanceId);
  if (record.runtimeStatus === 'Completed' || record.runtimeStatus === 'Terminated') {
    throw hubError('InstanceFinished', {
      where: 'instanceId',
      expected: 'a failed instance',
      got: describe(instanceId, record),
    });
  }
  if (!isFinished(record.runtimeStatus) && redrivesOf(record) > 0) return;
  if (record.runtimeStatus !== 'Failed' || record.error === NEVER_STARTED) throw notRewindable(instanceId, record);
  const failState = await tryFailState(hub, currentExecutionArn(record));
  if (failState !== undefined) {
    throw hubError('NotRewindable', {
      where: 'instanceId',
      expected: 'an instance whose failed step can run again',
      got: `${quote(instanceId)}, which ended in the Fail state ${quote(failState)} and would end there again`,
      fix: 'restart it to run it from the beginning',
    });
  }
  if (await redrive(hub, record)) return;
  // A rewind whose answer was lost has happened all the same.
  const found = await tryDescribeExecution(hub, currentExecutionArn(record));
  if (found === undefined || found.redriveCount <= redrivesOf(record)) throw notRewindable(instanceId, record);
  await applyStatusChange(hub, found);
}

async function redrive(hub: Hub, record: InstanceRecord): Promise<boolean> {
  try {
    await hub.stepFunctions.send(new RedriveExecutionCommand({ executionArn: currentExecutionArn(record) }));
  } catch (error) {
    if (errorName(error) === 'ExecutionNotRedrivable' || errorName(error) === 'ExecutionDoesNotExist') return false;
    throw error;
  }
  const statusOrder = encodeOrder({ generation: record.generation, redrive: redrivesOf(record) + 1, rank: 0 });
  await updateItem(
    hub,
    recordKey(record.key),
    {
      set: {
        ...updatedTime(record, hub.now()),
        statusOrder,
        runtimeStatus: 'Pending',
        [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub),
        ...due(recordKey(record.key), 'owed', hub.now() + GRACE),
      },
      remove: ['output', 'outputPart', 'error', 'cause', 'checkedAt', 'terminateReason'],
    },
    unchanged(record),
  );
  return true;
}

/** Events by which a failure comes out of what it happened in. */
const passedOn: ReadonlySet<string | undefined> = new Set([
  'ExecutionFailed',
  'MapStateFailed',
  'MapIterationFailed',
  'ParallelStateFailed',
]);

/** The Fail state that an execution ended in, itself or within an inline Map or a Parallel; undefined where a redrive enters a state that can succeed. */
async function tryFailState(hub: Hub, executionArn: string): Promise<string | undefined> {
  const events = await readLastEvents(hub, executionArn);
  const byId = new Map(events.map((event) => [event.id, event]));
  let event = events.at(0);
  while (event !== undefined && passedOn.has(event.type)) event = byId.get(event.previousEventId);
  return event?.type === 'FailStateEntered' ? event.stateEnteredEventDetails?.name : undefined;
}

async function readLastEvents(hub: Hub, executionArn: string): Promise<readonly HistoryEvent[]> {
  try {
    const { events = [] } = await hub.stepFunctions.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: 100,
        includeExecutionData: false,
      }),
    );
    return events;
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return [];
    throw error;
  }
}

function notRewindable(instanceId: string, record: InstanceRecord): Error {
  return hubError('NotRewindable', {
    where: 'instanceId',
    expected: 'an instance that failed in the last 14 days',
    got: describe(instanceId, record),
    fix: 'restart it to run it from the beginning',
  });
}

function describe(instanceId: string, record: InstanceRecord): string {
  return `${quote(instanceId)}, which is ${record.runtimeStatus}`;
}
