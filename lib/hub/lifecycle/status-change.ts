import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { tryOriginalInput } from '../../contract/continued.js';
import { GRACE } from '../../contract/hub-limits.js';
import { DURATION_METRIC, METRIC_DIMENSIONS, OUTCOME_METRICS } from '../../contract/hub-metrics.js';
import { EXPIRES_AT_ATTRIBUTE } from '../../contract/hub-records.js';
import { parseExecutionName, stateMachineArnOf } from '../../contract/instance-id.js';
import { orchestrationOfMachine } from '../../contract/machine-name.js';
import {
  encodeOrder,
  isFinished,
  type RuntimeStatus,
  rankOf,
  runtimeStatusOf,
  type StepFunctionsStatus,
} from '../../contract/runtime-status.js';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';
import { renderMeasurement } from '../metrics.js';
import { type DueAttributes, due, dueForCheck, NOTHING_DUE } from '../store/due.js';
import {
  expiryOfFinished,
  expiryOfLive,
  type InstanceRecord,
  isoTime,
  listingAttributes,
  mergeChanges,
  type PlacedText,
  placeText,
  recordKey,
  tryReadRecordByKey,
  updatedTime,
} from '../store/instance-record.js';
import { type ItemKey, updateItem } from '../store/table.js';
import { readJsonInput } from './json-input.js';
import { stopExecution } from './stop-execution.js';

/** What Step Functions says about an execution, by an event or by DescribeExecution. Times are epoch milliseconds. */
export interface StatusChange {
  readonly executionArn: string;
  /** The execution's name. */
  readonly name: string;
  readonly status: StepFunctionsStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly redriveDate?: number;
  readonly redriveCount: number;
  /** JSON text; undefined when the event left it out for its size. */
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

const ATTEMPTS = 8;
const OUTCOME_OF = { Completed: 'completed', Failed: 'failed', Terminated: 'terminated' } as const;
const MAX_CAUSE_LENGTH = 8_192;

/**
 * Brings the instance's record up to a status of one of its executions; makes the record for an execution that nobody recorded (a sub-orchestration,
 * or one started by hand). One conditional write decides, and only forwards: by (generation, redrive, rank).
 *
 * Calling it again with the same change, or with an older one, changes nothing.
 *
 * @returns the record as it is afterwards; undefined when the instance was purged
 */
export async function applyStatusChange(hub: Hub, given: StatusChange): Promise<InstanceRecord | undefined> {
  const { key, generation } = parseExecutionName(given.name);
  const statusOrder = encodeOrder({ generation, redrive: given.redriveCount, rank: rankOf(given.status) });
  let change = given;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = await tryReadRecordByKey(hub, key);
    if (record?.purged) return undefined;
    if (record !== undefined && record.statusOrder >= statusOrder) {
      await stopIfMarked(hub, record, change, statusOrder);
      return record;
    }
    const needsInput = record === undefined || record.generation < generation;
    change = await completePayload(hub, change, needsInput);
    const { changes, parts } = renderChange(hub, record, change, { key, generation, statusOrder, needsInput });
    for (const part of parts) await part.write();
    // A mark to terminate that was set meanwhile is seen: what is due depends on it.
    const marked = record?.terminateReason === undefined ? 'attribute_not_exists' : 'attribute_exists';
    const written = await updateItem(hub, recordKey(key), changes, {
      text: `attribute_not_exists(#statusOrder) OR (#statusOrder < :order AND attribute_not_exists(#purged) AND ${marked}(#terminateReason))`,
      values: { ':order': statusOrder },
    });
    if (written && record !== undefined) await stopIfMarked(hub, { ...record, statusOrder }, change, statusOrder);
    if (written) {
      const after = await tryReadRecordByKey(hub, key);
      if (after !== undefined) measureOutcome(hub, after, change, generation);
      return after;
    }
  }
  throw new Error(`the record of ${key} changed ${ATTEMPTS} times while it was being updated`);
}

/** Counts an instance's end, once: only one write moves its record there. */
function measureOutcome(hub: Hub, { name, createdTime }: InstanceRecord, change: StatusChange, generation: number) {
  const runtimeStatus = runtimeStatusOf(change.status, generation, change.output);
  if (hub.measure === undefined || !isFinished(runtimeStatus)) return;
  const outcome = change.status === 'TIMED_OUT' ? 'timedOut' : OUTCOME_OF[runtimeStatus];
  const at = change.stopDate ?? hub.now();
  hub.measure(
    renderMeasurement({
      at,
      metrics: {
        [OUTCOME_METRICS[outcome]]: { value: 1, unit: 'Count' },
        [DURATION_METRIC]: { value: (at - Date.parse(createdTime)) / 1000, unit: 'Seconds' },
      },
      dimensions: { [METRIC_DIMENSIONS.hub]: hub.settings.tableName, [METRIC_DIMENSIONS.orchestration]: name },
      by: [[METRIC_DIMENSIONS.hub], [METRIC_DIMENSIONS.hub, METRIC_DIMENSIONS.orchestration]],
    }),
  );
}

/** Terminate marks the record; a generation that continue-as-new started meanwhile is stopped as soon as it shows. */
async function stopIfMarked(
  hub: Hub,
  record: InstanceRecord,
  change: StatusChange,
  statusOrder: number,
): Promise<void> {
  if (record.terminateReason === undefined || record.statusOrder !== statusOrder || change.status !== 'RUNNING') return;
  await stopExecution(hub, change.executionArn, record.terminateReason);
}

