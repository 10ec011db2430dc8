import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { flow } from '../../../lib/flow/index.js';
import { Chain, EventStarter, HubAlarms, Mail, QueueStarter, ScheduleStarter, TaskHub } from '../../../lib/index.js';

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
>;

function watched() {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const hub = new TaskHub(stack, 'Hub', { mail: Mail.ses({ from: 'a@example.com' }) });
  const orchestration = new Chain(stack, 'Work', { hub, steps: flow<null>().delay(Duration.seconds(1)) });
  const input = () => null;
  new EventStarter(stack, 'OnEvent', { orchestration, input, eventPattern: { source: ['shop'] } });
  const alarms = new HubAlarms(stack, 'Alarms', { hub, topic: new sns.Topic(stack, 'Topic') });
  new ScheduleStarter(stack, 'Daily', { orchestration, input, schedule: events.Schedule.rate(Duration.days(1)) });
  new QueueStarter(stack, 'Queue', { orchestration, input });
  const own = new sqs.Queue(stack, 'Own');
  const queue = new sqs.Queue(stack, 'Given', { deadLetterQueue: { queue: own, maxReceiveCount: 3 } });
  new QueueStarter(stack, 'OfGiven', { orchestration, input, queue });
  return { stack, hub, alarms, orchestration };
}

const { stack, hub, alarms, orchestration } = watched();
const template = Template.fromStack(stack);
const resources: Resources = template.toJSON()['Resources'];
const ofType = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);
/** Every logical id that a value refers to. */
const refersTo = (value: unknown) =>
  [...JSON.stringify(value).matchAll(/(?:"Ref":|"Fn::GetAtt":\[)"(\w+)"/g)].map(([, id]) => id!);

/** The queues that are somebody's dead-letter queue: of a rule's target, a function or another queue. */
const deadLetterQueues = new Set(
  Object.values(resources).flatMap(({ Type, Properties = {} }) => {
    if (Type === 'AWS::Events::Rule')
      return (Properties['Targets'] as readonly object[]).flatMap((one) =>
        refersTo('DeadLetterConfig' in one ? one.DeadLetterConfig : {}),
      );
    if (Type === 'AWS::Lambda::Function') return refersTo(Properties['DeadLetterConfig'] ?? {});
    return Type === 'AWS::SQS::Queue' ? refersTo(Properties['RedrivePolicy'] ?? {}) : [];
  }),
);

test('each dead-letter queue of the stack has an alarm, also of consumers that came later or with a queue of their own', () => {
  const alarmed = ofType('AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) => Properties['Namespace'] === 'AWS/SQS')
    .flatMap(([, { Properties }]) => refersTo(Properties['Dimensions']));
  expect(alarmed.sort()).toEqual([...deadLetterQueues].sort());
  expect(alarmed).toHaveLength(5);
});

test('the dashboard shows each of them beside its consumer, and each alarm', () => {
  const [[, dashboard]] = ofType('AWS::CloudWatch::Dashboard') as [
    Resources extends Readonly<Record<string, infer R>> ? [string, R] : never,
  ];
  const body = dashboard.Properties['DashboardBody'];
  const shown = new Set(refersTo(body));
  for (const queue of deadLetterQueues) expect(shown).toContain(queue);
  for (const [alarm] of ofType('AWS::CloudWatch::Alarm')) expect(shown).toContain(alarm);
  for (const consumer of ['Hub', 'OnEvent', 'Daily', 'Queue', 'OfGiven'])
    expect(JSON.stringify(body)).toContain(`\`Stack/${consumer}\` | `);
  const text = (body as { readonly 'Fn::Join': readonly [string, readonly unknown[]] })['Fn::Join'][1]
    .map((part) => (typeof part === 'string' ? part : 'x'))
    .join('');
  expect(JSON.parse(text).widgets).toHaveLength(10);
});

test('each alarm tells the topic when it goes off and when it is over', () => {
  const topic = { Ref: ofType('AWS::SNS::Topic')[0]![0] };
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: [topic],
    OKActions: [topic],
    TreatMissingData: 'notBreaching',
    AlarmDescription: Match.stringLikeRegexp('^Task hub Stack/Hub: .+\\.$'),
  });
});

test('the ends of instances are counted by the hub, whose functions measure them', () => {
  for (const metric of ['InstancesFailed', 'InstancesTimedOut'])
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'DurableSteps',
      MetricName: metric,
      Dimensions: [{ Name: 'Hub', Value: stack.resolve(hub.table.tableName) }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  const measuring = ofType('AWS::Lambda::Function')
    .map(([, { Properties }]) => Properties)
    .filter(({ Environment }) => JSON.stringify(Environment ?? {}).includes('"DURABLE_HUB_METRICS":"true"'))
    .map(({ Description }) => Description);
  // Also those that come later.
  expect(measuring).toContain('Starts work for an event');
  expect(measuring).toContain('Brings the task hub’s records up to date with the status of executions');
});

test('without alarms nothing is measured', () => {
  const plain = new Stack(new App(), 'Stack');
  new TaskHub(plain, 'Hub');
  expect(JSON.stringify(Template.fromStack(plain).toJSON())).not.toContain('DURABLE_HUB_METRICS');
});

test('a metric of one orchestration is told by its name in the hub', () => {
  expect(alarms.metric('InstancesFailed', hub.nameOf(orchestration.stateMachine)).dimensions).toMatchObject({
    Orchestration: 'work',
  });
});
