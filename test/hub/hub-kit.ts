import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';
import {
  DUE_ATTEMPTS_ATTRIBUTE,
  DUE_INDEX,
  LISTING_ATTRIBUTES,
  LISTING_INDEX,
} from '../../lib/contract/hub-records.js';
import type { Hub } from '../../lib/hub/hub.js';
import { FakeStepFunctions } from './fake-step-functions.js';

const dynalite: (options: object) => Server = require('dynalite');

const TABLE = 'Hub';
export const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Hello1A2B';
const OTHER_MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:Other3C4D';

/** Thrown by a call that "crashes": the process is gone, nobody catches it. */
export class Crash extends Error {}

export interface HubKit {
  readonly hub: Hub;
  readonly stepFunctions: FakeStepFunctions;
  /** Names of the calls to DynamoDB and Step Functions, in order. */
  readonly calls: string[];
  /** Moves the clock, in milliseconds. */
  advance(milliseconds: number): void;
  /** Every call after this many, counted from now, fails; the last one that gets through has had its effect, and its answer is lost. */
  crashAfter(calls: number): void;
  /** No more crashes. */
  recover(): void;
}

/** DynamoDB in process, on a loopback port. */
export async function startDynamo(): Promise<{ client: DynamoDBClient; close(): Promise<void> }> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  return {
    client,
    close: async () => {
      client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

let tables = 0;

/** A hub with a table of its own. */
export async function createHub(dynamodb: DynamoDBClient, settings: Partial<Hub['settings']> = {}): Promise<HubKit> {
  const tableName = `${TABLE}${++tables}`;
  await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'listShard', 'listPosition', 'dueShard', 'dueAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: AttributeName === 'dueAt' ? 'N' : 'S',
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: LISTING_INDEX,
          KeySchema: [
            { AttributeName: 'listShard', KeyType: 'HASH' },
            { AttributeName: 'listPosition', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...LISTING_ATTRIBUTES] },
        },
        {
          IndexName: DUE_INDEX,
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [DUE_ATTEMPTS_ATTRIBUTE] },
        },
      ],
    }),
  );
  let time = Date.parse('2026-03-01T08:00:00Z');
  let ids = 0;
  let left = Number.POSITIVE_INFINITY;
  const calls: string[] = [];
  const stepFunctions = new FakeStepFunctions(() => time);
  const tap =
    (send: (command: object) => Promise<unknown>) =>
    async (command: object): Promise<unknown> => {
      if (left <= 0) throw new Crash();
      left--;
      calls.push(command.constructor.name.replace('Command', ''));
      const answer = await send(command);
      if (left <= 0) throw new Crash();
      return answer;
    };
  const hub: Hub = {
    settings: {
      tableName,
      orchestrations: { hello: MACHINE, other: OTHER_MACHINE },
      retentionDays: 90,
      healAfterSeconds: 60,
      ...settings,
    },
    dynamodb: { send: tap((command) => dynamodb.send(command as never)) } as unknown as DynamoDBClient,
    stepFunctions: { send: tap((command) => stepFunctions.client.send(command as never)) } as unknown as SFNClient,
    now: () => time,
    newId: () => `id-${++ids}`,
    sleep: async (milliseconds) => {
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return {
    hub,
    stepFunctions,
    calls,
    advance: (milliseconds) => {
      time += milliseconds;
    },
    crashAfter: (count) => {
      left = count;
    },
    recover: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}