/** Events leave out what is too large for them. */
async function completePayload(hub: Hub, change: StatusChange, needsInput: boolean): Promise<StatusChange> {
  const lacksOutput = change.status === 'SUCCEEDED' && change.output === undefined;
  if (!lacksOutput && !(needsInput && change.input === undefined)) return change;
  const described = await tryDescribeExecution(hub, change.executionArn);
  return described === undefined ? change : { ...described, status: change.status, redriveCount: change.redriveCount };
}

interface Place {
  readonly key: string;
  readonly generation: number;
  readonly statusOrder: number;
  readonly needsInput: boolean;
}

function renderChange(hub: Hub, record: InstanceRecord | undefined, change: StatusChange, place: Place) {
  const { key, generation, statusOrder, needsInput } = place;
  const runtimeStatus = runtimeStatusOf(change.status, generation, change.output);
  const over = isFinished(runtimeStatus);
  const at = (over ? change.stopDate : change.redriveDate) ?? change.stopDate ?? change.startDate;
  const expiresAt = over ? expiryOfFinished(hub, at) : expiryOfLive(hub);
  const parts: PlacedText[] = [];
  const placed = (kind: 'input' | 'output', text: string, version: number) => {
    const part = placeText(hub, key, kind, text, version, expiresAt);
    parts.push(part);
    return part.changes;
  };
  const input = needsInput ? tryInput(record, change) : undefined;
  const changes = mergeChanges(
    { remove: ['output', 'outputPart', 'error', 'cause', ...NOTHING_DUE] },
    {
      set: {
        ...(over
          ? {}
          : whatIsDue(hub, recordKey(key), record ?? { createdTime: isoTime(change.startDate) }, runtimeStatus)),
        ...updatedTime(record, at),
        runtimeStatus,
        statusOrder,
        generation,
        [EXPIRES_AT_ATTRIBUTE]: expiresAt,
        error: over ? (change.error ?? (change.status === 'TIMED_OUT' ? 'States.Timeout' : undefined)) : undefined,
        cause: over ? change.cause?.slice(0, MAX_CAUSE_LENGTH) : undefined,
      },
    },
    record === undefined ? born(hub, key, change) : {},
    input === undefined ? {} : placed('input', input, generation),
    runtimeStatus === 'Completed' && change.output !== undefined ? placed('output', change.output, statusOrder) : {},
  );
  return { changes, parts };
}

/** The input to store. An execution that goes on for the one before has the instance's input inside of its own; a small one is in the record already, a large one is stored anew, so that it doesn't expire. */
function tryInput(record: InstanceRecord | undefined, { input }: StatusChange): string | undefined {
  const original = input === undefined ? undefined : tryOriginalInput(input);
  if (original === undefined) return input;
  return record?.input === undefined ? original : undefined;
}

/** A run that goes on is looked at now and then; one that is to be stopped, or whose next generation hasn't shown, soon. */
export function whatIsDue(
  hub: Hub,
  key: ItemKey,
  { createdTime, terminateReason }: Pick<InstanceRecord, 'createdTime' | 'terminateReason'>,
  runtimeStatus: RuntimeStatus,
): DueAttributes {
  return runtimeStatus === 'Running' && terminateReason === undefined
    ? dueForCheck(hub, key, createdTime)
    : due(key, 'owed', hub.now() + GRACE);
}

/** What start would have written for an execution that it didn't start. */
function born(hub: Hub, key: string, change: StatusChange) {
  const input = tryInput(undefined, change);
  const stateMachineArn = stateMachineArnOf(change.executionArn);
  const known = Object.entries(hub.settings.orchestrations).find(([, arn]) => arn === stateMachineArn);
  const createdTime = isoTime(change.startDate);
  return {
    set: {
      instanceId: key,
      // A machine that is newer than what this function was told is called as its name says.
      name: known?.[0] ?? orchestrationOfMachine(stateMachineArn.split(':').slice(6).join(':')),
      stateMachineArn,
      epoch: 1,
      createdTime,
      inputDigest: input === undefined ? undefined : readJsonInput(input, 'input').digest,
      ...listingAttributes(key, createdTime),
    },
  };
}

/** Asks Step Functions; undefined when it knows no such execution (never started, or ended more than 90 days ago). */
export async function tryDescribeExecution(hub: Hub, executionArn: string): Promise<StatusChange | undefined> {
  try {
    const found = await hub.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return {
      executionArn,
      name: found.name ?? '',
      status: found.status ?? 'RUNNING',
      startDate: found.startDate?.getTime() ?? hub.now(),
      redriveCount: found.redriveCount ?? 0,
      ...(found.stopDate === undefined ? {} : { stopDate: found.stopDate.getTime() }),
      ...(found.redriveDate === undefined ? {} : { redriveDate: found.redriveDate.getTime() }),
      ...(found.input === undefined ? {} : { input: found.input }),
      ...(found.output === undefined ? {} : { output: found.output }),
      ...(found.error === undefined ? {} : { error: found.error }),
      ...(found.cause === undefined ? {} : { cause: found.cause }),
    };
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}
