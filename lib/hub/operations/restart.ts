import { instanceKey } from '../../contract/instance-id.js';
import { decodeOrder } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { busy, hubError, instanceNotFound, quote } from '../hub-error.js';
import { isOver, tryReadWhole, unchanged, type WholeInstance } from '../store/instance-record.js';
import { isOrphaned, orchestrationRemoved } from './orphans.js';
import { startAsNew, startOrWithdraw, writeRun } from './start.js';

const ATTEMPTS = 8;

/**
 * Runs a finished instance again from the beginning with the input it had: a new execution under the same id, with a fresh inbox.
 *
 * @returns the public id, also when the key was given
 * @throws DurableStepsError `InstanceNotFound`; `InstanceNotFinished` while it lives; `OrchestrationNotFound` when its orchestration was removed
 */
export async function restartInstance(hub: Hub, instanceId: string): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { record, input } = await readFor(hub, instanceId);
    if (record.runtimeStatus === 'Pending' && record.generation > 1 && decodeOrder(record.statusOrder).redrive === 0) {
      // A restart that got no further than its record.
      if (await startOrWithdraw(hub, record, input ?? 'null')) return record.instanceId;
    } else if (isOver(record)) {
      if (await isOrphaned(hub, record)) throw orchestrationRemoved(record);
      await writeRun(hub, record.key, record.generation + 1, {}, unchanged(record));
    } else {
      throw hubError('InstanceNotFinished', {
        where: 'instanceId',
        expected: 'a finished instance',
        got: `${quote(instanceId)}, which is ${record.runtimeStatus}`,
        fix: 'terminate it first',
      });
    }
  }
  throw busy(instanceId);
}

/** Starts the orchestration of an instance again with the same input under a new id; the instance stays as it is. */
export async function restartAsNewInstance(hub: Hub, instanceId: string): Promise<string> {
  const { record, input } = await readFor(hub, instanceId);
  if (await isOrphaned(hub, record)) throw orchestrationRemoved(record);
  return startAsNew(hub, record, input ?? 'null');
}

async function readFor(hub: Hub, instanceId: string): Promise<WholeInstance> {
  const whole = await tryReadWhole(hub, instanceKey(instanceId));
  if (whole === undefined || whole.record.purged) throw instanceNotFound(instanceId);
  return whole;
}
