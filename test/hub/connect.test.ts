import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { sdkClient } from '../../lib/hub/connect.js';
import type { Hub } from '../../lib/hub/hub.js';
import { deleteItems, getItems, putItem } from '../../lib/hub/store/table.js';
import { createHub, startDynamo } from './hub-kit.js';

/** A client whose service is a listener of ours. */
async function asking<T>(listener: RequestListener, use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    ...sdkClient(50),
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  try {
    return await use(client);
  } finally {
    client.destroy();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

describe('the clients of the AWS SDK', () => {
  test('give up an answer that never comes, and ask again', async () => {
    let requests = 0;
    const listener: RequestListener = (_request, response) => {
      if (++requests > 1) response.end('{"TableNames":["Hub"]}');
    };
    const answer = await asking(listener, (client) => client.send(new ListTablesCommand({})));
    expect(answer.TableNames).toEqual(['Hub']);
    expect(requests).toBeGreaterThanOrEqual(2);
  });

  test('have given up before the shortest time-out of a function, 20 seconds', () => {
    const { maxAttempts, requestHandler } = sdkClient();
    const attempts = maxAttempts * (requestHandler.connectionTimeout + requestHandler.requestTimeout);
    const pauses = Array.from({ length: maxAttempts - 1 }, (_, attempt) => 500 * 2 ** attempt);
    expect(attempts + pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThan(20_000);
  });
});

describe('a batch of which DynamoDB leaves items unprocessed', () => {
  let dynamodb: DynamoDBClient;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ client: dynamodb, close } = await startDynamo());
  });
  afterAll(() => close());

  const keys = ['a', 'b'].map((sk) => ({ pk: 'p', sk }));

  /** A hub with two items whose batches are accepted, and left unprocessed so many times. */
  async function busyHub(times: number) {
    const kit = await createHub(dynamodb);
    for (const key of keys) await putItem(kit.hub, { ...key, value: 1 }, { text: 'attribute_not_exists(#pk)' });
    const pauses: number[] = [];
    let left = times;
    const send = async (command: { readonly input: { readonly RequestItems?: object } }): Promise<unknown> => {
      const asked = command.input.RequestItems;
      if (asked !== undefined && left-- > 0) return { UnprocessedKeys: asked, UnprocessedItems: asked };
      return kit.hub.dynamodb.send(command as never);
    };
    const hub: Hub = {
      ...kit.hub,
      dynamodb: { send } as unknown as DynamoDBClient,
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
      },
    };
    return { hub, pauses };
  }

  test('is read after pauses', async () => {
    const { hub, pauses } = await busyHub(3);
    expect(await getItems(hub, keys)).toHaveLength(2);
    expect(pauses).toHaveLength(3);
    expect(pauses.every((pause) => pause > 0 && pause <= 1_000)).toBe(true);
  });

  test('is written after pauses', async () => {
    const { hub, pauses } = await busyHub(3);
    await deleteItems(hub, keys);
    expect(pauses).toHaveLength(3);
    expect(await getItems(hub, keys)).toEqual([]);
  });

  test('is given up as busy when it never ends', async () => {
    const { hub, pauses } = await busyHub(Number.POSITIVE_INFINITY);
    await expect(deleteItems(hub, keys)).rejects.toMatchObject({ code: 'HubUnavailable' });
    await expect(getItems(hub, keys)).rejects.toMatchObject({ code: 'HubUnavailable' });
    expect(pauses).toHaveLength(18);
  });
});
