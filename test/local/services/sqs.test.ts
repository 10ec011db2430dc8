import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  MessageNotInflight,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { ValueObject } from '../../../lib/assembly/model.js';
import { DEVELOPER, ServiceError } from '../../../lib/local/cloud/service.js';
import { PipesService } from '../../../lib/local/services/pipes/service.js';
import { EventSourceMappings } from '../../../lib/local/services/sqs/event-source-mapping.js';
import { SqsService } from '../../../lib/local/services/sqs/service.js';
import { Loopback, resource } from '../loopback.js';

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:sm';
const queue = (name: string, properties: ValueObject = {}) =>
  resource('AWS::SQS::Queue', name, properties, {
    ref: `http://127.0.0.1/123456789012/${name}`,
    attributes: { Arn: arnOf(name), QueueName: name },
  });

let cloud: Loopback;
let client: SQSClient;
const start = async (...resources: ReturnType<typeof resource>[]) => {
  const services = [
    (c: Loopback) => new SqsService(c),
    (c: Loopback) => new EventSourceMappings(c),
    (c: Loopback) => new PipesService(c),
  ];
  cloud = await Loopback.start(services as never, resources);
  client = new SQSClient(cloud.client());
};
const QueueUrl = 'http://127.0.0.1/123456789012/Q';
const send = (MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: object = {}): Promise<readonly Message[]> =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = async (more: object = {}) => (await receive(more)).map(({ Body }) => Body);
afterEach(async () => {
  client.destroy();
  await cloud.close();
});

describe('a queue', () => {
  test('keeps a message from others while it is visible to one, and forgets what is deleted', async () => {
    await start(queue('Q'));
    await send('one', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'k' } } });
    const [message] = await receive({ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'one',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(cloud.clock.now()) },
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'k' } },
    });
    expect(await bodies()).toEqual([]);
    await cloud.clock.advanceBy(29_999);
    expect(await bodies()).toEqual([]);
    await cloud.clock.advanceBy(1);
    const [again] = await receive();
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    await cloud.clock.advanceBy(30_000);
    expect(await bodies()).toEqual(['one']);
    expect(again?.ReceiptHandle).not.toBe(message?.ReceiptHandle);
  });

  test('changes visibility, and only of a message in flight', async () => {
    await start(queue('Q'));
    await send('one');
    const [message] = await receive();
    const change = (VisibilityTimeout: number) =>
      client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }),
      );
    await change(0);
    await expect(change(10)).rejects.toBeInstanceOf(MessageNotInflight);
    expect(await bodies()).toEqual(['one']);
  });

  test('delays, expires, purges and counts', async () => {
    await start(queue('Q', { DelaySeconds: 5, MessageRetentionPeriod: 60 }));
    await send('delayed');
    await send('now', { DelaySeconds: 0 });
    const attributes = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(attributes.Attributes).toMatchObject({
      QueueArn: arnOf('Q'),
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesDelayed: '1',
      DelaySeconds: '5',
    });
    expect(await bodies()).toEqual(['now']);
    await cloud.clock.advanceBy(5000);
    expect(await bodies()).toEqual(['delayed']);
    await cloud.clock.advanceBy(60_000);
    expect(await bodies()).toEqual([]);
    await send('x', { DelaySeconds: 0 });
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await bodies()).toEqual([]);
  });

  test('long polling waits for a message', async () => {
    await start(queue('Q'));
    const release = cloud.clock.hold('the message is on its way');
    const waiting = bodies({ WaitTimeSeconds: 20 });
    await send('late');
    expect(await waiting).toEqual(['late']);
    release();
    expect(await bodies({ WaitTimeSeconds: 20 })).toEqual([]);
  });

  test('gives up to the dead-letter queue what was received too often', async () => {
    await start(
      queue('Q', { RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 } }),
      queue('Dead'),
    );
    await send('poison');
    for (const expected of [['poison'], ['poison'], []]) {
      expect(await bodies()).toEqual(expected);
      await cloud.clock.advanceBy(30_000);
    }
    const [dead] = await receive({
      QueueUrl: 'http://127.0.0.1/123456789012/Dead',
      MessageSystemAttributeNames: ['All'],
    });
    expect(dead).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: arnOf('Q') } });
  });

  test('takes batches, each entry by itself', async () => {
    await start(queue('Q'));
    const Entries = [
      { Id: 'a', MessageBody: 'one' },
      { Id: 'b', MessageBody: '' },
    ];
    const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect([Successful?.map(({ Id }) => Id), Failed?.map(({ Id, Code }) => [Id, Code])]).toEqual([
      ['a'],
      [['b', 'MissingParameter']],
    ]);
  });

  test.each([
    [
      'the same id twice',
      [
        { Id: 'a', MessageBody: '1' },
        { Id: 'a', MessageBody: '2' },
      ],
      'BatchEntryIdsNotDistinct',
    ],
    ['nothing', [], 'EmptyBatchRequest'],
    [
      'more than 1 MiB together',
      ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) })),
      'BatchRequestTooLong',
    ],
  ])('refuses a batch of %s', async (_, Entries, name) => {
    await start(queue('Q'));
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
  });

  test('is found by name, and unknown ones are not', async () => {
    await start(queue('Q'));
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'Q' }))).QueueUrl).toBe(QueueUrl);
    expect((await client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([QueueUrl]);
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'None' }))).rejects.toBeInstanceOf(QueueDoesNotExist);
  });

  test('FIFO: order within a group, one batch of a group at a time, duplicates once', async () => {
    await start(queue('Q', { FifoQueue: true, ContentBasedDeduplication: true }));
    for (const [body, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a1', 'a'],
    ])
      await send(body!, { MessageGroupId: group });
    const first = await receive({ MaxNumberOfMessages: 1 });
    expect(first.map(({ Body }) => Body)).toEqual(['a1']);
    expect(await bodies()).toEqual(['b1']);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first[0]?.ReceiptHandle }));
    expect(await bodies()).toEqual(['a2']);
    await expect(send('x')).rejects.toMatchObject({ name: 'MissingParameter' });
  });

  test("a state machine's integration sends an object as JSON", async () => {
    await start(queue('Q'));
    await cloud.tryService('sqs')?.api?.call('sendMessage', { QueueUrl, MessageBody: { a: 1 } }, DEVELOPER);
    expect(await bodies()).toEqual(['{"a":1}']);
  });
});

