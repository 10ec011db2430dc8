import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GRACE } from '../../contract/hub-limits.js';
import { EXPIRES_AT_ATTRIBUTE } from '../../contract/hub-records.js';
import { executionName, instanceKey, isDerivedKey, MAX_INSTANCE_ID_LENGTH } from '../../contract/instance-id.js';
import { decodeOrder, encodeOrder } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { busy, errorName, hubError, isRefusal, quote } from '../hub-error.js';
import { type JsonInput, readJsonInput } from '../lifecycle/json-input.js';
import { applyStatusChange, tryDescribeExecution } from '../lifecycle/status-change.js';
import { due } from '../store/due.js';
import {
  currentExecutionArn,
  expiryOfLive,
  type InstanceRecord,
  isOver,
  isoTime,
  listingAttributes,
  mergeChanges,
  placeText,
  RUN_ATTRIBUTES,
  recordKey,
  tryReadRecordByKey,
  unchanged,
} from '../store/instance-record.js';
import { isWithinReach } from '../store/reach.js';
import { type Changes, type TableExpression, updateItem } from '../store/table.js';
import { markNeverStarted } from './instance-status.js';
import { isNoStateMachine, orchestrationRemoved } from './orphans.js';

/** What to start. */
export interface StartRequest {
  /** Name of the orchestration in this hub. */
  readonly name: string;
  /** @default - a random id */
  readonly instanceId?: string;
  /** JSON text; nothing at all stands for `null`. */
  readonly input: string;
}

const ATTEMPTS = 8;

/** An execution older than its record by more than this, in milliseconds, was not started for it: two services' clocks differ less. */
const CLOCK_TOLERANCE = 60_000;

/**
 * Starts an instance, exactly once: the record is written before the execution starts, the execution's name derives from it, and whoever finds a
 * record that is only Pending starts its execution again, which Step Functions answers with the same one.
 *
 * - the same id, orchestration and input again: the same instance, also when it has finished
 * - another orchestration or input: refused while the instance lives (`InstanceInUse`), a new run under the same id once it has finished
 *
 * @returns the instance's id
 */
export async function startInstance(hub: Hub, request: StartRequest): Promise<string> {
  const stateMachineArn = hub.settings.orchestrations[request.name];
  if (stateMachineArn === undefined || !Object.hasOwn(hub.settings.orchestrations, request.name)) {
    throw hubError('OrchestrationNotFound', {
      where: 'name',
      expected: `one of ${Object.keys(hub.settings.orchestrations).join(', ') || 'no orchestration at all'}`,
      got: quote(request.name),
    });
  }
  const input = readJsonInput(request.input, 'input');
  const instanceId = checkInstanceId(request.instanceId ?? hub.newId());
  const { caller: owner } = hub;
  if (hub.settings.owner === 'subject' && owner === undefined) throw noSubject();
  await start(hub, { instanceId, key: instanceKey(instanceId), name: request.name, stateMachineArn, owner, input });
  return instanceId;
}

/** Starts the orchestration of an instance that there is, whatever the hub's user calls it, under a new id. */
export async function startAsNew(hub: Hub, from: InstanceRecord, text: string): Promise<string> {
  const instanceId = checkInstanceId(hub.newId());
  const input = readJsonInput(text, 'input');
  const { name, stateMachineArn, owner } = from;
  await start(hub, { instanceId, key: instanceKey(instanceId), name, stateMachineArn, owner, input });
  return instanceId;
}

/**
 * The id of an instance that is about to start.
 *
 * @throws DurableStepsError `InvalidRequest`
 */
export function checkInstanceId(instanceId: string): string {
  if (isDerivedKey(instanceId)) {
    throw hubError('InvalidRequest', {
      where: 'instanceId',
      expected: 'an id that isn’t like one that is derived: `h-` and 40 hex digits, or with `!!` in it',
      got: quote(instanceId),
      fix: 'start the instance by the id that this was derived from, or choose another',
    });
  }
  if (instanceId !== '' && instanceId.length <= MAX_INSTANCE_ID_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(instanceId))
    return instanceId;
  throw hubError('InvalidRequest', {
    where: 'instanceId',
    expected: `1 to ${MAX_INSTANCE_ID_LENGTH} characters, none of them a control character`,
    got: instanceId.length > MAX_INSTANCE_ID_LENGTH ? `${instanceId.length} characters` : quote(instanceId),
  });
}

interface NewRun {
  readonly instanceId: string;
  readonly key: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly owner: string | undefined;
  readonly input: JsonInput;
}

async function start(hub: Hub, run: NewRun): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const created = await writeNewRun(hub, run, 1, { text: 'attribute_not_exists(#statusOrder)' });
    const record = await tryReadRecordByKey(hub, run.key);
    if (record === undefined) continue;
    if (!created && !record.purged && !isWithinReach(hub, record)) throw inUse(run.instanceId, 'which is taken');
    const same = record.name === run.name && record.inputDigest === run.input.digest;
    if (created || (same && !record.purged)) {
      if (await startOrWithdraw(hub, record, run.input.text)) return;
    } else if (record.purged || isOver(record)) {
      await writeNewRun(hub, run, record.generation + 1, unchanged(record));
    } else {
      throw inUse(run.instanceId, `which is ${record.runtimeStatus}`);
    }
  }
  throw busy(run.instanceId);
}

