import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Activity } from '../../lib/constructs/activity.js';
import { Mail } from '../../lib/constructs/hub/mail.js';
import { TaskHub } from '../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../lib/constructs/patterns/chain.js';
import { QueueStarter } from '../../lib/constructs/starters/index.js';
import { fanOutFanIn, flow, humanApproval, waitForEvent } from '../../lib/flow/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

interface Order {
  readonly id: string;
}

/** Whatever takes a key has one: the hub's table, a starter's queues, the bucket of a fan-out's results, the topic for mails. */
class EncryptedStack extends Stack {
  readonly key = new kms.Key(this, 'Key', { removalPolicy: RemovalPolicy.DESTROY });
  readonly topic = new sns.Topic(this, 'Topic', { masterKey: this.key });
  readonly hub = new TaskHub(this, 'Hub', { encryptionKey: this.key, mail: Mail.sns(this.topic) });
  readonly queue = this.encryptedQueue('Queue', {
    visibilityTimeout: Duration.minutes(3),
    deadLetterQueue: { maxReceiveCount: 3, queue: this.encryptedQueue('Failed') },
  });
  readonly bucket = new s3.Bucket(this, 'Bucket', { encryptionKey: this.key });
  readonly order = new Chain(this, 'Order', {
    hub: this.hub,
    steps: flow<Order>()
      .customStatus('unpaid')
      .step('paid', waitForEvent<number>('paid', { timeout: Duration.days(1) }))
      .customStatus('paid')
      .step('approval', humanApproval({ approvers: ['boss'], subject: 'Ship it?', timeout: Duration.days(1) }))
      .output(({ paid, approval }) => ({ paid: paid.payload, outcome: approval.outcome })),
  });
  readonly double = new Activity<(item: number) => number>(this, 'Double', {
    function: new lambda.Function(this, 'DoubleFunction', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async (item) => item * 2'),
    }),
  });
  readonly doubleAll = new Chain(this, 'DoubleAll', {
    hub: this.hub,
    steps: flow<readonly number[]>()
      .step(
        'doubled',
        fanOutFanIn({
          mode: 'distributed',
          items: ({ input }) => input,
          each: this.double,
          resultsTo: { bucket: this.bucket, prefix: 'results' },
        }),
      )
      .output(({ doubled }) => doubled.bucket),
  });

  constructor(app: App) {
    super(app, 'Encrypted');
    new QueueStarter<Order, Order>(this, 'Orders', {
      orchestration: this.order,
      queue: this.queue,
      instanceId: ({ body }) => body.id,
      input: ({ body }) => body,
    });
  }

  private encryptedQueue(id: string, props: sqs.QueueProps = {}): sqs.Queue {
    return new sqs.Queue(this, id, { encryptionMasterKey: this.key, ...props });
  }
}

const stack = new EncryptedStack(new App());
let env: TestEnvironment;
beforeEach(async () => {
  env = await TestEnvironment.create(stack);
});
afterEach(() => env.close());

test('with customer-managed keys everywhere, a message starts an instance that shows its status, waits, asks and ends', async () => {
  const sqs = new SQSClient(env.aws);
  const QueueUrl = env.cloud.assembly.ofType('AWS::SQS::Queue').find(({ path }) => path === 'Encrypted/Queue')?.ref;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"id":"one"}' }));
  await env.advance({ seconds: 30 });
  expect(await env.client().status('one')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'unpaid' });
  await env.client().raiseEvent('one', 'paid', 12);
  await env.advance({ seconds: 1 });
  expect(await env.client().status('one')).toMatchObject({ runtimeStatus: 'Running', customStatus: 'paid' });
  await env.advance({ days: 1 });
  expect(await env.client().status('one')).toMatchObject({
    runtimeStatus: 'Completed',
    output: { paid: 12, outcome: 'timedOut' },
  });
});

test('a fan-out writes its results into an encrypted bucket', async () => {
  const instance = await env.start(stack.doubleAll, [1, 2]);
  expect(await instance.completed()).toBe(env.cloud.assembly.ofType('AWS::S3::Bucket')[0]?.ref);
});