describe('an event source mapping', () => {
  const mapping = (properties: ValueObject = {}) =>
    resource('AWS::Lambda::EventSourceMapping', 'Mapping', {
      EventSourceArn: arnOf('Q'),
      FunctionName: 'fn',
      ...properties,
    });
  const dead = { RedrivePolicy: { deadLetterTargetArn: arnOf('Dead'), maxReceiveCount: 2 } };
  const batches = () =>
    cloud.functions.invocations.map(({ event }) =>
      (event as { Records: { body: string }[] }).Records.map(({ body }) => body),
    );

  test('invokes the function with records of AWS’s shape and deletes what succeeded', async () => {
    await start(queue('Q'), mapping());
    cloud.functions.handlers.set(FUNCTION, () => null);
    await send('one', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'k' } } });
    await cloud.clock.settled();
    expect(cloud.functions.invocations).toMatchObject([
      {
        arn: FUNCTION,
        event: {
          Records: [
            {
              messageId: expect.any(String),
              receiptHandle: expect.any(String),
              body: 'one',
              attributes: { ApproximateReceiveCount: '1' },
              messageAttributes: { kind: { stringValue: 'k', dataType: 'String' } },
              eventSource: 'aws:sqs',
              eventSourceARN: arnOf('Q'),
              awsRegion: 'us-east-1',
            },
          ],
        },
      },
    ]);
    await cloud.clock.advanceBy(3_600_000);
    expect(batches()).toEqual([['one']]);
  });

  test('brings a failed batch again after the visibility timeout, then to the dead-letter queue', async () => {
    await start(queue('Q', { VisibilityTimeout: 60, ...dead }), queue('Dead'), mapping());
    cloud.functions.handlers.set(FUNCTION, () => {
      throw new Error('broken');
    });
    const before = cloud.clock.now();
    await send('poison');
    await cloud.clock.settled();
    expect(batches()).toEqual([['poison'], ['poison']]);
    expect(cloud.clock.now() - before).toBe(120_000);
    expect(await bodies({ QueueUrl: 'http://127.0.0.1/123456789012/Dead' })).toEqual(['poison']);
  });

  test('brings only the reported items again', async () => {
    await start(
      queue('Q'),
      mapping({ MaximumBatchingWindowInSeconds: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    );
    cloud.functions.handlers.set(FUNCTION, ({ Records }: { Records: { body: string; messageId: string }[] }) => ({
      batchItemFailures:
        Records.length > 1
          ? Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId }))
          : [],
    }));
    const release = cloud.clock.hold('all three are sent');
    for (const body of ['good', 'bad', 'fine']) await send(body);
    release();
    await cloud.clock.settled();
    expect(batches()).toEqual([['good', 'bad', 'fine'], ['bad']]);
  });

  test('passes only what fits its filter, and forgets the rest', async () => {
    const filter = { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] };
    await start(queue('Q'), mapping({ BatchSize: 1, FilterCriteria: filter }));
    cloud.functions.handlers.set(FUNCTION, () => null);
    await send('{"kind":"other"}');
    await send('{"kind":"order"}');
    await cloud.clock.settled();
    expect(batches()).toEqual([['{"kind":"order"}']]);
    expect(await bodies()).toEqual([]);
  });

  test('refuses a stream', async () => {
    const stream = 'arn:aws:dynamodb:us-east-1:123456789012:table/T/stream/x';
    await expect(start(mapping({ EventSourceArn: stream }))).rejects.toThrow(
      '`Stack/Mapping.EventSourceArn`: expected an SQS queue',
    );
    await start();
  });
});

