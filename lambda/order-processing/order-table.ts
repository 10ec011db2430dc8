import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Download, OrderRecord, OrderState } from './order.js';

/** The orders, each as JSON with its state beside. */
export class OrderTable {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly name: string,
  ) {}

  /** Saves a new order. A repeated attempt changes nothing. */
  async create(order: OrderRecord): Promise<void> {
    const { orderId, state } = order;
    try {
      await this.dynamodb.send(
        new PutItemCommand({
          TableName: this.name,
          Item: { orderId: { S: orderId }, state: { S: state }, order: { S: JSON.stringify(order) } },
          ConditionExpression: 'attribute_not_exists(orderId)',
        }),
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
    }
  }

  async setState(orderId: string, state: OrderState, downloads: readonly Download[] = []): Promise<void> {
    await this.dynamodb.send(
      new UpdateItemCommand({
        TableName: this.name,
        Key: { orderId: { S: orderId } },
        UpdateExpression: 'SET #state = :state, downloads = :downloads',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':state': { S: state }, ':downloads': { S: JSON.stringify(downloads) } },
      }),
    );
  }

  async tryRead(orderId: string): Promise<OrderRecord | undefined> {
    const { Item } = await this.dynamodb.send(
      new GetItemCommand({ TableName: this.name, Key: { orderId: { S: orderId } }, ConsistentRead: true }),
    );
    return Item === undefined ? undefined : readItem(Item);
  }

  /** All orders, the newest first. A shop of more than a demo's size asks an index. */
  async list(): Promise<readonly OrderRecord[]> {
    const { Items = [] } = await this.dynamodb.send(new ScanCommand({ TableName: this.name }));
    return Items.map(readItem).sort((a, b) => b.placedAt.localeCompare(a.placedAt));
  }
}

type Item = Readonly<Record<string, { readonly S?: string | undefined }>>;

function readItem({ order, state, downloads }: Item): OrderRecord {
  return {
    ...(JSON.parse(order?.S ?? '{}') as OrderRecord),
    state: (state?.S ?? 'New') as OrderState,
    downloads: JSON.parse(downloads?.S ?? '[]') as readonly Download[],
  };
}

let table: OrderTable | undefined;

/** The table of this function's environment. */
export function orderTable(): OrderTable {
  table ??= new OrderTable(new DynamoDBClient({}), process.env['ORDER_TABLE'] ?? '');
  return table;
}
