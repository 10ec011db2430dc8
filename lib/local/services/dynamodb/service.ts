import { isJsonArray, isJsonObject, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import {
  readJsonBody,
  readOperation,
  stringMember,
  tryStringMember,
  unsupportedOperation,
  upperFirst,
} from '../protocol/aws-json.js';
import { accessesOf } from './access.js';
import { Gate } from './gate.js';
import { readKeys, readTable, type TableModel } from './table-model.js';
import { TableStore } from './table-store.js';
import { isExpired, keyOf, TimeToLive } from './time-to-live.js';
import { readTransactWrites, writeAll } from './transactions.js';

/** Operations on items, which functions and state machines call. */
const ITEM_OPERATIONS = new Set([
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'TransactGetItems',
  'TransactWriteItems',
]);

/** Operations on a table that dynalite does as they are. */
const TABLE_OPERATIONS = new Set(['DescribeTable', 'DeleteTable', 'UpdateTable']);

/** How long a `ClientRequestToken` makes a repeated transaction a no-op. */
const TRANSACTION_TOKEN_MS = 600_000;

/**
 * Amazon DynamoDB: the template's tables, in memory.
 *
 * Owns the tables, their TTL on the cloud's clock (see {@link TimeToLive}), transactions, and the IAM checks. Streams, PartiQL, backups and global
 * replicas are refused by name.
 */
export class DynamoDbService implements CloudService {
  readonly names = ['dynamodb'];
  readonly resourceTypes = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];
  private readonly store = new TableStore();
  private readonly tables = new Map<string, TableModel>();
  private readonly timeToLive = new TimeToLive();
  private readonly gate = new Gate();
  private readonly transactions = new Map<string, { readonly request: string; readonly until: number }>();

  constructor(private readonly cloud: Cloud) {}

  async deploy(resource: Resource): Promise<void> {
    const { model, createTable } = readTable(resource, this.cloud.region);
    await this.store.createTable(createTable);
    this.tables.set(model.name, model);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    return renderJson(await this.request(readOperation(request), readJsonBody(request), request.caller));
  }

  supports(action: string): string | undefined {
    const operation = upperFirst(action);
    if (ITEM_OPERATIONS.has(operation) || operation === 'DescribeTable') return undefined;
    return `the local cloud doesn't run dynamodb:${action}`;
  }

  call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    return this.request(upperFirst(action), parameters, caller);
  }

  private request(operation: string, body: JsonObject, caller: Caller): Promise<JsonObject> {
    return this.cloud.clock.track(this.dispatch(operation, withTableNames(body), caller));
  }

  private async dispatch(operation: string, body: JsonObject, caller: Caller): Promise<JsonObject> {
    if (ITEM_OPERATIONS.has(operation)) return this.itemOperation(operation, body, caller);
    if (operation === 'ListTables') return this.listTables(operation, body, caller);
    if (operation === 'CreateTable') return this.createTable(body, caller);
    const table = this.tableOf(body);
    this.authorize(caller, operation, this.arnOf(table));
    if (operation === 'DescribeTimeToLive') return { TimeToLiveDescription: describeTimeToLive(table) };
    if (operation === 'UpdateTimeToLive') return this.updateTimeToLive(table, body);
    if (operation === 'DescribeContinuousBackups') return describeBackups(table);
    if (!TABLE_OPERATIONS.has(operation)) throw unsupportedOperation('dynamodb', operation);
    if (operation === 'DeleteTable') this.tables.delete(table.name);
    return this.withOurArns(await this.gate.shared(() => this.store.request(operation, body)));
  }

  private async itemOperation(operation: string, body: JsonObject, caller: Caller): Promise<JsonObject> {
    for (const access of accessesOf(operation, body, (request) => this.tableOf(request))) {
      const arn = this.arnOf(access.table);
      const resource = access.index === undefined ? arn : `${arn}/index/${access.index}`;
      this.authorize(caller, access.action, resource, access.leadingKeys);
    }
    await this.deleteExpired();
    switch (operation) {
      case 'TransactWriteItems':
        return this.gate.alone(() => this.transactWrite(body));
      case 'TransactGetItems':
        return this.gate.alone(() => this.transactGet(body));
      default:
        if (body['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD') {
          return this.gate.alone(() => this.writeReturningOld(operation, body));
        }
        return this.gate.shared(() => this.write(operation, body));
    }
  }

  private async write(operation: string, body: JsonObject): Promise<JsonObject> {
    const { ReturnValuesOnConditionCheckFailure: _, ...request } = body;
    const answer = await this.store.request(operation, request);
    await this.noteExpiries(operation, body);
    return answer;
  }

  /** dynalite doesn't know `ReturnValuesOnConditionCheckFailure`; alone at the gate, the item is still what the condition saw. */
  private async writeReturningOld(operation: string, body: JsonObject): Promise<JsonObject> {
    try {
      return await this.write(operation, body);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.name !== 'ConditionalCheckFailedException') throw error;
      const source = body['Key'] ?? body['Item'];
      const table = this.tableOf(body);
      const Key = isJsonObject(source) ? keyOf(table, source) : {};
      const { Item } = await this.store.request('GetItem', { TableName: table.name, Key, ConsistentRead: true });
      throw new ServiceError(error.name, error.message, error.status, Item === undefined ? {} : { Item });
    }
  }

  private async transactWrite(body: JsonObject): Promise<JsonObject> {
    const token = tryStringMember(body, 'ClientRequestToken');
    if (token !== undefined && this.isRepeated(token, body)) return {};
    const writes = readTransactWrites(body, (request) => this.tableOf(request));
    await writeAll(this.store, writes);
    for (const { name, request } of writes) {
      if (name !== 'ConditionCheck') await this.noteExpiries(`${name}Item`, request);
    }
    if (token !== undefined) {
      const until = this.cloud.clock.now() + TRANSACTION_TOKEN_MS;
      this.transactions.set(token, { request: JSON.stringify(body['TransactItems']), until });
    }
    return {};
  }

  private isRepeated(token: string, body: JsonObject): boolean {
    const earlier = this.transactions.get(token);
    if (earlier === undefined || earlier.until < this.cloud.clock.now()) return false;
    if (earlier.request === JSON.stringify(body['TransactItems'])) return true;
    throw new ServiceError(
      'IdempotentParameterMismatchException',
      'Request was previously completed with the same client token but different parameters.',
    );
  }

  private async transactGet(body: JsonObject): Promise<JsonObject> {
    const items = isJsonArray(body['TransactItems']) ? body['TransactItems'].filter(isJsonObject) : [];
    const responses: JsonObject[] = [];
    for (const { Get } of items) {
      if (!isJsonObject(Get)) throw new ServiceError('ValidationException', 'TransactItems can only contain Get');
      const request = { ...Get, TableName: this.tableOf(Get).name, ConsistentRead: true };
      responses.push(await this.store.request('GetItem', request));
    }
    return { Responses: responses };
  }

  private async noteExpiries(operation: string, body: JsonObject): Promise<void> {
    if (operation === 'BatchWriteItem') return this.noteBatch(body);
    if (operation !== 'PutItem' && operation !== 'UpdateItem') return;
    const table = this.tableOf(body);
    if (table.timeToLiveAttribute === undefined) return;
    if (isJsonObject(body['Item'])) return this.timeToLive.note(table, body['Item']);
    if (!isJsonObject(body['Key']) || !JSON.stringify(body).includes(table.timeToLiveAttribute)) return;
    const { Item } = await this.store.request('GetItem', { TableName: table.name, Key: body['Key'] });
    if (isJsonObject(Item)) this.timeToLive.note(table, Item);
  }

  private noteBatch(body: JsonObject): void {
    const requests = isJsonObject(body['RequestItems']) ? body['RequestItems'] : {};
    for (const [name, writes] of Object.entries(requests)) {
      const table = this.tableOf({ TableName: name });
      for (const write of isJsonArray(writes) ? writes.filter(isJsonObject) : []) {
        const put = write['PutRequest'];
        if (isJsonObject(put) && isJsonObject(put['Item'])) this.timeToLive.note(table, put['Item']);
      }
    }
  }

  private async deleteExpired(): Promise<void> {
    const now = this.cloud.clock.now();
    const due = this.timeToLive.takeDue(now);
    if (due.length === 0) return;
    await this.gate.alone(async () => {
      for (const { table, key } of due) {
        const { Item } = await this.store.request('GetItem', { TableName: table.name, Key: key });
        if (isJsonObject(Item) && isExpired(table, Item, now)) {
          await this.store.request('DeleteItem', { TableName: table.name, Key: key });
        }
      }
    });
  }

  private async createTable(body: JsonObject, caller: Caller): Promise<JsonObject> {
    const name = stringMember(body, 'TableName');
    this.authorize(caller, 'CreateTable', this.arnOf({ name }));
    const { SSESpecification: _1, TableClass: _2, DeletionProtectionEnabled: _3, ...request } = body;
    if (isJsonObject(body['StreamSpecification']) && body['StreamSpecification']['StreamEnabled'] === true) {
      throw unsupportedOperation('dynamodb', 'CreateTable with a stream');
    }
    const answer = await this.store.request('CreateTable', request);
    const keySchema = isJsonArray(body['KeySchema']) ? body['KeySchema'].filter(isJsonObject) : [];
    const keys = keySchema.map((key) => ({
      AttributeName: String(key['AttributeName']),
      KeyType: String(key['KeyType']),
    }));
    this.tables.set(name, { ...readKeys(name, keys), pointInTimeRecovery: false });
    return this.withOurArns(answer);
  }

  private async listTables(operation: string, body: JsonObject, caller: Caller): Promise<JsonObject> {
    this.authorize(caller, operation, '*');
    return this.store.request(operation, body);
  }

  private updateTimeToLive(table: TableModel, body: JsonObject): JsonObject {
    const specification = isJsonObject(body['TimeToLiveSpecification']) ? body['TimeToLiveSpecification'] : {};
    const { timeToLiveAttribute: _, ...rest } = table;
    const enabled = specification['Enabled'] === true;
    const attribute = stringMember(specification, 'AttributeName');
    this.tables.set(table.name, enabled ? { ...rest, timeToLiveAttribute: attribute } : rest);
    return { TimeToLiveSpecification: specification };
  }

  private tableOf(request: JsonObject): TableModel {
    const name = stringMember(request, 'TableName').replace(/^arn:.*:table\//, '');
    const table = this.tables.get(name);
    if (table === undefined) throw new ServiceError('ResourceNotFoundException', 'Requested resource not found');
    return table;
  }

  private arnOf({ name }: { readonly name: string }): string {
    const { partition, region, accountId } = this.cloud;
    return `arn:${partition}:dynamodb:${region}:${accountId}:table/${name}`;
  }

  private authorize(caller: Caller, operation: string, resource: string, leadingKeys?: readonly string[]): void {
    const context = leadingKeys === undefined ? {} : { context: { 'dynamodb:LeadingKeys': leadingKeys } };
    this.cloud.authorize({ caller, action: `dynamodb:${operation}`, resource, ...context });
  }

  /** dynalite makes ARNs of an account of its own. */
  private withOurArns(answer: JsonObject): JsonObject {
    const text = JSON.stringify(answer).replace(/arn:aws:dynamodb:[\w-]*:\d*:table\//g, this.arnOf({ name: '' }));
    return JSON.parse(text) as JsonObject;
  }
}

/** DynamoDB takes a table's ARN wherever it takes a name; dynalite takes names only. */
function withTableNames(body: JsonObject): JsonObject {
  const name = body['TableName'];
  if (typeof name !== 'string' || !name.startsWith('arn:')) return body;
  return { ...body, TableName: name.replace(/^arn:.*:table\//, '') };
}

function describeTimeToLive({ timeToLiveAttribute }: TableModel): JsonObject {
  if (timeToLiveAttribute === undefined) return { TimeToLiveStatus: 'DISABLED' };
  return { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLiveAttribute };
}

function describeBackups({ pointInTimeRecovery }: TableModel): JsonObject {
  const status = pointInTimeRecovery ? 'ENABLED' : 'DISABLED';
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
    },
  };
}
