import { createHash } from 'node:crypto';
import type { ApprovalAddress } from '../../contract/approval.js';
import {
  approvalsPartition,
  EXPIRES_AT_ATTRIBUTE,
  instanceOfPartition,
  linkPartition,
} from '../../contract/hub-records.js';
import { parseExecutionName } from '../../contract/instance-id.js';
import type { Hub } from '../hub.js';
import { busy } from '../hub-error.js';
import { due } from '../store/due.js';
import { expiryOfFinished } from '../store/instance-record.js';
import { deleteItems, getItem, type ItemKey, putItem, queryPartition } from '../store/table.js';
import { type Approval, tryOwedToken } from './approval.js';

/** An approval as it was read, with where it is and what its next write is conditional on. */
export interface StoredApproval {
  readonly key: ItemKey;
  readonly instanceKey: string;
  readonly version: number;
  readonly approval: Approval;
}

const ATTEMPTS = 60;

/** Where an approval is. */
export function approvalKey({ execution, step, askedAt }: ApprovalAddress): ItemKey {
  const digest = createHash('sha256')
    .update(JSON.stringify([execution, step, askedAt]))
    .digest('hex');
  return { pk: approvalsPartition(parseExecutionName(execution).key), sk: `approval#${digest.slice(0, 40)}` };
}

/** Reads an approval. */
export async function tryReadApproval(hub: Hub, key: ItemKey): Promise<StoredApproval | undefined> {
  const item = await getItem(hub, key);
  if (item === undefined) return undefined;
  return {
    key,
    instanceKey: instanceOfPartition(key.pk),
    version: Number(item['version']),
    approval: JSON.parse(String(item['approval'])),
  };
}

/** Writes a new approval unless there is one; answers the one that is there afterwards. */
export async function createApproval(hub: Hub, key: ItemKey, approval: Approval): Promise<StoredApproval> {
  await putApproval(hub, key, approval, 0);
  const stored = await tryReadApproval(hub, key);
  if (stored === undefined) throw busy(key.pk);
  return stored;
}

/**
 * Changes an approval by one conditional write, tried again on what another writer made of it. The change is pure; if it gives back what it got, nothing
 * is written.
 */
export async function changeApproval(
  hub: Hub,
  stored: StoredApproval,
  change: (approval: Approval) => Approval,
): Promise<StoredApproval> {
  let current = stored;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed = change(current.approval);
    if (changed === current.approval) return current;
    if (await putApproval(hub, current.key, changed, current.version)) {
      return { ...current, approval: changed, version: current.version + 1 };
    }
    if (attempt > 0) await hub.sleep(Math.min(attempt, 10) * 5);
    const reread = await tryReadApproval(hub, current.key);
    if (reread === undefined) break;
    current = reread;
  }
  throw busy(stored.key.pk);
}

async function putApproval(hub: Hub, key: ItemKey, approval: Approval, seen: number): Promise<boolean> {
  const item = {
    ...key,
    approval: JSON.stringify(approval),
    version: seen + 1,
    [EXPIRES_AT_ATTRIBUTE]: expiryOf(hub, approval),
    // At once, so that the workflow learns of it within a minute: to be told twice is no harm.
    ...(tryOwedToken(approval) === undefined ? {} : due(key, 'owed', hub.now())),
  };
  return putItem(
    hub,
    item,
    seen === 0 ? { text: 'attribute_not_exists(#pk)' } : { text: '#version = :seen', values: { ':seen': seen } },
  );
}

/** Kept for the time of retention after its deadline. */
function expiryOf(hub: Hub, { deadline }: Approval): number {
  return expiryOfFinished(hub, Math.max(deadline, hub.now()));
}

/** Where a link leads. */
export interface LinkTarget {
  readonly key: ItemKey;
  readonly approver: string;
}

function linkKey(hash: string): ItemKey {
  return { pk: linkPartition(hash), sk: 'link' };
}

/** Makes a link known by its digest. Safe to repeat. */
export async function putLink(hub: Hub, hash: string, target: LinkTarget, approval: Approval): Promise<void> {
  await putItem(
    hub,
    {
      ...linkKey(hash),
      targetPk: target.key.pk,
      targetSk: target.key.sk,
      approver: target.approver,
      [EXPIRES_AT_ATTRIBUTE]: expiryOf(hub, approval),
    },
    { text: 'attribute_not_exists(#pk)' },
  );
}

/** Where a link leads, by its digest. */
export async function tryReadLink(hub: Hub, hash: string): Promise<LinkTarget | undefined> {
  const item = await getItem(hub, linkKey(hash));
  if (item === undefined) return undefined;
  return { key: { pk: String(item['targetPk']), sk: String(item['targetSk']) }, approver: String(item['approver']) };
}

/** Deletes the approvals of an instance, and the links that lead to them. Safe to repeat: links go before the approval that knows them. */
export async function deleteApprovals(hub: Hub, instanceKey: string): Promise<void> {
  for (;;) {
    const items = await queryPartition(hub, approvalsPartition(instanceKey));
    if (items.length === 0) return;
    const links = items.flatMap(({ approval }) =>
      (JSON.parse(String(approval)) as Approval).approvers.flatMap((approver) => approver.links.map(linkKey)),
    );
    await deleteItems(hub, links);
    await deleteItems(
      hub,
      items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
    );
  }
}
