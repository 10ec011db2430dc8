import { EventBridgeClient, PutEventsCommand, ResourceNotFoundException } from '@aws-sdk/client-eventbridge';
import type { ValueObject } from '../../../lib/assembly/model.js';
import { DEVELOPER, ServiceError } from '../../../lib/local/cloud/service.js';
import { SchedulerService } from '../../../lib/local/services/events/scheduler-service.js';
import { EventsService } from '../../../lib/local/services/events/service.js';
import { SqsService, sqsOf } from '../../../lib/local/services/sqs/service.js';
import { Loopback, type LoopbackOptions, resource } from '../loopback.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:sm';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Q';
const DEAD = 'arn:aws:sqs:us-east-1:123456789012:Dead';
const RULE = 'arn:aws:events:us-east-1:123456789012:rule/Rule';
const ROLE = 'arn:aws:iam::123456789012:role/r';

const queue = (name: string) =>
  resource(
    'AWS::SQS::Queue',
    name,
    {},
    {
      ref: `http://sqs/123456789012/${name}`,
      attributes: { Arn: `arn:aws:sqs:us-east-1:123456789012:${name}`, QueueName: name },
    },
  );
const rule = (properties: ValueObject) =>
  resource('AWS::Events::Rule', 'Rule', { State: 'ENABLED', ...properties }, { attributes: { Arn: RULE } });
