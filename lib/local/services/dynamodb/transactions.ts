import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';
import type { TableModel } from './table-model.js';
import type { TableStore } from './table-store.js';
import { keyOf } from './time-to-live.js';

/** The actions of TransactWriteItems, and the IAM action each needs. */
export const TRANSACT_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

type ActionName = keyof typeof TRANSACT_ACTIONS;

/** One write of a transaction. */
export interface TransactWrite {
  readonly name: ActionName;
  readonly request: JsonObject;
  readonly table: TableModel;
  readonly key: JsonObject;
}

/** Reads the members of `TransactItems`; refuses two writes to one item, as DynamoDB does. */
export function readTransactWrites(
  body: JsonObject,
  tableOf: (request: JsonObject) => TableModel,
): readonly TransactWrite[] {
  const items = isJsonArray(body['TransactItems']) ? body['TransactItems'] : [];
  if (items.length === 0 || items.length > 100) {
    throw refusal(
      `1 validation error detected: Value '${items.length}' at 'transactItems' failed to satisfy constraint: Member must have length between 1 and 100`,
    );
  }
  const writes = items.map((item) => readWrite(item, tableOf));
  const keys = new Set(writes.map(({ table, key }) => `${table.name} ${JSON.stringify(key)}`));
  if (keys.size < writes.length) throw refusal('Transaction request cannot include multiple operations on one item');
  return writes;
}

function readWrite(item: Json, tableOf: (request: JsonObject) => TableModel): TransactWrite {
  const [entry, ...others] = isJsonObject(item) ? Object.entries(item) : [];
  if (entry === undefined || others.length > 0 || !isJsonObject(entry[1]) || !isActionName(entry[0])) {
    throw refusal('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  const [name, request] = entry;
  const table = tableOf(request);
  const source = request[name === 'Put' ? 'Item' : 'Key'];
  return { name, request, table, key: isJsonObject(source) ? keyOf(table, source) : {} };
}

function isActionName(name: string): name is ActionName {
  return Object.hasOwn(TRANSACT_ACTIONS, name);
}

/**
 * Makes all writes or none; the caller keeps everybody else out meanwhile.
 *
 * Each write is made with its condition, on top of what was there before; when one of them is refused, what was there before is put back. DynamoDB
 * checks every condition too, and tells the reason for each write.
 */
export async function writeAll(store: TableStore, writes: readonly TransactWrite[]): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  const reasons: JsonObject[] = [];
  try {
    for (const write of writes) {
      const before = await tryGet(store, write);
      const restore = () => putBack(store, write, before);
      undo.push(restore);
      reasons.push(await tryWrite(store, write, before));
      if (write.name === 'ConditionCheck') await restore();
    }
  } catch (error) {
    for (const restore of undo) await restore();
    throw error;
  }
  if (reasons.every(({ Code }) => Code === 'None')) return;
  for (const restore of undo) await restore();
  throw cancelled(reasons);
}

async function tryGet(store: TableStore, { table, key }: TransactWrite): Promise<JsonObject | undefined> {
  const { Item } = await store.request('GetItem', { TableName: table.name, Key: key, ConsistentRead: true });
  return isJsonObject(Item) ? Item : undefined;
}

async function tryWrite(store: TableStore, write: TransactWrite, before: JsonObject | undefined): Promise<JsonObject> {
  const { ReturnValuesOnConditionCheckFailure, ...request } = write.request;
  // An update without an expression evaluates a condition and changes nothing in an item that exists.
  const operation = write.name === 'ConditionCheck' ? 'UpdateItem' : TRANSACT_ACTIONS[write.name];
  try {
    await store.request(operation, { ...request, TableName: write.table.name });
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.name !== 'ConditionalCheckFailedException') throw error;
    const item: JsonObject =
      ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined ? { Item: before } : {};
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...item };
  }
}

function putBack(store: TableStore, { table, key }: TransactWrite, before: JsonObject | undefined): Promise<unknown> {
  if (before === undefined) return store.request('DeleteItem', { TableName: table.name, Key: key });
  return store.request('PutItem', { TableName: table.name, Item: before });
}

function cancelled(reasons: readonly JsonObject[]): ServiceError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

function refusal(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
