import { MAX_EVENT_ID_LENGTH, MAX_EVENT_NAME_LENGTH } from '../../contract/hub-limits.js';
import { EXPIRES_AT_ATTRIBUTE, eventSortKey, instancePartition } from '../../contract/hub-records.js';
import { parseExecutionName } from '../../contract/instance-id.js';
import type { Hub } from '../hub.js';
import { hubError, instanceNotFound, quote } from '../hub-error.js';
import { bringEvent, openWait } from '../lifecycle/event-delivery.js';
import { readJsonInput } from '../lifecycle/json-input.js';
import {
  expiryOfLive,
  type InstanceRecord,
  isOver,
  tryReadRecord,
  tryReadRecordByKey,
} from '../store/instance-record.js';
import { putItem } from '../store/table.js';

/** An event to raise. */
export interface RaiseEventRequest {
  readonly instanceId: string;
  readonly eventName: string;
  /** JSON text; nothing at all stands for `null`. */
  readonly payload: string;
  /** Raising an event again with the same id takes it once. @default - a random id */
  readonly eventId?: string;
}

/** Payloads up to this many bytes travel in the inbox itself. */
const INBOX_BYTES = 1_024;

/**
 * Raises an event: the workflow's wait gets it, or it is kept for the next wait of that name.
 *
 * @throws DurableStepsError `InvalidRequest`, `InstanceNotFound`, `InstanceFinished`, `InvalidJson`, `PayloadTooLarge`, `InboxFull`
 */
export async function raiseEvent(hub: Hub, request: RaiseEventRequest): Promise<void> {
  const eventName = checkEventName(request.eventName);
  const { text } = readJsonInput(request.payload, 'payload');
  const record = await readLive(hub, request.instanceId);
  const id = request.eventId === undefined ? hub.newId() : checkEventId(request.eventId);
  const inline = Buffer.byteLength(text) <= INBOX_BYTES;
  if (!inline) await storePayload(hub, record, id, text);
  const event = { id, raisedAt: hub.now(), ...(inline ? { payload: text } : {}) };
  await bringEvent(hub, { key: record.key, epoch: record.epoch, eventName }, event);
}

/**
 * The record of an instance that lives.
 *
 * @throws DurableStepsError `InstanceNotFound`, `InstanceFinished`
 */
export async function readLive(hub: Hub, instanceId: string): Promise<InstanceRecord> {
  const record = await tryReadRecord(hub, instanceId);
  if (record === undefined || record.purged) throw instanceNotFound(instanceId);
  if (isOver(record)) {
    throw hubError('InstanceFinished', {
      where: 'instanceId',
      expected: 'an instance that lives',
      got: `${quote(instanceId)}, which is ${record.runtimeStatus}`,
    });
  }
  return record;
}

async function storePayload(hub: Hub, { key, epoch }: InstanceRecord, id: string, payload: string): Promise<void> {
  await putItem(
    hub,
    { pk: instancePartition(key), sk: eventSortKey(epoch, id), payload, [EXPIRES_AT_ATTRIBUTE]: expiryOfLive(hub) },
    { text: 'attribute_not_exists(#pk)' },
  );
}

function checkEventId(id: string): string {
  if (id !== '' && id.length <= MAX_EVENT_ID_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(id)) return id;
  throw hubError('InvalidRequest', {
    where: 'eventId',
    expected: `1 to ${MAX_EVENT_ID_LENGTH} characters, none of them a control character`,
    got: id.length > MAX_EVENT_ID_LENGTH ? `${id.length} characters` : quote(id),
  });
}

function checkEventName(name: string): string {
  if (name !== '' && name.length <= MAX_EVENT_NAME_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(name)) return name;
  throw hubError('InvalidRequest', {
    where: 'eventName',
    expected: `1 to ${MAX_EVENT_NAME_LENGTH} characters, none of them a control character`,
    got: quote(name),
  });
}

/** What a workflow's state passes to the await function, by `lambda:invoke.waitForTaskToken`. */
export interface AwaitEventRequest {
  /** `$states.context.Task.Token` */
  readonly taskToken: string;
  /** `$states.context.Execution.Name`; the instance's key alone will do. */
  readonly instanceKey: string;
  /** State name, followed by the item's index inside a fan-out: unique among the waits that may be open at once. */
  readonly wait: string;
  /** The event's name. */
  readonly name: string;
  /** `$states.context.State.EnteredTime`. With it, a retry of the same wait is told from the same state entered once more. */
  readonly enteredAt?: string;
  /** The state's `TimeoutSeconds`, so that an event that meets a wait whose time is up is kept for the next. */
  readonly timeoutSeconds?: number;
}

/** Registers a wait; answers it at once when an event is there. Safe to repeat, with the same token or a new one. */
export async function awaitEvent(hub: Hub, request: AwaitEventRequest): Promise<void> {
  const { key } = parseExecutionName(request.instanceKey);
  const record = await tryReadRecordByKey(hub, key);
  const entered = request.enteredAt === undefined ? hub.now() : Date.parse(request.enteredAt);
  const wait = {
    wait: request.wait,
    token: request.taskToken,
    entry: request.enteredAt ?? '',
    ...(request.timeoutSeconds === undefined ? {} : { deadline: entered + request.timeoutSeconds * 1000 }),
  };
  await openWait(hub, { key, epoch: record?.epoch ?? 1, eventName: request.name }, wait);
}