describe('a pipe', () => {
  const pipe = (properties: ValueObject = {}) =>
    resource(
      'AWS::Pipes::Pipe',
      'Pipe',
      { Source: arnOf('Q'), Target: MACHINE, RoleArn: 'arn:aws:iam::123456789012:role/p', ...properties },
      { attributes: { Arn: 'arn:aws:pipes:us-east-1:123456789012:pipe/Pipe' } },
    );
  const inputs = () => cloud.machines.started.map(({ input }) => JSON.parse(input ?? '') as unknown);

  test('starts a state machine with filtered, transformed messages', async () => {
    const template = '{"id": <$.body.id>, "text": "order <$.body.id>", "from": <$.eventSourceARN>}';
    await start(
      queue('Q'),
      pipe({
        SourceParameters: {
          SqsQueueParameters: { BatchSize: 1 },
          FilterCriteria: { Filters: [{ Pattern: '{"body":{"id":[{"exists":true}]}}' }] },
        },
        TargetParameters: {
          InputTemplate: template,
          StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' },
        },
      }),
    );
    await send('{"id":"o1"}');
    await send('{"other":1}');
    await cloud.clock.settled();
    expect(inputs()).toEqual([[{ id: 'o1', text: 'order o1', from: arnOf('Q') }]]);
  });

  test('brings a message again when the target refuses it', async () => {
    await start(queue('Q'), pipe({ SourceParameters: { SqsQueueParameters: { BatchSize: 1 } } }));
    cloud.machines.failures.push(new ServiceError('ExecutionLimitExceeded', 'busy'));
    await send('"x"');
    await cloud.clock.settled();
    expect(inputs()).toMatchObject([[{ body: '"x"' }]]);
    expect(cloud.warnings).toHaveLength(1);
  });

  test('refuses an enrichment', async () => {
    await expect(start(queue('Q'), pipe({ Enrichment: FUNCTION }))).rejects.toThrow('`Stack/Pipe.Enrichment`');
    await start();
  });
});
