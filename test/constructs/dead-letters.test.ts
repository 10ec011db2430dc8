import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { flow } from '../../lib/flow/index.js';
import {
  ApiAuth,
  AsyncHttpApi,
  Chain,
  EventStarter,
  Mail,
  QueueStarter,
  ScheduleStarter,
  TaskHub,
  UploadStarter,
} from '../../lib/index.js';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Everything of the kit that events or messages arrive at. */
function consumers(): Readonly<Record<string, Resource>> {
  const stack = new Stack(new App(), 'Stack');
  const hub = new TaskHub(stack, 'Hub', { mail: Mail.ses({ from: 'a@example.com' }) });
  const orchestration = new Chain(stack, 'Work', { hub, steps: flow<null>().delay(Duration.seconds(1)) });
  const input = () => null;
  new QueueStarter(stack, 'Queue', { orchestration, input });
  new ScheduleStarter(stack, 'Daily', { orchestration, input, schedule: events.Schedule.rate(Duration.days(1)) });
  new EventStarter(stack, 'OnEvent', { orchestration, input, eventPattern: { source: ['shop'] } });
  new UploadStarter(stack, 'OnUpload', { orchestration, input, bucket: new s3.Bucket(stack, 'Bucket') });
  new AsyncHttpApi(stack, 'Api', { hub, auth: ApiAuth.iam(), orchestrations: { work: orchestration } });
  return Template.fromStack(stack).toJSON()['Resources'];
}

const all = consumers();
const ofType = (type: string) => Object.entries(all).filter(([, { Type }]) => Type === type);

/** The queue that a reference leads to. */
const queueOf = (reference: unknown): Resource | undefined =>
  all[(reference as { readonly 'Fn::GetAtt'?: readonly string[] } | undefined)?.['Fn::GetAtt']?.[0] ?? ''];

test.each(ofType('AWS::Events::Rule'))(
  'what the rule %s can’t deliver lies in a queue for two weeks',
  (_, { Properties }) => {
    const targets = Properties['Targets'] as readonly {
      readonly Arn: unknown;
      readonly DeadLetterConfig?: { readonly Arn: unknown };
    }[];
    for (const { Arn, DeadLetterConfig } of targets) {
      expect(queueOf(DeadLetterConfig?.Arn)?.Properties['MessageRetentionPeriod']).toBe(1_209_600);
      // What is delivered and fails again and again, too: a rule invokes asynchronously.
      const { DeadLetterConfig: ofFunction } = queueOf(Arn)!.Properties as {
        readonly DeadLetterConfig?: { readonly TargetArn: unknown };
      };
      expect(queueOf(ofFunction?.TargetArn)?.Type).toBe('AWS::SQS::Queue');
    }
  },
);

test.each(ofType('AWS::Lambda::EventSourceMapping'))(
  'what %s can’t take goes to its queue’s dead-letter queue',
  (_, { Properties }) => {
    const { RedrivePolicy } = queueOf(Properties['EventSourceArn'])!.Properties as {
      readonly RedrivePolicy?: { readonly deadLetterTargetArn: unknown };
    };
    expect(queueOf(RedrivePolicy?.deadLetterTargetArn)?.Type).toBe('AWS::SQS::Queue');
  },
);

test('these are all that is consumed: of the hub twice, of four starters', () => {
  expect(ofType('AWS::Events::Rule')).toHaveLength(5);
  expect(ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(1);
  for (const type of ['AWS::SNS::Subscription', 'AWS::Pipes::Pipe', 'AWS::Scheduler::Schedule'])
    expect(ofType(type)).toEqual([]);
});
