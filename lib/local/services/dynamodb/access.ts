import { isJsonArray, isJsonObject, type JsonObject, tryOwn } from '../../../asl/language/json.js';
import type { TableModel } from './table-model.js';
import { TRANSACT_ACTIONS } from './transactions.js';

/** What an operation touches, in IAM's words. */
export interface TableAccess {
  readonly action: string;
  readonly table: TableModel;
  /** An index instead of the table itself. */
  readonly index?: string;
  /** The values of the partition key, for `dynamodb:LeadingKeys`; absent when the call doesn't name one. */
  readonly leadingKeys?: readonly string[];
}

/** The accesses that IAM checks for an operation on items. `tableOf` finds the table that a request names. */
export function accessesOf(
  operation: string,
  body: JsonObject,
  tableOf: (request: JsonObject) => TableModel,
): readonly TableAccess[] {
  switch (operation) {
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return batchAccesses(operation, body, tableOf);
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return transactAccesses(body, tableOf);
    case 'Query':
    case 'Scan':
      return [queryAccess(operation, body, tableOf(body))];
    default:
      return [{ action: operation, table: tableOf(body), ...itemKeys(tableOf(body), [body]) }];
  }
}

function batchAccesses(action: string, body: JsonObject, tableOf: (request: JsonObject) => TableModel) {
  const requests = isJsonObject(body['RequestItems']) ? body['RequestItems'] : {};
  return Object.entries(requests).map(([name, value]): TableAccess => {
    const table = tableOf({ TableName: name });
    const keys = isJsonObject(value) && isJsonArray(value['Keys']) ? value['Keys'].map((Key) => ({ Key })) : [];
    const writes = isJsonArray(value) ? value.filter(isJsonObject).flatMap((write) => Object.values(write)) : [];
    return { action, table, ...itemKeys(table, [...keys, ...writes.filter(isJsonObject)]) };
  });
}

function transactAccesses(body: JsonObject, tableOf: (request: JsonObject) => TableModel): readonly TableAccess[] {
  const items = isJsonArray(body['TransactItems']) ? body['TransactItems'].filter(isJsonObject) : [];
  const actions: Readonly<Record<string, string>> = { ...TRANSACT_ACTIONS, Get: 'GetItem' };
  return items.flatMap((item) =>
    Object.entries(item).flatMap(([name, request]) => {
      if (!isJsonObject(request)) return [];
      const table = tableOf(request);
      return [{ action: tryOwn(actions, name) ?? name, table, ...itemKeys(table, [request]) }];
    }),
  );
}

function queryAccess(action: string, body: JsonObject, table: TableModel): TableAccess {
  const index = typeof body['IndexName'] === 'string' ? { index: body['IndexName'] } : {};
  const leadingKeys = tryLeadingKeyOfQuery(body, table);
  return { action, table, ...index, ...(leadingKeys === undefined ? {} : { leadingKeys: [leadingKeys] }) };
}

/** The partition key's value in `pk = :value [AND …]`, the only form that a key condition allows for it. */
function tryLeadingKeyOfQuery(body: JsonObject, table: TableModel): string | undefined {
  const expression = body['KeyConditionExpression'];
  const names = isJsonObject(body['ExpressionAttributeNames']) ? body['ExpressionAttributeNames'] : {};
  const values = isJsonObject(body['ExpressionAttributeValues']) ? body['ExpressionAttributeValues'] : {};
  if (typeof expression !== 'string') return undefined;
  for (const [, name = '', value = ''] of expression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)) {
    if ((tryOwn(names, name) ?? name) === table.hashKey) return tryScalar(tryOwn(values, value));
  }
  return undefined;
}

function itemKeys(table: TableModel, requests: readonly JsonObject[]): { readonly leadingKeys?: readonly string[] } {
  const keys = requests.flatMap((request) => {
    const source = request['Key'] ?? request['Item'];
    const key = isJsonObject(source) ? tryScalar(tryOwn(source, table.hashKey)) : undefined;
    return key === undefined ? [] : [key];
  });
  return keys.length === 0 ? {} : { leadingKeys: keys };
}

function tryScalar(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const scalar = value['S'] ?? value['N'] ?? value['B'];
  return typeof scalar === 'string' ? scalar : undefined;
}
