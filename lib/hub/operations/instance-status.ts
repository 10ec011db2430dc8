import type { InstanceFailure, InstanceOutcome, InstanceStatus } from '../../contract/hub-http.js';
import { EXPIRES_AT_ATTRIBUTE } from '../../contract/hub-records.js';
import { instanceKey } from '../../contract/instance-id.js';
import { decodeOrder, encodeOrder } from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { instanceNotFound } from '../hub-error.js';
import { applyStatusChange, tryDescribeExecution } from '../lifecycle/status-change.js';
import { redact, redactCause } from '../redact.js';
import { NOTHING_DUE } from '../store/due.js';
import {
  currentExecutionArn,
  expiryOfFinished,
  type InstanceRecord,
  isOver,
  recordKey,
  redrivesOf,
  tryReadWhole,
  unchanged,
  updatedTime,
  type WholeInstance,
} from '../store/instance-record.js';
import { updateItem } from '../store/table.js';
import { isOrphaned, markRemoved } from './orphans.js';

/** What a failed instance shows that was recorded but never started. */
export const NEVER_STARTED = 'NeverStarted';

/**
 * Reads an instance: one DynamoDB read. A live instance that hasn't changed for long is checked with Step Functions first.
 *
 * @throws DurableStepsError `InstanceNotFound`
 */
export async function readInstance(hub: Hub, instanceId: string): Promise<WholeInstance> {
  const key = instanceKey(instanceId);
  const whole = await tryReadWhole(hub, key);
  if (whole === undefined || whole.record.purged) throw instanceNotFound(instanceId);
  if (!(await heal(hub, whole.record))) return whole;
  const healed = await tryReadWhole(hub, key);
  if (healed === undefined || healed.record.purged) throw instanceNotFound(instanceId);
  return healed;
}

const HOUR = 3_600_000;
const GENERATIONS_AT_ONCE = 10;

/** A start may be under way for as long as a function may run, in milliseconds. */
const START_TIME = 60_000;

/** A stale record asks less and less often: after `healAfter`, then at intervals of a quarter of the instance's age, up to an hour. */
function isStale(hub: Hub, record: InstanceRecord): boolean {
  const last = Math.max(record.checkedAt ?? 0, Date.parse(record.lastUpdatedTime));
  const quarter = (last - Date.parse(record.createdTime)) / 4;
  return hub.now() - last >= Math.max(hub.settings.healAfterSeconds * 1000, Math.min(quarter, HOUR));
}

/** Brings a stale record up to date with Step Functions; true when it may have changed. */
async function heal(hub: Hub, record: InstanceRecord): Promise<boolean> {
  const started = decodeOrder(record.statusOrder).rank !== 1;
  if ((isOver(record) && started) || !isStale(hub, record)) return false;
  const claimed = await updateItem(
    hub,
    recordKey(record.key),
    { set: { checkedAt: hub.now() } },
    record.checkedAt === undefined
      ? { text: '#statusOrder = :seen AND attribute_not_exists(#checkedAt)', values: { ':seen': record.statusOrder } }
      : { text: '#checkedAt = :before', values: { ':before': record.checkedAt } },
  );
  if (!claimed) return false;
  try {
    await followGenerations(hub, record);
  } catch (error) {
    // The record is the answer when Step Functions is busy: the next reader asks again.
    if (!isAwsRefusal(error)) throw error;
  }
  return true;
}

function isAwsRefusal(error: unknown): boolean {
  return error instanceof Error && '$metadata' in error;
}

/** Reads the instance's execution, and the executions that it continued as. */
export async function followGenerations(hub: Hub, from: InstanceRecord): Promise<InstanceRecord> {
  let record = from;
  for (let hop = 0; hop < GENERATIONS_AT_ONCE; hop++) {
    const continued = record.runtimeStatus === 'ContinuedAsNew';
    const generation = record.generation + (continued ? 1 : 0);
    const found = await tryDescribeExecution(hub, currentExecutionArn(record, generation));
    if (found === undefined) {
      await markLost(hub, record);
      return record;
    }
    const next = await applyStatusChange(hub, found);
    if (next === undefined || next.runtimeStatus !== 'ContinuedAsNew' || next.statusOrder === record.statusOrder)
      return next ?? record;
    record = next;
  }
  return record;
}

/** Step Functions knows no execution of an instance that hasn't ended. One that was terminated needs no patience: nothing is to come of it. */
async function markLost(hub: Hub, record: InstanceRecord): Promise<void> {
  const terminated = record.terminateReason !== undefined;
  if (!terminated && hub.now() - Date.parse(record.lastUpdatedTime) < START_TIME) return;
  if (record.runtimeStatus === 'Pending') await markNeverStarted(hub, record);
  else if (!isOver(record)) await markRemoved(hub, record);
}

/** The start was given up between record and execution; whoever repeats it starts the instance after all. */
export async function markNeverStarted(hub: Hub, record: InstanceRecord): Promise<void> {
  const statusOrder = encodeOrder({ generation: record.generation, redrive: redrivesOf(record), rank: 1 });
  const terminated = record.terminateReason !== undefined;
  await updateItem(
    hub,
    recordKey(record.key),
    {
      set: {
        ...updatedTime(record, hub.now()),
        runtimeStatus: terminated ? 'Terminated' : 'Failed',
        statusOrder,
        error: terminated ? undefined : NEVER_STARTED,
        cause: terminated
          ? undefined
          : 'the instance was recorded, but its execution was never started: start it again',
        [EXPIRES_AT_ATTRIBUTE]: expiryOfFinished(hub, hub.now()),
      },
      remove: NOTHING_DUE,
    },
    unchanged(record),
  );
}

/** An instance as the world sees it: no ARNs, no account ids. */
export async function showInstance(hub: Hub, { record, input, output }: WholeInstance): Promise<InstanceStatus> {
  return {
    name: record.name,
    instanceId: record.instanceId,
    ...showOutcome(record, output),
    input: parse(input),
    customStatus: parse(record.customStatus),
    createdTime: record.createdTime,
    lastUpdatedTime: record.lastUpdatedTime,
    ...((await isOrphaned(hub, record)) && { orphaned: true }),
  };
}

function showOutcome(record: InstanceRecord, output: string | undefined): InstanceOutcome {
  const { runtimeStatus, terminateReason, cause } = record;
  if (runtimeStatus === 'Completed') return { runtimeStatus, output: parse(output) };
  if (runtimeStatus === 'Failed') return { runtimeStatus, output: showFailure(record) };
  if (runtimeStatus !== 'Terminated') return { runtimeStatus, output: null };
  return { runtimeStatus, output: terminateReason ?? (cause === undefined ? null : redact(cause)) };
}

function showFailure({ error, cause }: InstanceRecord): InstanceFailure {
  const otherwise = error === 'States.Timeout' ? 'the orchestration ran out of time' : '';
  return { error: redact(error ?? 'Failed'), message: redactCause(cause ?? otherwise) };
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
