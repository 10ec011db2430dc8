import { EXPIRES_AT_ATTRIBUTE, INSTANCE_RECORD, instancePartition } from '../../contract/hub-records.js';
import type { Hub } from '../hub.js';
import { hubError, instanceNotFound, quote } from '../hub-error.js';
import { due } from '../store/due.js';
import {
  expiryOfFinished,
  type InstanceRecord,
  isOver,
  RUN_ATTRIBUTES,
  recordKey,
  tryReadRecord,
  unchanged,
} from '../store/instance-record.js';
import { deleteItems, queryPartition, updateItem } from '../store/table.js';
import { type InstanceFilter, listRecords } from './list.js';

/**
 * Deletes what the hub keeps of a finished instance: input, output, events. A mark without content stays for the time of retention, so that a late
 * event doesn't bring the instance back. Step Functions keeps the execution's history for 90 days whatever one does.
 *
 * @throws DurableStepsError `InstanceNotFound`; `InstanceNotFinished` while it lives
 */
export async function purgeInstance(hub: Hub, instanceId: string): Promise<void> {
  const record = await tryReadRecord(hub, instanceId);
  if (record === undefined) throw instanceNotFound(instanceId);
  if (record.purged) {
    // A purge that got no further than its mark is finished here, and counts; otherwise there is nothing left to purge.
    if (await deleteParts(hub, record)) return;
    throw instanceNotFound(instanceId);
  }
  if (!isOver(record)) {
    throw hubError('InstanceNotFinished', {
      where: 'instanceId',
      expected: 'a finished instance',
      got: `${quote(instanceId)}, which is ${record.runtimeStatus}`,
      fix: 'terminate it first',
    });
  }
  if (!(await purgeRecord(hub, record))) return purgeInstance(hub, instanceId);
}

async function purgeRecord(hub: Hub, record: InstanceRecord): Promise<boolean> {
  const remove = ['input', 'inputPart', 'inputDigest', 'owner', 'listShard', 'listPosition', ...RUN_ATTRIBUTES].filter(
    (name) => name !== 'purged',
  );
  const marked = await updateItem(
    hub,
    recordKey(record.key),
    {
      set: {
        purged: true,
        [EXPIRES_AT_ATTRIBUTE]: expiryOfFinished(hub, hub.now()),
        ...due(recordKey(record.key), 'owed', hub.now()),
      },
      remove,
    },
    unchanged(record),
  );
  if (marked) await deleteParts(hub, record);
  return marked;
}

/**
 * Deletes what is in the partition of a purged instance but its mark; true if there was anything. Safe to repeat. The mark stays due: who purges may not touch approvals, so that
 * the sweeper deletes them.
 */
export async function deleteParts(hub: Hub, { key }: InstanceRecord): Promise<boolean> {
  let found = false;
  for (;;) {
    const items = await queryPartition(hub, instancePartition(key));
    const keys = items.flatMap(({ pk, sk }) => (sk === INSTANCE_RECORD ? [] : [{ pk: String(pk), sk: String(sk) }]));
    if (keys.length === 0) break;
    await deleteItems(hub, keys);
    found = true;
  }
  return found;
}

/** How many were purged, and where to go on if time ran out. */
export interface PurgedInstances {
  readonly instancesDeleted: number;
  readonly continuationToken?: string;
}

const PURGE_TIME = 15_000;

/** Purges the finished instances among those that a filter finds, for up to 15 seconds. */
export async function purgeInstances(hub: Hub, filter: InstanceFilter, from?: string): Promise<PurgedInstances> {
  const started = hub.now();
  let instancesDeleted = 0;
  let token = from;
  do {
    const page = await listRecords(hub, filter, { ...(token === undefined ? {} : { continuationToken: token }) });
    for (const record of page.records) {
      if (isOver(record) && (await purgeRecord(hub, record))) instancesDeleted++;
    }
    token = page.continuationToken;
  } while (token !== undefined && hub.now() - started < PURGE_TIME);
  return { instancesDeleted, ...(token === undefined ? {} : { continuationToken: token }) };
}
