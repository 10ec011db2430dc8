import { randomInt } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Hub } from '../hub.js';
import { errorName, hubError } from '../hub-error.js';

/** A value of the hub's items: the hub keeps structures as JSON text. */
export type Scalar = string | number | boolean;

/** An item of the hub's table, flat. */
export type Item = Readonly<Record<string, Scalar>>;

/** The key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A condition in DynamoDB's language; names (`#x`) and values (`:x`) are given by {@link TableExpression.values}. */
export interface TableExpression {
  readonly text: string;
  /** `:name` → value. Attribute `name` is written `#name` in the text. */
  readonly values?: Item;
}

/** What an update sets and removes. */
export interface Changes {
  /** Attributes to set; `undefined` leaves one as it is. */
  readonly set?: Readonly<Record<string, Scalar | undefined>>;
  readonly remove?: readonly string[];
}

/** Reads one item, strongly consistent. */
export async function getItem(hub: Hub, key: ItemKey): Promise<Item | undefined> {
  const { Item } = await hub.dynamodb.send(
    new GetItemCommand({ TableName: hub.settings.tableName, Key: marshal({ ...key }), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : unmarshal(Item);
}

/**
 * Reads the items of a partition in the order of their sort keys, all or those whose sort key begins with a prefix: one page (1 MB, or `limit` items), strongly
 * consistent. DynamoDB refuses an empty prefix.
 */
export async function queryPartition(hub: Hub, pk: string, prefix?: string, limit?: number): Promise<readonly Item[]> {
  const condition = prefix === undefined ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :sk)';
  const { Items } = await hub.dynamodb.send(
    new QueryCommand({
      TableName: hub.settings.tableName,
      KeyConditionExpression: condition,
      ExpressionAttributeNames: namesIn(condition),
      ...valuesOf({ ':pk': pk, ...(prefix === undefined ? {} : { ':sk': prefix }) }),
      ConsistentRead: true,
      ...(limit === undefined ? {} : { Limit: limit }),
    }),
  );
  return (Items ?? []).map(unmarshal);
}

/** Writes an item if the condition holds; false when it doesn't. */
export async function putItem(hub: Hub, item: Item & ItemKey, condition: TableExpression): Promise<boolean> {
  return unlessConditionFails(() =>
    hub.dynamodb.send(
      new PutItemCommand({
        TableName: hub.settings.tableName,
        Item: marshal(item),
        ConditionExpression: condition.text,
        ExpressionAttributeNames: namesIn(condition.text),
        ...valuesOf(condition.values),
      }),
    ),
  );
}

/** Changes an item (or makes it) if the condition holds; false when it doesn't. */
export async function updateItem(
  hub: Hub,
  key: ItemKey,
  changes: Changes,
  condition: TableExpression,
): Promise<boolean> {
  const set = Object.entries(changes.set ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value }],
  );
  const remove = changes.remove ?? [];
  const text = [
    set.length === 0 ? '' : `SET ${set.map(({ name }) => `#${name} = :set_${name}`).join(', ')}`,
    remove.length === 0 ? '' : `REMOVE ${remove.map((name) => `#${name}`).join(', ')}`,
  ].join(' ');
  return unlessConditionFails(() =>
    hub.dynamodb.send(
      new UpdateItemCommand({
        TableName: hub.settings.tableName,
        Key: marshal({ ...key }),
        UpdateExpression: text,
        ConditionExpression: condition.text,
        ExpressionAttributeNames: namesIn(`${text} ${condition.text}`),
        ...valuesOf({
          ...condition.values,
          ...Object.fromEntries(set.map(({ name, value }) => [`:set_${name}`, value])),
        }),
      }),
    ),
  );
}

/** A counter in an item, and the attribute that holds how far it may count. */
export interface Counter {
  readonly counter: string;
  readonly limit: string;
  /** The limit, as long as nobody has set one. */
  readonly initialLimit: number;
  /** Attributes to set along with it. */
  readonly set: Item;
}

