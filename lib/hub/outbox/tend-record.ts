import { decodeOrder } from '../../contract/runtime-status.js';
import { deleteApprovals } from '../approvals/approval-store.js';
import type { Hub } from '../hub.js';
import { whatIsDue } from '../lifecycle/status-change.js';
import { followGenerations, markNeverStarted } from '../operations/instance-status.js';
import { deleteParts } from '../operations/purge.js';
import { ensureStarted } from '../operations/start.js';
import { stopGenerations } from '../operations/terminate.js';
import { dropDue } from '../store/due.js';
import {
  type InstanceRecord,
  isOver,
  recordKey,
  tryReadWhole,
  unchanged,
  type WholeInstance,
} from '../store/instance-record.js';
import { updateItem } from '../store/table.js';

/**
 * Sees to an instance's record: starts what was recorded and not started, stops what is to be stopped, purges the rest of what is purged, and asks Step Functions about what runs or goes on.
 * Safe to repeat; what comes of it is stored by the conditional writes of the operations themselves.
 */
export async function tendRecord(hub: Hub, instanceKey: string): Promise<void> {
  const whole = await tryReadWhole(hub, instanceKey);
  if (whole === undefined) return;
  const { record } = whole;
  if (record.purged) {
    await deleteParts(hub, record);
    await deleteApprovals(hub, record.key);
    await dropDue(hub, recordKey(record.key));
  } else if (isOver(record)) {
    await dropDue(hub, recordKey(record.key));
  } else {
    await settle(hub, whole);
    await lookAgain(hub, record);
  }
}

async function settle(hub: Hub, { record, input }: WholeInstance): Promise<void> {
  const { rank, redrive } = decodeOrder(record.statusOrder);
  if (record.terminateReason !== undefined) return stopGenerations(hub, record, record.terminateReason);
  if (rank === 0 && redrive === 0 && !(await tryStart(hub, record, input))) return;
  await followGenerations(hub, record);
}

/** Starts what was recorded; false when there is nothing to follow. */
async function tryStart(hub: Hub, record: InstanceRecord, input: string | undefined): Promise<boolean> {
  // Whoever started it never got to store its large input, so nobody was told that it starts.
  const isStartable = input !== undefined;
  try {
    if (isStartable) return await ensureStarted(hub, record, input);
  } catch (error) {
    if (!isRemoved(error)) throw error;
  }
  await markNeverStarted(hub, record);
  return false;
}

function isRemoved(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'OrchestrationNotFound';
}

/** A record that is as it was says when it is looked at next; for the hub's readers that is as good as their own look. */
async function lookAgain(hub: Hub, record: InstanceRecord): Promise<void> {
  const due = whatIsDue(hub, recordKey(record.key), record, record.runtimeStatus);
  await updateItem(
    hub,
    recordKey(record.key),
    { set: { ...due, checkedAt: hub.now() }, remove: ['dueAttempts'] },
    unchanged(record),
  );
}
