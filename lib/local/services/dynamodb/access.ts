import { isJsonArray, isJsonObject, type JsonObject, tryOwn } from '../../../asl/language/json.js';
import type { TableModel } from './table-model.js';
import { TRANSACT_ACTIONS } from './transactions.js';

/** What an operation touches, in IAM's words. */
export interface TableAccess {
  readonly action: string;
  readonly table: TableModel;
  /** An index instead of the table itself. */
  readonly index?: string;
  /** The condition keys of the call: which rows and which attributes it is about, and what it gets back. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
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
    default:
      return [accessOf(operation, tableOf(body), [body])];
  }
}

function batchAccesses(action: string, body: JsonObject, tableOf: (request: JsonObject) => TableModel) {
  const requests = isJsonObject(body['RequestItems']) ? body['RequestItems'] : {};
  return Object.entries(requests).map(([name, value]): TableAccess => {
    const table = tableOf({ TableName: name });
    if (isJsonObject(value)) return accessOf(action, table, [value, ...keysOf(value)]);
    const writes = isJsonArray(value) ? value.filter(isJsonObject).flatMap((write) => Object.values(write)) : [];
    return accessOf(action, table, writes.filter(isJsonObject));
  });
}

function keysOf({ Keys }: JsonObject): readonly JsonObject[] {
  return isJsonArray(Keys) ? Keys.map((Key) => ({ Key })) : [];
}

function transactAccesses(body: JsonObject, tableOf: (request: JsonObject) => TableModel): readonly TableAccess[] {
  const items = isJsonArray(body['TransactItems']) ? body['TransactItems'].filter(isJsonObject) : [];
  const actions: Readonly<Record<string, string>> = { ...TRANSACT_ACTIONS, Get: 'GetItem' };
  return items.flatMap((item) =>
    Object.entries(item).flatMap(([name, request]) =>
      isJsonObject(request) ? [accessOf(tryOwn(actions, name) ?? name, tableOf(request), [request])] : [],
    ),
  );
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
function accessOf(action: string, table: TableModel, requests: readonly JsonObject[]): TableAccess {
  const [request = {}] = requests;
  const index = tryText(request['IndexName']);
  const hashKey = index === undefined ? table.hashKey : (table.indexes.get(index) ?? '');
  const leadingKeys = requests.flatMap((one) => tryLeadingKey(one, hashKey) ?? []);
  const attributes = [...new Set(requests.flatMap(attributesIn))];
  const isBatchWrite = action === 'BatchWriteItem';
  return {
    action,
    table,
    ...(index === undefined ? {} : { index }),
    context: {
      ...(leadingKeys.length === 0 ? {} : { 'dynamodb:LeadingKeys': leadingKeys }),
      ...(attributes.length === 0 ? {} : { 'dynamodb:Attributes': attributes }),
      ...(READS.has(action) ? { 'dynamodb:Select': selectOf(request) } : {}),
      ...(READS.has(action) || isBatchWrite
        ? {}
        : { 'dynamodb:ReturnValues': tryText(request['ReturnValues']) ?? 'NONE' }),
    },
  };
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);

function selectOf(request: JsonObject): string {
  if (request['ProjectionExpression'] !== undefined || request['AttributesToGet'] !== undefined) {
    return 'SPECIFIC_ATTRIBUTES';
  }
  const whole = request['IndexName'] === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
  return tryText(request['Select']) ?? whole;
}

/** The partition key's value: of an item, a key, or a key condition, which allows only `pk = :value [AND …]` for it. */
function tryLeadingKey(request: JsonObject, hashKey: string): string | undefined {
  const source = request['Key'] ?? request['Item'];
  if (isJsonObject(source)) return tryScalar(tryOwn(source, hashKey));
  const expression = tryText(request['KeyConditionExpression']);
  if (expression === undefined) return tryLeadingKeyOfOld(request, hashKey);
  const values = isJsonObject(request['ExpressionAttributeValues']) ? request['ExpressionAttributeValues'] : {};
  for (const [, left = '', right = ''] of expression.matchAll(/([#:]?[\w.-]+)\s*=\s*([#:]?[\w.-]+)/g)) {
    const [name, value] = left.startsWith(':') ? [right, left] : [left, right];
    if (nameOf(request, name) === hashKey) return tryScalar(tryOwn(values, value));
  }
  return undefined;
}

/** `KeyConditions`, which expressions have replaced. */
function tryLeadingKeyOfOld({ KeyConditions }: JsonObject, hashKey: string): string | undefined {
  const condition = isJsonObject(KeyConditions) ? tryOwn(KeyConditions, hashKey) : undefined;
  const values = isJsonObject(condition) ? condition['AttributeValueList'] : undefined;
  return isJsonArray(values) ? tryScalar(values[0]) : undefined;
}

const EXPRESSIONS = [
  'KeyConditionExpression',
  'FilterExpression',
  'ProjectionExpression',
  'ConditionExpression',
  'UpdateExpression',
];
/** Members whose own members are named after attributes; all but the first two are what expressions have replaced. */
const BY_NAME = ['Key', 'Item', 'KeyConditions', 'QueryFilter', 'ScanFilter', 'AttributeUpdates', 'Expected'];
const KEYWORDS: ReadonlySet<string> = new Set(['SET', 'REMOVE', 'ADD', 'DELETE', 'AND', 'OR', 'NOT', 'BETWEEN', 'IN']);

/** Every attribute, by its top-level name, that a request writes, asks for or makes a condition of. */
function attributesIn(request: JsonObject): readonly string[] {
  const named = BY_NAME.flatMap((member) => {
    const value = request[member];
    return isJsonObject(value) ? Object.keys(value) : [];
  });
  const asked = request['AttributesToGet'];
  const inExpressions = EXPRESSIONS.flatMap((member) => pathsIn(tryText(request[member]) ?? ''));
  return [
    ...named,
    ...(isJsonArray(asked) ? asked.map(String) : []),
    ...inExpressions.map((name) => nameOf(request, name)),
  ];
}

/** The first name of each path in an expression: no values, no functions, no keywords, and nothing after a dot. */
function pathsIn(expression: string): readonly string[] {
  const names = expression.matchAll(/(?<![\w#:.])#?[A-Za-z_]\w*(?!\w|\s*\()/g);
  return [...names].map(([name]) => name).filter((name) => !KEYWORDS.has(name.toUpperCase()));
}

function nameOf({ ExpressionAttributeNames: names }: JsonObject, name: string): string {
  return (isJsonObject(names) ? tryText(tryOwn(names, name)) : undefined) ?? name;
}

function tryText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tryScalar(value: unknown): string | undefined {
  return isJsonObject(value) ? tryText(value['S'] ?? value['N'] ?? value['B']) : undefined;
}
