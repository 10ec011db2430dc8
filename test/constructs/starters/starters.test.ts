import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { TaskHub } from '../../../lib/constructs/hub/task-hub.js';
import { Chain } from '../../../lib/constructs/patterns/chain.js';
import { EventStarter, QueueStarter, ScheduleStarter, UploadStarter } from '../../../lib/constructs/starters/index.js';
import { expr, flow } from '../../../lib/flow/index.js';
import { expectNoCycle } from '../cycles.js';
import { newStack, resources } from '../kit.js';

interface Order {
  readonly id: string;
  readonly lines: readonly { readonly sku: string }[];
}

function orderStack() {
  const stack = newStack();
  const hub = new TaskHub(stack, 'Hub');
  const steps = flow<Order>()
    .delay(Duration.seconds(1))
    .output(({ input }) => input.id);
  return { stack, hub, processOrder: new Chain(stack, 'ProcessOrder', { hub, steps }) };
}

function settingsOf(stack: Stack): unknown {
  const [fn] = Object.values(resources(stack, 'AWS::Lambda::Function')).filter(({ Properties }) =>
    JSON.stringify(Properties['Environment']).includes('DURABLE_HUB_STARTER'),
  );
  const environment = fn?.Properties['Environment'] as { readonly Variables: Record<string, string> } | undefined;
  return JSON.parse(environment?.Variables['DURABLE_HUB_STARTER'] ?? '');
}

test('an event starter takes id and input from the event', () => {
  const { stack, processOrder } = orderStack();
  new EventStarter<{ order: Order }, Order>(stack, 'OnOrder', {
    orchestration: processOrder,
    eventPattern: { source: ['shop'] },
    instanceId: ({ detail }) => ['order', detail.order.id],
    input: ({ detail }) => ({ id: detail.order.id, lines: [detail.order.lines[0] as never] }),
  });
  expect(settingsOf(stack)).toEqual({
    source: 'event',
    orchestration: 'process-order',
    instanceId: ['order', { $event: ['detail', 'order', 'id'] }],
    input: {
      id: { $event: ['detail', 'order', 'id'] },
      lines: [{ $event: ['detail', 'order', 'lines', 0] }],
    },
  });
  const template = Template.fromStack(stack);
  expectNoCycle(template);
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { source: ['shop'] },
    Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    DeadLetterConfig: Match.anyValue(),
    Description: 'Starts process-order for an event',
  });
});

test('an event starter’s id is the event’s unless said otherwise', () => {
  const { stack, processOrder } = orderStack();
  new EventStarter<Order, Order>(stack, 'OnOrder', {
    orchestration: processOrder,
    eventPattern: { source: ['shop'] },
    input: ({ detail }) => detail,
  });
  expect(settingsOf(stack)).toMatchObject({ instanceId: { $event: ['id'] }, input: { $event: ['detail'] } });
});

test('a schedule starter makes one instance for each time it is due', () => {
  const { stack, processOrder } = orderStack();
  new ScheduleStarter(stack, 'Nightly', {
    orchestration: processOrder,
    schedule: events.Schedule.cron({ hour: '3', minute: '0' }),
    input: () => ({ id: 'nightly', lines: [] }),
  });
  expect(settingsOf(stack)).toMatchObject({
    instanceId: ['Nightly', { $event: ['time'] }],
    input: { id: 'nightly', lines: [] },
  });
  Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 3 * * ? *)' });
});

test('an upload starter listens to its bucket by CloudFormation’s own property', () => {
  const { stack, processOrder } = orderStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  new UploadStarter(stack, 'OnUpload', {
    orchestration: processOrder,
    bucket,
    prefix: 'orders/',
    suffix: '.json',
    input: ({ detail }) => ({ id: detail.object.key, lines: [] }),
  });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::S3::Bucket', {
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
  });
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [{ Ref: Match.stringLikeRegexp('Bucket') }] },
        object: { key: [{ wildcard: 'orders/*.json' }] },
      },
    },
  });
  expect(Object.keys(template.findResources('Custom::S3BucketNotifications'))).toEqual([]);
  expect(settingsOf(stack)).toMatchObject({
    instanceId: [
      { $event: ['detail', 'bucket', 'name'] },
      { $event: ['detail', 'object', 'key'] },
      { $event: ['detail', 'object', 'sequencer'] },
    ],
  });
});

test('a queue starter makes a queue with a dead-letter queue, and reports failed messages one by one', () => {
  const { stack, processOrder } = orderStack();
  new QueueStarter<Order, Order>(stack, 'Orders', { orchestration: processOrder, input: ({ body }) => body });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::SQS::Queue', {
    RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }),
    VisibilityTimeout: 180,
  });
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BatchSize: 10,
  });
  expect(settingsOf(stack)).toMatchObject({
    source: 'queue',
    instanceId: { $event: ['messageId'] },
    input: { $event: ['body'] },
  });
});

test('a queue without a dead-letter queue is refused', () => {
  const { stack, processOrder } = orderStack();
  const queue = new sqs.Queue(stack, 'Queue');
  expect(
    () =>
      new QueueStarter<Order, Order>(stack, 'Orders', {
        orchestration: processOrder,
        queue,
        input: ({ body }) => body,
      }),
  ).toThrow('`Stack/Orders.queue`: expected a queue with a dead-letter queue');
});

test('an orchestration without a hub is refused', () => {
  const stack = newStack();
  const orchestration = new Chain(stack, 'Lonely', { steps: flow<Order>().delay(Duration.seconds(1)) });
  expect(
    () =>
      new EventStarter<Order, Order>(stack, 'OnOrder', {
        orchestration,
        eventPattern: { source: ['shop'] },
        input: ({ detail }) => detail,
      }),
  ).toThrow('`Stack/OnOrder.orchestration`: expected an orchestration with a task hub');
});

test('a computed input is refused: the event is only taken apart', () => {
  const { stack, processOrder } = orderStack();
  expect(
    () =>
      new EventStarter<Order, Order>(stack, 'OnOrder', {
        orchestration: processOrder,
        eventPattern: { source: ['shop'] },
        input: ({ detail }) => ({ id: expr<string>`$uppercase(${detail.id})`, lines: [] }),
      }),
  ).toThrow('compute in the orchestration’s first step');
});