function noSubject(): Error {
  return hubError('NoSubject', {
    where: 'authorization',
    expected: 'a caller with a subject, whose instance it is to be',
    got: 'one without',
    fix: 'send a token with the claim `sub`',
  });
}

function inUse(instanceId: string, state: string): Error {
  return hubError('InstanceInUse', {
    where: 'instanceId',
    expected: 'an id that no live instance has, or the input that it was started with',
    got: `${quote(instanceId)}, ${state}`,
  });
}

async function writeNewRun(hub: Hub, run: NewRun, generation: number, condition: TableExpression): Promise<boolean> {
  const placed = placeText(hub, run.key, 'input', run.input.text, generation, expiryOfLive(hub));
  const attributes = {
    instanceId: run.instanceId,
    name: run.name,
    stateMachineArn: run.stateMachineArn,
    inputDigest: run.input.digest,
    owner: run.owner,
  };
  const changes = mergeChanges({ remove: ['owner'] }, placed.changes, { set: attributes });
  return writeRun(hub, run.key, generation, changes, condition);
}

/** Writes the record of a run that begins, of the same instance or of a new one: the one write that decides who begins it. */
export async function writeRun(
  hub: Hub,
  key: string,
  generation: number,
  more: Changes,
  condition: TableExpression,
): Promise<boolean> {
  const time = isoTime(hub.now());
  const changes = mergeChanges({ remove: RUN_ATTRIBUTES }, more, {
    set: {
      runtimeStatus: 'Pending',
      statusOrder: encodeOrder({ generation, redrive: 0, rank: 0 }),
      generation,
      epoch: generation,
      createdTime: time,
      lastUpdatedTime: time,
      [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub),
      ...listingAttributes(key, time),
      ...due(recordKey(key), 'owed', hub.now() + GRACE),
    },
  });
  return updateItem(hub, recordKey(key), changes, condition);
}

/**
 * {@link ensureStarted} for whoever is told how it ends: a start that Step Functions refuses is taken back, so that it doesn't happen later, behind the back of somebody who has been told that it
 * failed and may have started another. A start without an answer stands, and is made up for.
 */
export async function startOrWithdraw(hub: Hub, record: InstanceRecord, input: string): Promise<boolean> {
  try {
    return await ensureStarted(hub, record, input);
  } catch (error) {
    if (isRefusal(error)) await markNeverStarted(hub, record);
    throw error;
  }
}

/**
 * Starts the execution of a recorded run, if it hasn't been. Safe to repeat.
 *
 * @returns false when the record moved on meanwhile and has to be read again
 */
export async function ensureStarted(hub: Hub, record: InstanceRecord, input: string): Promise<boolean> {
  const { rank } = decodeOrder(record.statusOrder);
  if (rank > 1) return true;
  if (rank === 1) return reopen(hub, record);
  await placeText(hub, record.key, 'input', input, record.inputPart ?? record.generation, expiryOfLive(hub)).write();
  try {
    await hub.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: record.stateMachineArn,
        name: executionName({ key: record.key, generation: record.generation }),
        input,
      }),
    );
    return true;
  } catch (error) {
    if (isNoStateMachine(error)) throw orchestrationRemoved(record);
    if (errorName(error) !== 'ExecutionAlreadyExists') throw error;
    return adopt(hub, record);
  }
}

/** The execution's name is taken: by this very run, which may have finished, or by one that the hub no longer has a record of. */
async function adopt(hub: Hub, record: InstanceRecord): Promise<boolean> {
  const found = await tryDescribeExecution(hub, currentExecutionArn(record));
  if (found !== undefined && found.startDate >= Date.parse(record.createdTime) - CLOCK_TOLERANCE) {
    await applyStatusChange(hub, found);
    return true;
  }
  const generation = record.generation + 1;
  const moved = { generation, epoch: generation, statusOrder: encodeOrder({ generation, redrive: 0, rank: 0 }) };
  await updateItem(
    hub,
    recordKey(record.key),
    { set: record.inputPart === undefined ? moved : { ...moved, inputPart: generation } },
    unchanged(record),
  );
  return false;
}

/** A run that was found never to have started is started now, under the same name. */
async function reopen(hub: Hub, record: InstanceRecord): Promise<boolean> {
  const statusOrder = encodeOrder({ ...decodeOrder(record.statusOrder), rank: 0 });
  await updateItem(
    hub,
    recordKey(record.key),
    {
      set: { statusOrder, runtimeStatus: 'Pending', ...due(recordKey(record.key), 'owed', hub.now() + GRACE) },
      remove: [...RUN_ATTRIBUTES],
    },
    unchanged(record),
  );
  return false;
}
