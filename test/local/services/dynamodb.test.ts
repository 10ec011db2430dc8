import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  ScanCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DEVELOPER } from '../../../lib/local/cloud/service.js';
import { DynamoDbService } from '../../../lib/local/services/dynamodb/service.js';
import { Loopback, resource } from '../loopback.js';

const HUB = resource('AWS::DynamoDB::GlobalTable', 'Hub', {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'status', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byStatus',
      KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
});

const ORDERS = resource('AWS::DynamoDB::Table', 'Orders', {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
});

const ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/Hub';

describe('DynamoDB', () => {
  let cloud: Loopback;
  let client: DynamoDBClient;
  const send: DynamoDBClient['send'] = ((command: never) => client.send(command)) as never;
  const key = (name: string) => ({ pk: { S: name }, sk: { S: 'record' } });
  const put = (name: string, more: Record<string, { S: string } | { N: string }> = {}) =>
    send(new PutItemCommand({ TableName: 'Hub', Item: { ...key(name), ...more } }));
  const get = async (name: string) => (await send(new GetItemCommand({ TableName: 'Hub', Key: key(name) }))).Item;

  beforeEach(async () => {
    cloud = await Loopback.start([(c) => new DynamoDbService(c)], [HUB, ORDERS]);
    client = new DynamoDBClient(cloud.client());
  });
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  test('the tables of the template exist, with index, TTL and recovery', async () => {
    const { Table } = await send(new DescribeTableCommand({ TableName: 'Hub' }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', TableArn: ARN });
    expect(Table?.GlobalSecondaryIndexes?.[0]).toMatchObject({
      IndexName: 'byStatus',
      IndexArn: `${ARN}/index/byStatus`,
    });
    expect((await send(new DescribeTimeToLiveCommand({ TableName: 'Hub' }))).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'expiresAt',
    });
    const { ContinuousBackupsDescription } = await send(new DescribeContinuousBackupsCommand({ TableName: 'Hub' }));
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
    expect((await send(new ListTablesCommand({}))).TableNames).toEqual(['Hub', 'Orders']);
  });

  test('puts, reads by a table ARN, and queries table and index', async () => {
    await put('a', { status: { S: 'Running' } });
    await put('b', { status: { S: 'Completed' } });
    expect((await send(new GetItemCommand({ TableName: ARN, Key: key('a') }))).Item).toEqual({
      ...key('a'),
      status: { S: 'Running' },
    });
    const query = await send(
      new QueryCommand({
        TableName: 'Hub',
        IndexName: 'byStatus',
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':s': { S: 'Completed' } },
      }),
    );
    expect(query.Items?.map(({ pk }) => pk?.S)).toEqual(['b']);
    expect(cloud.accesses.at(-1)).toMatchObject({ action: 'dynamodb:Query', resource: `${ARN}/index/byStatus` });
  });

  test('a failed condition is ConditionalCheckFailedException, with the item when asked', async () => {
    await put('a', { n: { N: '1' } });
    const again = new PutItemCommand({
      TableName: 'Hub',
      Item: key('a'),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const error: unknown = await send(again).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item).toEqual({ ...key('a'), n: { N: '1' } });
  });

  test('a hundred conditional writes at once have one winner', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, n) =>
        send(
          new PutItemCommand({
            TableName: 'Hub',
            Item: { ...key('race'), n: { N: String(n) } },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('an unknown table is ResourceNotFoundException', async () => {
    await expect(send(new GetItemCommand({ TableName: 'None', Key: key('a') }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });

  test('an expired item is gone as soon as the clock has passed it, and not before', async () => {
    const expiry = Math.floor(cloud.clock.now() / 1000) + 60;
    await put('put', { expiresAt: { N: String(expiry) } });
    await put('updated');
    await send(
      new UpdateItemCommand({
        TableName: 'Hub',
        Key: key('updated'),
        UpdateExpression: 'SET expiresAt = :e',
        ExpressionAttributeValues: { ':e': { N: String(expiry) } },
      }),
    );
    const batch = { PutRequest: { Item: { ...key('batch'), expiresAt: { N: String(expiry) } } } };
    await send(new BatchWriteItemCommand({ RequestItems: { Hub: [batch] } }));
    await put('prolonged', { expiresAt: { N: String(expiry) } });
    await put('prolonged', { expiresAt: { N: String(expiry + 1) } });

    await cloud.clock.advanceBy(59_999);
    for (const name of ['put', 'updated', 'batch', 'prolonged']) expect(await get(name)).toBeDefined();
    await cloud.clock.advanceBy(1);
    for (const name of ['put', 'updated', 'batch']) expect(await get(name)).toBeUndefined();
    expect(await get('prolonged')).toBeDefined();
  });

  test('expiry moves no virtual time by itself', async () => {
    const before = cloud.clock.now();
    await put('a', { expiresAt: { N: String(Math.floor(before / 1000) + 3600) } });
    await cloud.clock.settled();
    expect(cloud.clock.now()).toBe(before);
  });

  describe('a transaction', () => {
    const write = (
      items: ConstructorParameters<typeof TransactWriteItemsCommand>[0]['TransactItems'],
      token?: string,
    ) => send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }));
    const putNew = (name: string) => ({
      Put: { TableName: 'Hub', Item: key(name), ConditionExpression: 'attribute_not_exists(pk)' },
    });
    const increment = (name: string) => ({
      Update: {
        TableName: 'Hub',
        Key: key(name),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    });

    test('makes every write', async () => {
      await put('old');
      await write([
        putNew('new'),
        increment('counter'),
        { Delete: { TableName: 'Hub', Key: key('old') } },
        { Put: { TableName: 'Orders', Item: { id: { S: 'o1' } } } },
      ]);
      expect(await get('new')).toBeDefined();
      expect(await get('counter')).toMatchObject({ n: { N: '1' } });
      expect(await get('old')).toBeUndefined();
      const { Responses } = await send(
        new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: 'Orders', Key: { id: { S: 'o1' } } } }] }),
      );
      expect(Responses).toEqual([{ Item: { id: { S: 'o1' } } }]);
    });

    test('makes none when one condition fails, and tells the reason of each', async () => {
      await put('taken', { n: { N: '7' } });
      await put('kept');
      const error: unknown = await write([
        increment('taken'),
        putNew('other'),
        { Delete: { TableName: 'Hub', Key: key('kept') } },
        {
          ConditionCheck: {
            TableName: 'Hub',
            Key: key('absent'),
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
      ]).catch((one: unknown) => one);
      expect(error).toBeInstanceOf(TransactionCanceledException);
      const { CancellationReasons } = error as TransactionCanceledException;
      expect(CancellationReasons?.map(({ Code }) => Code)).toEqual(['None', 'None', 'None', 'ConditionalCheckFailed']);
      expect(await get('taken')).toMatchObject({ n: { N: '7' } });
      expect(await get('other')).toBeUndefined();
      expect(await get('kept')).toBeDefined();
      expect(await get('absent')).toBeUndefined();
    });

    test('leaves no trace of a condition check that holds', async () => {
      await write([
        { ConditionCheck: { TableName: 'Hub', Key: key('absent'), ConditionExpression: 'attribute_not_exists(pk)' } },
        putNew('new'),
      ]);
      expect(await get('absent')).toBeUndefined();
      expect(await get('new')).toBeDefined();
    });

    test('undoes the writes before an invalid one', async () => {
      const broken = { ...increment('b').Update, UpdateExpression: 'NONSENSE' };
      await expect(write([putNew('a'), { Update: broken }])).rejects.toMatchObject({ name: 'ValidationException' });
      expect(await get('a')).toBeUndefined();
    });

    test('is made once for one client token', async () => {
      await write([increment('counter')], 'token');
      await write([increment('counter')], 'token');
      expect(await get('counter')).toMatchObject({ n: { N: '1' } });
      await expect(write([increment('other')], 'token')).rejects.toMatchObject({
        name: 'IdempotentParameterMismatchException',
      });
    });

    test('refuses two writes to one item', async () => {
      await expect(write([increment('a'), increment('a')])).rejects.toMatchObject({ name: 'ValidationException' });
    });
  });

  describe('each access names its action, its resource, and for conditions of IAM', () => {
    const contextOf = async (command: never) => {
      cloud.accesses.length = 0;
      await client.send(command).catch(() => {});
      return cloud.accesses.map(({ action, resource: on, context }) => [action, on.slice(ARN.length), context]);
    };
    const ofPartition = {
      TableName: 'Hub',
      KeyConditionExpression: '#p = :p AND begins_with(sk, :s)',
      ExpressionAttributeNames: { '#p': 'pk' },
      ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { S: 'r' } },
    };
    const keys = (...names: readonly string[]) => ({ 'dynamodb:LeadingKeys': names });
    const attributes = (...names: readonly string[]) => ({ 'dynamodb:Attributes': names });
    const reads = (select: string) => ({ 'dynamodb:Select': select });
    const returns = (values: string) => ({ 'dynamodb:ReturnValues': values });
    const cases: readonly [string, object, string, object, string?][] = [
      [
        'an item that is written: its attributes',
        new PutItemCommand({ TableName: 'Hub', Item: { ...key('a'), n: { N: '1' } }, ReturnValues: 'ALL_OLD' }),
        'PutItem',
        { ...keys('a'), ...attributes('pk', 'sk', 'n'), ...returns('ALL_OLD') },
      ],
      [
        'an update: what its expressions name, at the top level',
        new UpdateItemCommand({
          TableName: 'Hub',
          Key: key('a'),
          UpdateExpression: 'SET a.b[0] = if_not_exists(#c.d, :v) + size(#e) SET f = g-:v REMOVE f',
          ConditionExpression: 'attribute_not_exists (h) AND NOT (i IN (:v, :w))',
          ExpressionAttributeNames: { '#c': 'sea', '#e': 'e' },
          ExpressionAttributeValues: { ':v': { N: '1' }, ':w': { N: '2' } },
        }),
        'UpdateItem',
        { ...keys('a'), ...attributes('pk', 'sk', 'h', 'i', 'a', 'sea', 'e', 'f', 'g'), ...returns('NONE') },
      ],
      [
        'an update in the old form',
        new UpdateItemCommand({
          TableName: 'Hub',
          Key: key('a'),
          AttributeUpdates: { status: { Action: 'PUT', Value: { S: 'x' } } },
          Expected: { n: { Exists: false } },
          ReturnValues: 'UPDATED_NEW',
        }),
        'UpdateItem',
        { ...keys('a'), ...attributes('pk', 'sk', 'status', 'n'), ...returns('UPDATED_NEW') },
      ],
      [
        'a whole item that is read',
        new GetItemCommand({ TableName: 'Hub', Key: key('a') }),
        'GetItem',
        { ...keys('a'), ...attributes('pk', 'sk'), ...reads('ALL_ATTRIBUTES') },
      ],
      [
        'some attributes that are read',
        new GetItemCommand({ TableName: 'Hub', Key: key('a'), ProjectionExpression: 'n, m.x' }),
        'GetItem',
        { ...keys('a'), ...attributes('pk', 'sk', 'n', 'm'), ...reads('SPECIFIC_ATTRIBUTES') },
      ],
      [
        'a query of the table',
        new QueryCommand(ofPartition),
        'Query',
        { ...keys('a'), ...attributes('pk', 'sk'), ...reads('ALL_ATTRIBUTES') },
      ],
      [
        'a query with the value before the key',
        new QueryCommand({ ...ofPartition, KeyConditionExpression: ':p = #p AND begins_with(sk, :s)' }),
        'Query',
        { ...keys('a'), ...attributes('pk', 'sk'), ...reads('ALL_ATTRIBUTES') },
      ],
      [
        'a query in the old form',
        new QueryCommand({
          TableName: 'Hub',
          KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } },
          AttributesToGet: ['n'],
        }),
        'Query',
        { ...keys('a'), ...attributes('pk', 'n'), ...reads('SPECIFIC_ATTRIBUTES') },
      ],
      [
        'a query of an index: by the index’s own partition key',
        new QueryCommand({
          TableName: 'Hub',
          IndexName: 'byStatus',
          KeyConditionExpression: '#s = :s',
          FilterExpression: 'pk = :p',
          ExpressionAttributeNames: { '#s': 'status' },
          ExpressionAttributeValues: { ':s': { S: 'open' }, ':p': { S: 'a' } },
        }),
        'Query',
        { ...keys('open'), ...attributes('status', 'pk'), ...reads('ALL_PROJECTED_ATTRIBUTES') },
        '/index/byStatus',
      ],
      ['a scan: no partition', new ScanCommand({ TableName: 'Hub', Select: 'COUNT' }), 'Scan', reads('COUNT')],
      [
        'a batch of reads',
        new BatchGetItemCommand({ RequestItems: { Hub: { Keys: [key('a'), key('b')], ProjectionExpression: 'n' } } }),
        'BatchGetItem',
        { ...keys('a', 'b'), ...attributes('n', 'pk', 'sk'), ...reads('SPECIFIC_ATTRIBUTES') },
      ],
      [
        'a batch of writes',
        new BatchWriteItemCommand({
          RequestItems: {
            Hub: [{ PutRequest: { Item: { ...key('a'), n: { N: '1' } } } }, { DeleteRequest: { Key: key('b') } }],
          },
        }),
        'BatchWriteItem',
        { ...keys('a', 'b'), ...attributes('pk', 'sk', 'n') },
      ],
      [
        'a write of a transaction',
        new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: 'Hub', Key: key('a') } }] }),
        'DeleteItem',
        { ...keys('a'), ...attributes('pk', 'sk'), ...returns('NONE') },
      ],
    ];

    test.each(cases)('%s', async (_title, command, action, context, on = '') => {
      expect(await contextOf(command as never)).toEqual([[`dynamodb:${action}`, on, context]]);
    });
  });

  test("a state machine's integration takes and gives the API's own members", async () => {
    const service = cloud.tryService('dynamodb');
    await put('a');
    const request = {
      TableName: 'Hub',
      Key: key('a'),
      UpdateExpression: 'SET customStatus = :s',
      ExpressionAttributeValues: { ':s': { S: '"working"' } },
      ReturnValues: 'UPDATED_NEW',
    };
    expect(await service?.api?.call('updateItem', request, DEVELOPER)).toEqual({
      Attributes: { customStatus: { S: '"working"' } },
    });
    const conditional = { ...request, ConditionExpression: 'attribute_not_exists(pk)' };
    await expect(service?.api?.call('updateItem', conditional, DEVELOPER)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
    expect(service?.api?.supports('executeStatement')).toBe("the local cloud doesn't run dynamodb:executeStatement");
  });

  test('a developer creates a table of their own', async () => {
    await send(
      new CreateTableCommand({
        TableName: 'Mine',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await send(new DescribeTableCommand({ TableName: 'Mine' }));
    await send(new PutItemCommand({ TableName: 'Mine', Item: { id: { S: 'x' } } }));
  });
});

test('a table with a stream is refused by name', async () => {
  const table = resource('AWS::DynamoDB::Table', 'Streamed', {
    ...ORDERS.properties,
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
  await expect(Loopback.start([(c) => new DynamoDbService(c)], [table])).rejects.toThrow(
    '`Stack/Streamed.StreamSpecification`: expected only properties that the local cloud runs',
  );
});
