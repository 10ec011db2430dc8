import { isJsonArray, isJsonObject, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import { type Caller, type Cloud, type CloudService, ServiceError } from '../../cloud/service.js';
import { awsJson, stringMember, tryStringMember } from '../protocol/aws-json.js';
import {
  lowerFirst,
  type NeededGrant,
  type Operation,
  type Operations,
  OperationsApi,
  unsupportedOperation,
} from '../protocol/service-api.js';
import { accessesOf, type TableAccess } from './access.js';
import { Gate } from './gate.js';
import { readKeys, readTable, type TableModel } from './table-model.js';
import { TableStore } from './table-store.js';
import { isPastTimeToLive, keyOf, TimeToLive } from './time-to-live.js';
import { readTransactWrites, writeAll } from './transactions.js';

/** Operations on items outside of transactions. */
const ITEM_OPERATIONS = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
];

/** Those that write one item. */
const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** How long a `ClientRequestToken` makes a repeated transaction a no-op. */
const TRANSACTION_TOKEN_MS = 600_000;

/** An item of a table, as it is after a write; undefined when it is gone. Keys and items are in DynamoDB's JSON. */
export interface ItemChange {
  readonly table: string;
  readonly key: JsonObject;
  readonly item: JsonObject | undefined;
}

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
  private readonly watches = new Set<{ readonly attribute: string; readonly listener: (change: ItemChange) => void }>();
  /** What each table was made of last, by name, also of one that the template no longer has. */
  private readonly made = new Map<string, JsonObject>();
  private readonly transactions = new Map<string, { readonly request: string; readonly until: number }>();
  readonly api: OperationsApi;

  constructor(private readonly cloud: Cloud) {
    const operations: Operations = {
      ...Object.fromEntries(ITEM_OPERATIONS.map((name) => [name, this.item(name)])),
      TransactWriteItems: this.onItems('TransactWriteItems', (body) => this.gate.alone(() => this.transactWrite(body))),
      TransactGetItems: this.onItems('TransactGetItems', (body) => this.gate.alone(() => this.transactGet(body))),
      DescribeTable: this.onStore('DescribeTable'),
      UpdateTable: this.onStore('UpdateTable'),
      DeleteTable: this.onTable((table) => this.deleteTable(table)),
      DescribeTimeToLive: this.onTable(describeTimeToLive),
      UpdateTimeToLive: this.onTable((table, body) => this.updateTimeToLive(table, body)),
      DescribeContinuousBackups: this.onTable(describeBackups),
      CreateTable: {
        access: (body) => ({ resource: this.arnOf({ name: stringMember(body, 'TableName') }) }),
        run: (body) => this.createTable(body),
      },
      ListTables: { access: () => ({ resource: '*' }), run: (body) => this.store.request('ListTables', body) },
    };
    const tasks = [...ITEM_OPERATIONS, 'TransactWriteItems', 'TransactGetItems', 'DescribeTable'];
    this.api = new OperationsApi(cloud, {
      service: 'dynamodb',
      protocol: awsJson('1.0'),
      operations,
      tasks: Object.fromEntries(
        tasks.map((name) => [
          lowerFirst(name),
          (body: JsonObject, caller: Caller) => this.api.perform(name, body, caller),
        ]),
      ),
    });
  }

  async deploy(resource: Resource): Promise<void> {
    const { model, createTable } = readTable(resource, this.cloud.region);
    await this.prepare(model.name, createTable);
    this.tables.set(model.name, model);
  }

  remove(resource: Resource): void {
    this.tables.delete(resource.ref);
  }

  /** Makes a table, or makes it anew with the items that it has. Another key, which on AWS is another table, leaves it empty. */
  private async prepare(name: string, createTable: JsonObject): Promise<void> {
    const before = this.made.get(name);
    if (JSON.stringify(before) === JSON.stringify(createTable)) return;
    await this.gate.alone(async () => {
      const sameKey = JSON.stringify(before?.['KeySchema']) === JSON.stringify(createTable['KeySchema']);
      const items = sameKey ? await this.store.allItems(name) : [];
      if (before !== undefined) await this.store.deleteTable(name);
      await this.store.createTable(createTable);
      for (const Item of items) await this.store.request('PutItem', { TableName: name, Item });
    });
    this.made.set(name, createTable);
  }

  /** Hears of items of the tables that are written, whole, and gone; of updates only those that name the attribute. A listener must not throw. Returns a function that ends it. */
  watch(attribute: string, listener: (change: ItemChange) => void): () => void {
    const watch = { attribute, listener };
    this.watches.add(watch);
    return () => this.watches.delete(watch);
  }

  private onItems(name: string, run: (body: JsonObject) => Promise<JsonObject>): Operation<JsonObject, JsonObject> {
    return {
      access: (body) =>
        accessesOf(name, withTableName(body), (request) => this.tableOf(request)).map((one) => this.grantOf(one)),
      run: (body) => this.cloud.clock.track(this.deleteExpired().then(() => run(withTableName(body)))),
    };
  }

  private onTable(
    run: (table: TableModel, body: JsonObject) => JsonObject | Promise<JsonObject>,
  ): Operation<JsonObject, JsonObject> {
    return {
      access: (body) => ({ resource: this.arnOf(this.tableOf(body)) }),
      run: (body) => this.cloud.clock.track(Promise.resolve(run(this.tableOf(body), withTableName(body)))),
    };
  }

  /** An operation that dynalite does as it is. */
  private onStore(name: string): Operation<JsonObject, JsonObject> {
    return this.onTable(async (_table, body) =>
      this.withOurArns(await this.gate.shared(() => this.store.request(name, body))),
    );
  }

  private grantOf({ action, table, index, context }: TableAccess): NeededGrant {
    const arn = this.arnOf(table);
    return { action, resource: index === undefined ? arn : `${arn}/index/${index}`, context };
  }

  /** Reads and writes of single items share the gate, but for a write that has to tell what its condition saw. */
  private item(operation: string): Operation<JsonObject, JsonObject> {
    return this.onItems(operation, (body) =>
      body['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD'
        ? this.gate.alone(() => this.writeReturningOld(operation, body))
        : this.gate.shared(() => this.write(operation, body)),
    );
  }

  private async write(operation: string, body: JsonObject): Promise<JsonObject> {
    const { ReturnValuesOnConditionCheckFailure: _, ...request } = body;
    const answer = await this.store.request(operation, request);
    await this.note(operation, body);
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
      if (name !== 'ConditionCheck') await this.note(`${name}Item`, request);
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

  /** Notes expiries, and tells those who watch. */
  private async note(operation: string, body: JsonObject): Promise<void> {
    if (operation === 'BatchWriteItem') return this.noteBatch(body);
    if (!WRITES.has(operation)) return;
    const table = this.tableOf(body);
    if (isJsonObject(body['Item'])) return this.noteItem(table, body['Item']);
    if (!isJsonObject(body['Key'])) return;
    if (operation === 'DeleteItem') return this.tell(table, body['Key'], undefined);
    const text = JSON.stringify(body);
    const named = [table.timeToLiveAttribute, ...[...this.watches].map(({ attribute }) => attribute)];
    if (!named.some((attribute) => attribute !== undefined && text.includes(attribute))) return;
    const { Item } = await this.store.request('GetItem', { TableName: table.name, Key: body['Key'] });
    if (isJsonObject(Item)) this.noteItem(table, Item);
  }

  private noteItem(table: TableModel, item: JsonObject): void {
    this.timeToLive.note(table, item);
    this.tell(table, keyOf(table, item), item);
  }

  private tell({ name }: TableModel, key: JsonObject, item: JsonObject | undefined): void {
    for (const { listener } of this.watches) listener({ table: name, key, item });
  }

  private noteBatch(body: JsonObject): void {
    const requests = isJsonObject(body['RequestItems']) ? body['RequestItems'] : {};
    for (const [name, writes] of Object.entries(requests)) {
      const table = this.tableOf({ TableName: name });
      for (const write of isJsonArray(writes) ? writes.filter(isJsonObject) : []) {
        const { PutRequest: put, DeleteRequest: deletion } = write;
        if (isJsonObject(put) && isJsonObject(put['Item'])) this.noteItem(table, put['Item']);
        if (isJsonObject(deletion) && isJsonObject(deletion['Key'])) this.tell(table, deletion['Key'], undefined);
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
        if (isJsonObject(Item) && isPastTimeToLive(table, Item, now)) {
          await this.store.request('DeleteItem', { TableName: table.name, Key: key });
          this.tell(table, key, undefined);
        }
      }
    });
  }

  private async deleteTable(table: TableModel): Promise<JsonObject> {
    this.tables.delete(table.name);
    return this.withOurArns(await this.gate.shared(() => this.store.request('DeleteTable', { TableName: table.name })));
  }

  private async createTable(body: JsonObject): Promise<JsonObject> {
    const name = stringMember(body, 'TableName');
    const { SSESpecification: _1, TableClass: _2, DeletionProtectionEnabled: _3, ...request } = body;
    if (isJsonObject(body['StreamSpecification']) && body['StreamSpecification']['StreamEnabled'] === true) {
      throw unsupportedOperation('dynamodb', 'CreateTable with a stream');
    }
    const answer = await this.store.request('CreateTable', request);
    this.tables.set(name, { ...readKeys(body), pointInTimeRecovery: false });
    return this.withOurArns(answer);
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

  /** dynalite makes ARNs of an account of its own. */
  private withOurArns(answer: JsonObject): JsonObject {
    const text = JSON.stringify(answer).replace(/arn:aws:dynamodb:[\w-]*:\d*:table\//g, this.arnOf({ name: '' }));
    return JSON.parse(text) as JsonObject;
  }
}

/** DynamoDB takes a table's ARN wherever it takes a name; dynalite takes names only. */
function withTableName(body: JsonObject): JsonObject {
  const name = body['TableName'];
  if (typeof name !== 'string' || !name.startsWith('arn:')) return body;
  return { ...body, TableName: name.replace(/^arn:.*:table\//, '') };
}

function describeTimeToLive({ timeToLiveAttribute }: TableModel): JsonObject {
  const enabled = { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLiveAttribute ?? '' };
  return { TimeToLiveDescription: timeToLiveAttribute === undefined ? { TimeToLiveStatus: 'DISABLED' } : enabled };
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

/** The cloud's DynamoDB, if it has one. */
export function tryDynamoDbOf(cloud: Cloud): DynamoDbService | undefined {
  const service = cloud.tryService('dynamodb');
  return service instanceof DynamoDbService ? service : undefined;
}
