import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import dynalite from 'dynalite';
import { isJsonArray, isJsonObject, type JsonObject, tryParseJson } from '../../../asl/language/json.js';
import { ServiceError } from '../../cloud/service.js';

/**
 * The tables themselves: dynalite, in memory and in this process.
 *
 * dynalite is spoken to through its HTTP server's `request` event, with a request and a response that exist only in memory: no second port, no
 * signature, and about ten times the requests per second of a loopback connection. Chosen over DynamoDB Local (Java, 100 MB, seconds to start), over
 * an emulator in a container, and over tables of our own (expressions, number arithmetic and validation messages are years of detail).
 * It has no transactions, no TTL and no `ReturnValuesOnConditionCheckFailure`: those are added by `DynamoDbService`.
 */
export class TableStore {
  private readonly server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });

  /** Does one operation. Throws a {@link ServiceError} as DynamoDB words it. */
  request(operation: string, body: JsonObject): Promise<JsonObject> {
    const { request, response, answer } = exchange(operation);
    this.server.emit('request', request, response);
    request.emit('data', Buffer.from(JSON.stringify(body)));
    request.emit('end');
    return answer;
  }

  /** Creates a table and waits until it is active. */
  async createTable(input: JsonObject): Promise<void> {
    await this.request('CreateTable', input);
    const name = input['TableName'];
    for (;;) {
      const { Table } = await this.request('DescribeTable', { TableName: name ?? '' });
      if (isJsonObject(Table) && Table['TableStatus'] === 'ACTIVE') return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Deletes a table and waits until it is gone. */
  async deleteTable(name: string): Promise<void> {
    await this.request('DeleteTable', { TableName: name });
    for (;;) {
      const { TableNames } = await this.request('ListTables', {});
      if (!isJsonArray(TableNames) || !TableNames.includes(name)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Every item of a table. */
  async allItems(name: string): Promise<readonly JsonObject[]> {
    const items: JsonObject[] = [];
    let from: JsonObject = {};
    for (;;) {
      const { Items, LastEvaluatedKey } = await this.request('Scan', { TableName: name, ...from });
      if (isJsonArray(Items)) items.push(...Items.filter(isJsonObject));
      if (LastEvaluatedKey === undefined) return items;
      from = { ExclusiveStartKey: LastEvaluatedKey };
    }
  }
}

const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20260101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
};

function exchange(operation: string) {
  const request = Object.assign(new EventEmitter(), {
    method: 'POST',
    url: '/',
    headers: { ...HEADERS, 'x-amz-target': `DynamoDB_20120810.${operation}` },
  });
  let settle: (answer: JsonObject | ServiceError) => void = () => {};
  const answer = new Promise<JsonObject>((resolve, reject) => {
    settle = (value) => (value instanceof ServiceError ? reject(value) : resolve(value));
  });
  const response = {
    statusCode: 200,
    setHeader(): void {},
    end(text: string): void {
      settle(readAnswer(response.statusCode, text));
    },
  };
  return { request, response, answer };
}

function readAnswer(status: number, text: string): JsonObject | ServiceError {
  const body = tryParseJson(text);
  if (!isJsonObject(body)) return new ServiceError('InternalServerError', `DynamoDB answered ${status}: ${text}`, 500);
  if (status < 300) return body;
  const { __type, message, Message, ...members } = body;
  const name = String(__type).replace(/^.*#/, '');
  return new ServiceError(name, String(message ?? Message ?? name), status, members);
}