const schedule = (properties: ValueObject, name = 'Nightly') =>
  resource(
    'AWS::Scheduler::Schedule',
    name,
    { FlexibleTimeWindow: { Mode: 'OFF' }, State: 'ENABLED', ...properties },
    { attributes: { Arn: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/Nightly' } },
  );

let cloud: Loopback;
let client: EventBridgeClient;
const start = async (resources: readonly ReturnType<typeof resource>[], options: LoopbackOptions = {}) => {
  cloud = await Loopback.start(
    [(c) => new EventsService(c), (c) => new SchedulerService(c), (c) => new SqsService(c)],
    [queue('Q'), queue('Dead'), ...resources],
    options,
  );
  cloud.functions.handlers.set(FUNCTION, () => null);
  client = new EventBridgeClient(cloud.client());
};
const put = (detail: unknown, more: object = {}) =>
  client.send(
    new PutEventsCommand({
      Entries: [{ Source: 'shop', DetailType: 'Order', Detail: JSON.stringify(detail), ...more }],
    }),
  );
const events = () => cloud.functions.invocations.map(({ event }) => event);
const bodies = (arn: string) =>
  sqsOf(cloud)
    .tryQueue(arn)
    ?.receive(10)
    .map(({ body }) => body);
afterEach(async () => {
  client.destroy();
  await cloud.close();
});

describe('rules', () => {
  test('an event that fits goes to function, state machine and queue', async () => {
    await start([
      rule({
        EventPattern: { source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } },
        Targets: [
          { Id: 'a', Arn: FUNCTION },
          { Id: 'b', Arn: MACHINE, RoleArn: ROLE, InputPath: '$.detail' },
          { Id: 'c', Arn: QUEUE, Input: '"text"' },
          {
            Id: 'd',
            Arn: MACHINE,
            RoleArn: ROLE,
            InputTransformer: {
              InputPathsMap: { total: '$.detail.total', type: '$.detail-type', none: '$.detail.none' },
              InputTemplate:
                '{"sum":<total>,"type":<type>,"text":"a \\"<type>\\" of <total>","none":<none>,"rule":<aws.events.rule-name>}',
            },
          },
        ],
      }),
    ]);
    const { Entries, FailedEntryCount } = await put({ total: 17 });
    await put({ total: 3 });
    await cloud.clock.settled();
    expect(FailedEntryCount).toBe(0);
    expect(events()).toEqual([
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'Order',
        source: 'shop',
        account: '123456789012',
        time: '2026-03-01T12:00:00Z',
        region: 'us-east-1',
        resources: [],
        detail: { total: 17 },
      },
    ]);
    expect(cloud.machines.started.map(({ input }) => JSON.parse(input ?? ''))).toEqual([
      { total: 17 },
      { sum: 17, type: 'Order', text: 'a "Order" of 17', none: null, rule: 'Rule' },
    ]);
    expect(bodies(QUEUE)).toEqual(['text']);
    expect(cloud.accesses.map(({ action, caller }) => `${action} by ${caller.roleArn ?? caller.name}`)).toEqual(
      expect.arrayContaining([
        'events:PutEvents by developer',
        'lambda:InvokeFunction by events.amazonaws.com',
        `states:StartExecution by ${ROLE}`,
        'sqs:SendMessage by events.amazonaws.com',
      ]),
    );
  });

  test('a disabled rule, or one of another bus, gets nothing', async () => {
    const bus = resource('AWS::Events::EventBus', 'Bus', { Name: 'own' });
    const target = { Id: 'a', Arn: FUNCTION };
    await start([bus, rule({ EventBusName: 'own', EventPattern: { source: ['shop'] }, Targets: [target] })]);
    await put({ n: 1 });
    await put({ n: 2 }, { EventBusName: 'arn:aws:events:us-east-1:123456789012:event-bus/own' });
    await cloud.clock.settled();
    expect(events()).toMatchObject([{ detail: { n: 2 } }]);
    await expect(put({}, { EventBusName: 'none' })).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  test.each([
    ['a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
    ["AWS's own source", { Source: 'aws.states' }, 'NotAuthorizedForSourceException'],
    ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
  ])('%s fails the entry', async (_, more, code) => {
    await start([]);
    expect(await put({}, more)).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: code }] });
  });

  test('a request of more than 256 KiB is refused', async () => {
    await start([]);
    expect(await put({ text: 'x'.repeat(261_000) })).toMatchObject({ FailedEntryCount: 0 });
    await expect(put({ text: 'x'.repeat(262_144) })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
  });

  test('a state machine puts events with an object as detail', async () => {
    await start([rule({ EventPattern: { source: ['flow'] }, Targets: [{ Id: 'a', Arn: FUNCTION }] })]);
    const entry = { Source: 'flow', DetailType: 'T', Detail: { a: 1 } };
    const answer = await cloud.tryService('events')?.api?.call('putEvents', { Entries: [entry] }, DEVELOPER);
    expect(answer).toMatchObject({ FailedEntryCount: 0 });
    await cloud.clock.settled();
    expect(events()).toMatchObject([{ source: 'flow', detail: { a: 1 } }]);
  });

  test('a delivery that is not permitted ends in the dead-letter queue, or in a warning', async () => {
    const target = { Id: 'a', Arn: FUNCTION, DeadLetterConfig: { Arn: DEAD } };
    await start([rule({ EventPattern: { source: ['shop'] }, Targets: [target, { Id: 'b', Arn: FUNCTION }] })], {
      authorize({ action }) {
        if (action === 'lambda:InvokeFunction') throw new ServiceError('AccessDeniedException', 'no');
      },
    });
    await put({ n: 1 });
    await cloud.clock.settled();
    const [message] = sqsOf(cloud).tryQueue(DEAD)?.receive(10) ?? [];
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ detail: { n: 1 } });
    expect(message?.attributes).toMatchObject({
      ERROR_CODE: { StringValue: 'AccessDeniedException' },
      RULE_ARN: { StringValue: RULE },
    });
    expect(cloud.warnings).toHaveLength(2);
    expect(cloud.functions.invocations).toEqual([]);
  });

  test('a delivery that is throttled is tried again on the clock', async () => {
    await start([rule({ EventPattern: { source: ['shop'] }, Targets: [{ Id: 'b', Arn: MACHINE, RoleArn: ROLE }] })]);
    const failure = new ServiceError('ThrottlingException', 'slow down');
    cloud.machines.failures.push(failure, failure);
    const before = cloud.clock.now();
    await put({ n: 1 });
    await cloud.clock.settled();
    expect(cloud.machines.started).toHaveLength(1);
    expect(cloud.clock.now() - before).toBe(3000);
  });

  test('refuses a target that the local cloud cannot run', async () => {
    const target = { Id: 'a', Arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/c' };
    await expect(start([rule({ EventPattern: { source: ['x'] }, Targets: [target] })])).rejects.toThrow(
      '`Stack/Rule.Targets[0].Arn`: expected a Lambda function, a state machine, an SQS queue or an SNS topic',
    );
    await start([]);
  });
});

