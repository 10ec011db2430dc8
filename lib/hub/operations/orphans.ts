import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { EXPIRES_AT_ATTRIBUTE } from '../../contract/hub-records.js';
import { encodeOrder, rankOf } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { errorName, hubError, quote } from '../hub-error.js';
import { NOTHING_DUE } from '../store/due.js';
import {
  expiryOfFinished,
  type InstanceRecord,
  recordKey,
  redrivesOf,
  unchanged,
  updatedTime,
} from '../store/instance-record.js';
import { updateItem } from '../store/table.js';

/** The error in the record of an instance whose execution went with its state machine. */
const ORCHESTRATION_REMOVED = 'OrchestrationRemoved';

/** How long an answer of Step Functions about a state machine holds, in milliseconds. */
const HOLDS = 60_000;

interface Known {
  readonly removed: boolean;
  readonly at: number;
}

const knownOf = new WeakMap<Hub['settings'], Map<string, Known>>();

/**
 * Whether the orchestration of an instance was removed: its state machine isn't there any more, or is being deleted. Step Functions is asked for those only that this function wasn't
 * told of when it was deployed, which may also be newer than it; once a minute each.
 */
export async function isOrphaned(hub: Hub, { stateMachineArn, error }: InstanceRecord): Promise<boolean> {
  if (error === ORCHESTRATION_REMOVED) return true;
  if (Object.values(hub.settings.orchestrations).includes(stateMachineArn)) return false;
  const known = knownOf.get(hub.settings) ?? new Map<string, Known>();
  knownOf.set(hub.settings, known);
  const last = known.get(stateMachineArn);
  if (last !== undefined && hub.now() - last.at < HOLDS) return last.removed;
  const removed = await isRemoved(hub, stateMachineArn);
  known.set(stateMachineArn, { removed, at: hub.now() });
  return removed;
}

async function isRemoved(hub: Hub, stateMachineArn: string): Promise<boolean> {
  try {
    const { status } = await hub.stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return status === 'DELETING';
  } catch (error) {
    if (isNoStateMachine(error)) return true;
    // The record is the answer when Step Functions is busy, or is not to be asked.
    if (error instanceof Error && '$metadata' in error) return false;
    throw error;
  }
}

/** Whether Step Functions refused because the state machine isn't there, or is being deleted. */
export function isNoStateMachine(error: unknown): boolean {
  return errorName(error) === 'StateMachineDoesNotExist' || errorName(error) === 'StateMachineDeleting';
}

/** What can't be started because its orchestration was removed. */
export function orchestrationRemoved({ name }: InstanceRecord): Error {
  return hubError('OrchestrationNotFound', {
    where: 'name',
    expected: 'an orchestration that is deployed',
    got: `${quote(name)}, which was removed`,
    fix: 'deploy it again, or purge its instances',
  });
}

/** An execution that was there and is no more went with its state machine: Step Functions deletes both. The instance ends by that. */
export async function markRemoved(hub: Hub, record: InstanceRecord): Promise<void> {
  const statusOrder = encodeOrder({
    generation: record.generation,
    redrive: redrivesOf(record),
    rank: rankOf('ABORTED'),
  });
  await updateItem(
    hub,
    recordKey(record.key),
    {
      set: {
        ...updatedTime(record, hub.now()),
        runtimeStatus: 'Terminated',
        statusOrder,
        error: ORCHESTRATION_REMOVED,
        cause: 'the orchestration was removed, and the execution with it',
        [EXPIRES_AT_ATTRIBUTE]: expiryOfFinished(hub, hub.now()),
      },
      remove: NOTHING_DUE,
    },
    unchanged(record),
  );
}
