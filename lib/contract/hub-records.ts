import { encodeName } from './names.js';

/**
 * The hub's table as its writers see it: the hub's functions, and state machines (custom status).
 *
 * Every item has `pk` and `sk` strings; `expiresAt` (epoch seconds) is the time-to-live attribute. What clients may read and write of one instance shares its
 * partition `instance#<key>`:
 *
 * | sk | holds |
 * |---|---|
 * | `record` | the instance: status, times, small input and output, custom status |
 * | `record#input`, `record#output` | an input or output too large to be rewritten with each status change |
 * | `inbox#<epoch>#<event name>` | waits and deliveries of that name; one versioned item, so one conditional write decides |
 * | `queue#<epoch>#<encoded event name>#<number>` | an event of that name that no wait has met, in the order in which they were raised |
 * | `event#<epoch>#<event id>` | a large event's payload |
 *
 * What decides approvals is in partitions of its own, which IAM shuts to everybody but the functions of the approval desk and the sweeper:
 *
 * | pk | sk | holds |
 * |---|---|---|
 * | `approvals#<key>` | `approval#<digest>` | an approval of that instance: what was asked, of whom, what was decided, the token of the task that waits |
 * | `approval-link#<digest of the link>` | `link` | where a link leads; the link itself is in the mail alone |
 *
 * The epoch is the generation at which the instance was last started or restarted; continue-as-new keeps it, and so keeps the inbox.
 */
export const INSTANCE_RECORD = 'record';
export const INPUT_PART = 'record#input';
export const OUTPUT_PART = 'record#output';

/** The partition of an instance. */
export function instancePartition(key: string): string {
  return `instance#${key}`;
}

/** The partition of an instance's approvals. */
export function approvalsPartition(key: string): string {
  return `approvals#${key}`;
}

/** The partition of a link, by its digest. */
export function linkPartition(hash: string): string {
  return `approval-link#${hash}`;
}

/** The key of the instance whose partition it is. */
export function instanceOfPartition(pk: string): string {
  return pk.slice(pk.indexOf('#') + 1);
}

/** Partitions as IAM knows them: patterns of partition keys, for grants on the table and on its indexes. */
export const HUB_ROWS = {
  /** Records, inboxes and events of instances. */
  instances: instancePartition('*'),
  approvals: approvalsPartition('*'),
  links: linkPartition('*'),
  /** Of {@link LISTING_INDEX}. */
  listing: 'list#*',
  /** Of {@link DUE_INDEX}: what is owed, and what is looked at. */
  owed: 'owed#*',
  checks: 'check#*',
} as const;

/** The sort key of the inbox for one event name. */
export function inboxSortKey(epoch: number, eventName: string): string {
  return `inbox#${epoch}#${eventName}`;
}

/** What the sort keys of the queue for one event name begin with. */
export function queuePrefix(epoch: number, eventName: string): string {
  return `queue#${epoch}#${encodeName(eventName)}#`;
}

/** The sort key of a queued event: keys are in the order of the numbers. */
export function queueSortKey(epoch: number, eventName: string, number: number): string {
  return `${queuePrefix(epoch, eventName)}${String(number).padStart(12, '0')}`;
}

/** The sort key of a large event's payload. */
export function eventSortKey(epoch: number, eventId: string): string {
  return `event#${epoch}#${eventId}`;
}

/** The attribute that a state machine writes, as JSON text, to show its custom status. */
export const CUSTOM_STATUS_ATTRIBUTE = 'customStatus';

/** When the record last changed, ISO 8601; a custom status writes it too. */
export const LAST_UPDATED_ATTRIBUTE = 'lastUpdatedTime';

/**
 * What IAM lets a state machine do to the table, beside `dynamodb:UpdateItem`: change that attribute and the time of the last change of instances, and be told nothing of them. IAM knows no pattern for the own instance's
 * row: the key isn't known to a role.
 */
export const CUSTOM_STATUS_CONDITIONS = {
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [HUB_ROWS.instances] },
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sk', CUSTOM_STATUS_ATTRIBUTE, LAST_UPDATED_ATTRIBUTE] },
  StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE' },
  Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
};

/** The attribute DynamoDB reads an item's end of life from, in epoch seconds. */
export const EXPIRES_AT_ATTRIBUTE = 'expiresAt';

/** The index that lists instances by creation time. */
export const LISTING_INDEX = 'listing';

/** Partition key of {@link LISTING_INDEX}: several, so that a busy hub doesn't write to one partition. */
export const LISTING_SHARDS = ['list#0', 'list#1', 'list#2', 'list#3'] as const;

/** Attributes of {@link LISTING_INDEX} other than the keys: what filters read. */
export const LISTING_ATTRIBUTES = ['instanceId', 'name', 'runtimeStatus'] as const;

/**
 * The index of what is due: of items that owe a side effect, or that are to be looked at, and of no others. Its keys are attributes of the stored fact itself, written and removed by the very
 * write that stores it, so that neither can be without the other.
 */
export const DUE_INDEX = 'due';

/** What an item is due for: something that was promised and may not have been done; a look at whether an event was lost; or nothing any more, since it failed too often (`dead`). */
export type DueKind = 'owed' | 'check' | 'dead';

/** Partition keys of {@link DUE_INDEX} are `<kind>#<shard>`: several, so that a busy hub doesn't write to one partition. */
export const DUE_SHARDS = 8;

/** The attributes of {@link DUE_INDEX}'s keys: the second is epoch milliseconds. */
export const DUE_SHARD_ATTRIBUTE = 'dueShard';
export const DUE_AT_ATTRIBUTE = 'dueAt';

/** How often it failed. */
export const DUE_ATTEMPTS_ATTRIBUTE = 'dueAttempts';
