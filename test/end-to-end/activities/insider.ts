import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetExecutionHistoryCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';

const dynamodb = new DynamoDBClient({});
const stepFunctions = new SFNClient({});

/** A colleague's function with a client of the hub, turned against approvals: what each try came to, an error's name or what it got. */
export async function handler(event: {
  readonly key: string;
  readonly stateMachineArn: string;
}): Promise<Readonly<Record<string, string>>> {
  const TableName = process.env['DURABLE_HUB_TABLE']!;
  const approvals = `approvals#${event.key}`;
  const Key = { pk: { S: approvals }, sk: { S: 'approval#0' } };
  const own = { pk: { S: `instance#${event.key}` }, sk: { S: 'record' } };
  const query = (pk: string, IndexName?: string) =>
    dynamodb.send(
      new QueryCommand({
        TableName,
        ...(IndexName === undefined ? {} : { IndexName }),
        KeyConditionExpression: '#k = :k',
        ExpressionAttributeNames: { '#k': IndexName === undefined ? 'pk' : 'dueShard' },
        ExpressionAttributeValues: { ':k': { S: pk } },
      }),
    );
  const tries: Readonly<Record<string, () => Promise<unknown>>> = {
    'read the approvals': () => query(approvals),
    'read all': () => dynamodb.send(new ScanCommand({ TableName })),
    'read one': () => dynamodb.send(new GetItemCommand({ TableName, Key })),
    'read one beside an own row': () =>
      dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [own, Key] } } })),
    'read what is due': () => query('owed#0', 'due'),
    'read a link': () =>
      dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: 'approval-link#0' }, sk: { S: 'link' } } })),
    'write an approval': () =>
      dynamodb.send(new PutItemCommand({ TableName, Item: { ...Key, approval: { S: '{}' } } })),
    'change an approval': () =>
      dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET approval = :a',
          ExpressionAttributeValues: { ':a': { S: '{}' } },
        }),
      ),
    'make a link': () =>
      dynamodb.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: 'approval-link#1' }, sk: { S: 'link' }, targetPk: { S: approvals } },
        }),
      ),
    'write in a transaction': () =>
      dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: { TableName, Item: { ...Key, approval: { S: '{}' } } } }],
        }),
      ),
    'read the instance': async () => (await query(`instance#${event.key}`)).Items,
    'answer the task': () =>
      answerTask(`${event.stateMachineArn.replace(':stateMachine:', ':execution:')}:${event.key}`),
  };
  const results: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(tries)) {
    results[name] = await attempt().then(
      (got) => `got ${JSON.stringify(got)}`,
      (error: unknown) => (error as Error).name,
    );
  }
  return results;
}

/** The token of a task stands in its execution's history. */
async function answerTask(executionArn: string): Promise<string> {
  const { events = [] } = await stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
  const parameters = events.map(({ taskScheduledEventDetails }) => taskScheduledEventDetails?.parameters ?? '');
  const taskToken = parameters.flatMap((text) => /"taskToken":"([^"]+)"/.exec(text)?.[1] ?? []).at(-1);
  if (taskToken === undefined) return 'no token';
  await stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output: '{"outcome":"approved","approved":true}' }));
  return 'answered';
}