describe('status changes of executions', () => {
  const change = {
    executionArn: 'arn:aws:states:us-east-1:123456789012:execution:sm:e',
    stateMachineArn: MACHINE,
    name: 'e',
    startDate: 1000,
    input: '{"a":1}',
    redriveCount: 0,
  };

  beforeEach(() =>
    start([
      rule({
        EventPattern: { source: ['aws.states'], detail: { stateMachineArn: [MACHINE] } },
        Targets: [{ Id: 'a', Arn: FUNCTION }],
      }),
    ]),
  );

  test('have the shape of AWS, times in milliseconds', async () => {
    cloud.machines.change({ ...change, status: 'RUNNING' });
    cloud.machines.change({ ...change, status: 'FAILED', stopDate: 2000, error: 'E', cause: 'C' });
    cloud.machines.change({ ...change, status: 'SUCCEEDED', stopDate: 2000, output: '"x"' });
    await cloud.clock.settled();
    expect(events()).toMatchObject([
      {
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        resources: [change.executionArn],
        detail: {
          executionArn: change.executionArn,
          stateMachineArn: MACHINE,
          name: 'e',
          status: 'RUNNING',
          startDate: 1000,
          stopDate: null,
          input: '{"a":1}',
          inputDetails: { included: true },
          output: null,
          outputDetails: null,
        },
      },
      { detail: { status: 'FAILED', stopDate: 2000, error: 'E', cause: 'C', output: null } },
      { detail: { status: 'SUCCEEDED', output: '"x"', outputDetails: { included: true }, error: null } },
    ]);
  });

  test('leave out what is larger than 248 KiB', async () => {
    const large = JSON.stringify('x'.repeat(130 * 1024));
    const larger = JSON.stringify('x'.repeat(250 * 1024));
    cloud.machines.change({ ...change, status: 'SUCCEEDED', input: large, output: large });
    cloud.machines.change({ ...change, status: 'SUCCEEDED', output: larger });
    await cloud.clock.settled();
    expect(events()).toMatchObject([
      { detail: { input: null, inputDetails: { included: false }, output: large, outputDetails: { included: true } } },
      { detail: { input: null, inputDetails: { included: false }, output: null, outputDetails: { included: false } } },
    ]);
  });
});

describe('schedules', () => {
  test('a scheduled rule fires as time passes, and moves no virtual time by itself', async () => {
    await start([rule({ ScheduleExpression: 'rate(5 minutes)', Targets: [{ Id: 'a', Arn: FUNCTION }] })]);
    const before = cloud.clock.now();
    await cloud.clock.settled();
    expect(cloud.clock.now()).toBe(before);
    await cloud.clock.advanceBy(10 * 60_000);
    expect(events()).toMatchObject([
      {
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        time: '2026-03-01T12:05:00Z',
        resources: [RULE],
        detail: {},
      },
      { time: '2026-03-01T12:10:00Z' },
    ]);
  });

  test('a schedule starts its target under its role, with its context filled in', async () => {
    const target = {
      Arn: MACHINE,
      RoleArn: ROLE,
      Input: '{"at":"<aws.scheduler.scheduled-time>","n":"<aws.scheduler.attempt-number>"}',
    };
    await start([
      schedule({
        ScheduleExpression: 'cron(0 3 ? * MON *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        Target: target,
      }),
    ]);
    await cloud.clock.advanceBy(8 * 86_400_000);
    expect(cloud.machines.started.map(({ input }) => input)).toEqual([
      '{"at":"2026-03-02T02:00:00Z","n":"1"}',
      '{"at":"2026-03-09T02:00:00Z","n":"1"}',
    ]);
    expect(cloud.accesses.at(-1)).toMatchObject({
      caller: { name: 'scheduler.amazonaws.com', roleArn: ROLE },
      action: 'states:StartExecution',
    });
  });

  test('a one-time schedule fires once; a disabled or ended one never', async () => {
    const target = { Arn: FUNCTION, RoleArn: ROLE };
    await start([
      schedule({ ScheduleExpression: 'at(2026-03-01T13:00:00)', Target: target }),
      schedule({ ScheduleExpression: 'rate(1 hour)', State: 'DISABLED', Target: target }, 'Off'),
      schedule({ ScheduleExpression: 'rate(1 hour)', EndDate: '2026-03-01T12:30:00Z', Target: target }, 'Over'),
    ]);
    await cloud.clock.advanceBy(86_400_000);
    expect(events()).toMatchObject([
      { source: 'aws.scheduler', 'detail-type': 'Scheduled Event', time: '2026-03-01T13:00:00Z' },
    ]);
  });

  test('nothing fires after the end', async () => {
    await start([
      rule({ ScheduleExpression: 'rate(1 hour)', Targets: [{ Id: 'a', Arn: FUNCTION }] }),
      schedule({ ScheduleExpression: 'rate(1 hour)', Target: { Arn: FUNCTION, RoleArn: ROLE } }),
    ]);
    for (const name of ['events', 'scheduler']) await cloud.tryService(name)?.close?.();
    await cloud.clock.advanceBy(86_400_000);
    expect(events()).toEqual([]);
  });
});
