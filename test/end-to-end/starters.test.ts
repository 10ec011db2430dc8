import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { EventStarter, QueueStarter, ScheduleStarter, UploadStarter } from '../../lib/constructs/starters/index.js';
import { flow } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

interface Job {
  readonly from: string;
  readonly subject: string;
}

/** Four orchestrations that take a second and answer with their input, each behind a starter of another kind. */
class StartersStack extends Stack {
  readonly bucket = new s3.Bucket(this, 'Bucket');
  readonly hub = new TaskHub(this, 'Hub', { removalPolicy: RemovalPolicy.DESTROY });
  readonly nightly = this.orchestration('Nightly');
  readonly onUpload = this.orchestration('OnUpload');
  readonly onMessage = this.orchestration('OnMessage');
  readonly onEvent = this.orchestration('OnEvent');
  readonly queue: QueueStarter<{ readonly order: string }, Job>;

  constructor(scope: App) {
    super(scope, 'Starters');
    new ScheduleStarter(this, 'EveryNight', {
      orchestration: this.nightly,
      schedule: events.Schedule.cron({ hour: '3', minute: '0' }),
      input: ({ time }) => ({ from: 'schedule', subject: time }),
    });
    new UploadStarter(this, 'Uploads', {
      orchestration: this.onUpload,
      bucket: this.bucket,
      prefix: 'in/',
      input: ({ detail }) => ({ from: 'upload', subject: detail.object.key }),
    });
    this.queue = new QueueStarter<{ readonly order: string }, Job>(this, 'Orders', {
      orchestration: this.onMessage,
      instanceId: ({ body }) => ['order', body.order],
      input: ({ body }) => ({ from: 'queue', subject: body.order }),
    });
    new EventStarter<{ readonly order: string }, Job>(this, 'Events', {
      orchestration: this.onEvent,
      eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
      instanceId: ({ detail }) => ['placed', detail.order],
      input: ({ detail }) => ({ from: 'event', subject: detail.order }),
    });
  }

  private orchestration(id: string) {
    const steps = flow<Job>()
      .delay(Duration.seconds(1))
      .output(({ input }) => input);
    return new Chain(this, id, { hub: this.hub, steps });
  }
}

const stack = new StartersStack(new App());
let env: TestEnvironment;
beforeEach(async () => {
  env = await TestEnvironment.create(stack);
});
afterEach(() => env.close());

describe('a schedule', () => {
  test('starts one instance each time it is due', async () => {
    await env.advance({ days: 2 });
    const ids = ['EveryNight-2026-01-01T03:00:00Z', 'EveryNight-2026-01-02T03:00:00Z'];
    for (const id of ids) {
      expect(await env.client().status(id)).toMatchObject({
        name: 'nightly',
        runtimeStatus: 'Completed',
        output: { from: 'schedule', subject: id.replace('EveryNight-', '') },
      });
    }
    expect(env.instances(stack.nightly)).toHaveLength(2);
  });
});

describe('an upload', () => {
  test('starts an instance, each write another one', async () => {
    await env.upload(stack.bucket, 'in/a b+ü.txt', '1');
    await env.upload(stack.bucket, 'in/a b+ü.txt', '2');
    await env.advance({ seconds: 5 });
    const [first, second, ...others] = env.instances(stack.onUpload);
    expect(others).toEqual([]);
    expect(await first?.completed()).toEqual({ from: 'upload', subject: 'in/a b+ü.txt' });
    expect(await second?.completed()).toEqual({ from: 'upload', subject: 'in/a b+ü.txt' });
  });

  test('under the longest key that S3 allows starts one too', async () => {
    const key = `in/${'k'.repeat(1_021)}`;
    await env.upload(stack.bucket, key, '1');
    await env.advance({ seconds: 5 });
    expect(await env.instances(stack.onUpload)[0]?.completed()).toEqual({ from: 'upload', subject: key });
  });

  test('elsewhere starts nothing', async () => {
    await env.upload(stack.bucket, 'out/a.txt', '1');
    await env.advance({ seconds: 5 });
    expect(env.instances(stack.onUpload)).toEqual([]);
  });
});

describe('a queue', () => {
  let sqs: SQSClient;
  let url: string;
  let deadLettersUrl: string;
  beforeEach(() => {
    sqs = new SQSClient(env.aws);
    const urlOf = (path: string) =>
      env.cloud.assembly.ofType('AWS::SQS::Queue').find((queue) => queue.path === path)?.ref ?? '';
    url = urlOf('Starters/Orders/Queue');
    deadLettersUrl = urlOf('Starters/Orders/DeadLetters');
  });
  afterEach(() => sqs.destroy());

  const sendText = async (MessageBody: string) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    await env.settle();
  };
  const left = async (QueueUrl: string) => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  };

  test('starts an instance for a message, and takes it off', async () => {
    await sendText('{"order":"7"}');
    expect(await env.instance(stack.onMessage, 'order-7').completed()).toEqual({ from: 'queue', subject: '7' });
    expect(await left(url)).toBe(0);
  });

  test('that delivers twice starts nothing twice, neither while the instance lives nor afterwards', async () => {
    await sendText('{"order":"7"}');
    await sendText('{"order":"7"}');
    await env.instance(stack.onMessage, 'order-7').completed();
    await sendText('{"order":"7"}');
    await env.advance({ hours: 1 });
    expect(env.instances(stack.onMessage)).toHaveLength(1);
    expect(await env.client().status('order-7')).toMatchObject({ runtimeStatus: 'Completed' });
    expect(await left(url)).toBe(0);
    expect(await left(deadLettersUrl)).toBe(0);
    expect(executionsOfOrchestration()).toHaveLength(1);
  });

  test('gives up on a message that can’t be started after 5 attempts, while its neighbours are started', async () => {
    await sendText('poison');
    await sendText('{"order":"8"}');
    await env.advance({ minutes: 10 });
    expect(await left(deadLettersUrl)).toBe(0);
    expect(await left(url)).toBe(1);
    await env.advance({ minutes: 10 });
    expect(await env.client().status('order-8')).toMatchObject({ runtimeStatus: 'Completed' });
    expect(await left(url)).toBe(0);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLettersUrl }));
    expect(Messages.map(({ Body }) => Body)).toEqual(['poison']);
    expect(env.instances(stack.onMessage)).toHaveLength(1);
  });

  const executionsOfOrchestration = () =>
    env.cloud.stepFunctions.listExecutions({
      stateMachineArn: env.cloud.orchestration('Starters/OnMessage').stateMachineArn,
    }).executions;
});

describe('an event', () => {
  let bus: EventBridgeClient;
  beforeEach(() => {
    bus = new EventBridgeClient(env.aws);
  });
  afterEach(() => bus.destroy());

  const put = async (DetailType: string, order: string) => {
    const Detail = JSON.stringify({ order });
    await bus.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType, Detail }] }));
    await env.settle();
  };

  test('starts an instance, the same one when it comes again', async () => {
    await put('OrderPlaced', '7');
    await put('OrderPlaced', '7');
    expect(await env.instance(stack.onEvent, 'placed-7').completed()).toEqual({ from: 'event', subject: '7' });
    await put('OrderPlaced', '7');
    await put('OrderPlaced', '8');
    await put('OrderCancelled', '9');
    await env.advance({ minutes: 1 });
    expect(env.instances(stack.onEvent).map(({ id }) => id)).toEqual(['placed-7', 'placed-8']);
    expect(env.warnings).toEqual([]);
  });
});
