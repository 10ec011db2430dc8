import { GRACE, MAX_REASON_LENGTH } from '../../contract/hub-limits.js';
import type { Hub } from '../hub.js';
import { stopExecution } from '../lifecycle/stop-execution.js';
import { oneLine } from '../printable.js';
import { due } from '../store/due.js';
import { currentExecutionArn, type InstanceRecord, isOver, recordKey, updatedTime } from '../store/instance-record.js';
import { updateItem } from '../store/table.js';
import { readLive } from './events.js';
import { followGenerations } from './instance-status.js';

const GENERATIONS_AT_ONCE = 10;

/**
 * Terminates an instance and the sub-orchestrations that it waits for.
 *
 * The record is marked first: an execution that starts meanwhile under the same id, by continue-as-new or by a start under way, is stopped as soon as
 * its status arrives. So the instance ends whatever happens between.
 *
 * @throws DurableStepsError `InstanceNotFound`, `InstanceFinished`
 */
export async function terminateInstance(hub: Hub, instanceId: string, reason: string): Promise<void> {
  const found = await readLive(hub, instanceId);
  const marked = {
    ...updatedTime(found, hub.now()),
    ...due(recordKey(found.key), 'owed', hub.now() + GRACE),
    terminateReason: oneLine(reason).slice(0, MAX_REASON_LENGTH),
  };
  await updateItem(hub, recordKey(found.key), { set: marked }, { text: 'attribute_exists(#statusOrder)' });
  await stopGenerations(hub, { ...found, ...marked }, marked.terminateReason);
}

/** Stops the execution of an instance that is marked, and those that it goes on as. Safe to repeat. */
export async function stopGenerations(hub: Hub, from: InstanceRecord, reason: string): Promise<void> {
  let record = from;
  for (let hop = 0; hop < GENERATIONS_AT_ONCE; hop++) {
    await stopExecution(hub, currentExecutionArn(record), reason);
    await stopExecution(hub, currentExecutionArn(record, record.generation + 1), reason);
    const next = await followGenerations(hub, record);
    if (isOver(next) || next.generation === record.generation) return;
    record = next;
  }
}
