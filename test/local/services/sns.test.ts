import { NotFoundException, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ValueObject } from '../../../lib/assembly/model.js';
import { MailboxService, mailboxOf } from '../../../lib/local/services/mailbox/mailbox-service.js';
import { SnsService } from '../../../lib/local/services/sns/service.js';
import { SqsService, sqsOf } from '../../../lib/local/services/sqs/service.js';
import { Loopback, resource } from '../loopback.js';

const TopicArn = 'arn:aws:sns:us-east-1:123456789012:Topic';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Q';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const topic = resource('AWS::SNS::Topic', 'Topic', {}, { ref: TopicArn });
const queue = resource(
  'AWS::SQS::Queue',
  'Q',
  {},
  { ref: 'http://sqs/1/Q', attributes: { Arn: QUEUE, QueueName: 'Q' } },
);
const subscription = (Protocol: string, Endpoint: string, more: ValueObject = {}) =>
  resource(
    'AWS::SNS::Subscription',
    `Sub-${Protocol}`,
    { TopicArn, Protocol, Endpoint, ...more },
    { ref: `${TopicArn}:sub` },
  );

describe('SNS', () => {
  let cloud: Loopback;
  let client: SNSClient;
  const start = async (...subscriptions: ReturnType<typeof resource>[]) => {
    cloud = await Loopback.start(
      [(c) => new SnsService(c), (c) => new SqsService(c), (c) => new MailboxService(c)],
      [topic, queue, ...subscriptions],
    );
    cloud.functions.handlers.set(FUNCTION, () => null);
    client = new SNSClient(cloud.client());
  };
  const publish = (Message: string, more: object = {}) =>
    client.send(new PublishCommand({ TopicArn, Message, ...more }));
  const bodies = () =>
    sqsOf(cloud)
      .tryQueue(QUEUE)
      ?.receive(10)
      .map(({ body }) => body);
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  test('publishes to mail, function and queue, each under the topic’s permission', async () => {
    await start(subscription('email', 'ann@example.com'), subscription('lambda', FUNCTION), subscription('sqs', QUEUE));
    const { MessageId } = await publish('Decide: http://127.0.0.1/x', { Subject: 'Approve & go?' });
    await cloud.clock.settled();
    expect(mailboxOf(cloud).list()).toMatchObject([
      {
        to: ['ann@example.com'],
        subject: 'Approve & go?',
        text: 'Decide: http://127.0.0.1/x',
        links: ['http://127.0.0.1/x'],
      },
    ]);
    expect(cloud.functions.invocations[0]?.event).toMatchObject({
      Records: [
        { EventSource: 'aws:sns', Sns: { Type: 'Notification', MessageId, TopicArn, Subject: 'Approve & go?' } },
      ],
    });
    expect(JSON.parse(bodies()?.[0] ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId,
      Message: 'Decide: http://127.0.0.1/x',
    });
    expect(cloud.accesses.slice(1)).toMatchObject([
      {
        caller: { name: 'sns.amazonaws.com' },
        action: 'lambda:InvokeFunction',
        context: { 'aws:SourceArn': TopicArn },
      },
      { caller: { name: 'sns.amazonaws.com' }, action: 'sqs:SendMessage', context: { 'aws:SourceArn': TopicArn } },
    ]);
  });

  test('delivers raw, and by protocol', async () => {
    await start(subscription('sqs', QUEUE, { RawMessageDelivery: true }), subscription('email', 'a@b.c'));
    await publish('plain');
    await publish(JSON.stringify({ default: 'd', sqs: 'for the queue' }), { MessageStructure: 'json' });
    await cloud.clock.settled();
    expect(bodies()).toEqual(['plain', 'for the queue']);
    expect(
      mailboxOf(cloud)
        .list()
        .map(({ text }) => text),
    ).toEqual(['plain', 'd']);
  });

  test('filters by attributes or by body', async () => {
    await start(
      subscription('sqs', QUEUE, { RawMessageDelivery: true, FilterPolicy: { size: [{ numeric: ['>', 5] }] } }),
      subscription('email', 'a@b.c', { FilterPolicyScope: 'MessageBody', FilterPolicy: { kind: ['order'] } }),
    );
    await publish('big', { MessageAttributes: { size: { DataType: 'Number', StringValue: '7' } } });
    await publish('{"kind":"order"}');
    await cloud.clock.settled();
    expect(bodies()).toEqual(['big']);
    expect(
      mailboxOf(cloud)
        .list()
        .map(({ text }) => text),
    ).toEqual(['{"kind":"order"}']);
  });

  test.each([
    [
      'the same id twice',
      [
        { Id: 'a', Message: '1' },
        { Id: 'a', Message: '2' },
      ],
      'BatchEntryIdsNotDistinctException',
    ],
    [
      'more than 256 KiB together',
      ['a', 'b'].map((Id) => ({ Id, Message: 'x'.repeat(150_000) })),
      'BatchRequestTooLongException',
    ],
  ])('refuses a batch of %s', async (_, PublishBatchRequestEntries, name) => {
    await start(subscription('sqs', QUEUE, { RawMessageDelivery: true }));
    const command = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries });
    await expect(client.send(command)).rejects.toMatchObject({ name });
    expect(bodies()).toEqual([]);
  });

  test('publishes batches; an unknown topic is NotFound', async () => {
    await start(subscription('sqs', QUEUE, { RawMessageDelivery: true }));
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'one' },
      { Id: 'b', Message: 'two' },
    ];
    const { Successful } = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'b']);
    await cloud.clock.settled();
    expect(bodies()).toEqual(['one', 'two']);
    await expect(publish('x', { TopicArn: `${TopicArn}2` })).rejects.toBeInstanceOf(NotFoundException);
  });

  test('refuses a subscription by text message', async () => {
    await expect(start(subscription('sms', '+1'))).rejects.toThrow('`Stack/Sub-sms.Protocol`: expected `email`');
    await start();
  });
});