/** Counts up by one and gives the number; undefined at the limit. Never in another writer's way. */
export async function tryCountUp(
  hub: Hub,
  key: ItemKey,
  { counter, limit, initialLimit, set }: Counter,
): Promise<number | undefined> {
  const more = Object.keys(set).map((name) => `#${name} = :${name}`);
  const update = `SET ${[`#${counter} = if_not_exists(#${counter}, :zero) + :one`, `#${limit} = if_not_exists(#${limit}, :initial)`, ...more].join(', ')}`;
  const condition = `attribute_not_exists(#${counter}) OR #${counter} < #${limit}`;
  let counted: number | undefined;
  await unlessConditionFails(async () => {
    const { Attributes } = await hub.dynamodb.send(
      new UpdateItemCommand({
        TableName: hub.settings.tableName,
        Key: marshal({ ...key }),
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeNames: namesIn(update),
        ...valuesOf({
          ':zero': 0,
          ':one': 1,
          ':initial': initialLimit,
          ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        }),
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    counted = Number(unmarshal(Attributes ?? {})[counter]);
  });
  return counted;
}

const GET_BATCH = 100;
const WRITE_BATCH = 25;

/** How often a batch is sent: with the pauses between, at most seven seconds, after which the hub counts as busy. */
const BATCH_ATTEMPTS = 10;
const LONGEST_BATCH_PAUSE = 1_000;

/**
 * The pause before what DynamoDB left out of a batch is asked for again. The SDK tries only refused requests again, not what an accepted one leaves out; asked for at once, that is
 * left out again.
 */
async function backOff(hub: Hub, attempt: number): Promise<void> {
  if (attempt === 0) return;
  if (attempt === BATCH_ATTEMPTS) {
    throw hubError('HubUnavailable', {
      where: `the hub's table \`${hub.settings.tableName}\``,
      expected: `a batch that is processed within ${BATCH_ATTEMPTS} attempts`,
      got: 'items that DynamoDB left unprocessed each time',
      fix: 'try again',
    });
  }
  await hub.sleep(1 + randomInt(Math.min(50 * 2 ** attempt, LONGEST_BATCH_PAUSE)));
}

/** Reads items by key, in no particular order; what doesn't exist is missing. */
export async function getItems(hub: Hub, keys: readonly ItemKey[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let at = 0; at < keys.length; at += GET_BATCH) {
    let asked: Record<string, AttributeValue>[] | undefined = keys
      .slice(at, at + GET_BATCH)
      .map((key) => marshal({ ...key }));
    for (let attempt = 0; asked !== undefined && asked.length > 0; attempt++) {
      await backOff(hub, attempt);
      const answer: {
        Responses?: Record<string, Record<string, AttributeValue>[]>;
        UnprocessedKeys?: Record<string, { Keys?: Record<string, AttributeValue>[] }>;
      } = await hub.dynamodb.send(
        new BatchGetItemCommand({ RequestItems: { [hub.settings.tableName]: { Keys: asked, ConsistentRead: true } } }),
      );
      found.push(...(answer.Responses?.[hub.settings.tableName] ?? []).map(unmarshal));
      asked = answer.UnprocessedKeys?.[hub.settings.tableName]?.Keys;
    }
  }
  return found;
}

/** Deletes items by key. */
export async function deleteItems(hub: Hub, keys: readonly ItemKey[]): Promise<void> {
  for (let at = 0; at < keys.length; at += WRITE_BATCH) {
    let asked: WriteRequest[] | undefined = keys
      .slice(at, at + WRITE_BATCH)
      .map(({ pk, sk }) => ({ DeleteRequest: { Key: marshal({ pk, sk }) } }));
    for (let attempt = 0; asked !== undefined && asked.length > 0; attempt++) {
      await backOff(hub, attempt);
      const answer: { UnprocessedItems?: Record<string, WriteRequest[]> } = await hub.dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [hub.settings.tableName]: asked } }),
      );
      asked = answer.UnprocessedItems?.[hub.settings.tableName];
    }
  }
}

/** To DynamoDB's attribute values. */
export function marshal(item: Item): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, marshalScalar(value)]));
}

function marshalScalar(value: Scalar): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value };
}

/** From DynamoDB's attribute values; other types than the hub's own are left out. */
export function unmarshal(item: Readonly<Record<string, AttributeValue>>): Item {
  const entries = Object.entries(item).flatMap(([name, value]): [string, Scalar][] => {
    if (value.S !== undefined) return [[name, value.S]];
    if (value.N !== undefined) return [[name, Number(value.N)]];
    return value.BOOL === undefined ? [] : [[name, value.BOOL]];
  });
  return Object.fromEntries(entries);
}

function namesIn(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/#(\w+)/g)].map(([placeholder, name]) => [placeholder, name ?? '']));
}

function valuesOf(values: Item | undefined): { ExpressionAttributeValues?: Record<string, AttributeValue> } {
  return values === undefined || Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: marshal(values) };
}

async function unlessConditionFails(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
