import { App, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ApiStack } from '../../bin/demos/api.js';
import { BackupSiteStack } from '../../bin/demos/backup-site.js';
import { HelloStack } from '../../bin/demos/hello.js';
import { HubStack } from '../../bin/demos/hub.js';
import { MultipleApproversStack } from '../../bin/demos/multiple-approvers.js';
import { PeriodicTaskStack } from '../../bin/demos/periodic-task.js';
import { PhoneVerificationStack } from '../../bin/demos/phone-verification.js';
import { PriceOrderStack } from '../../bin/demos/price-order.js';
import { ProcessOrderStack } from '../../bin/demos/process-order.js';
import { ProcessVideoStack } from '../../bin/demos/process-video.js';
import { WeatherMonitorStack } from '../../bin/demos/weather-monitor.js';
import { callAws, fanOutFanIn, flow, start, waitForEvent } from '../../lib/flow/index.js';
import {
  Activity,
  ApiAuth,
  AsyncHttpApi,
  Chain,
  HubAlarms,
  Mail,
  QueueStarter,
  ScheduleStarter,
  TaskHub,
} from '../../lib/index.js';

/** What cdk-nag's rule pack finds, as `rule: construct`. */
function findings(app: App): readonly string[] {
  app.synth();
  return new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map((one) => `${ruleName}: ${(one as { constructPath?: string }).constructPath}`),
    );
}

/** Every construct of the kit, with what grants the most. */
function kitApp(steps = flow<readonly number[]>()) {
  const app = new App();
  const stack = new Stack(app, 'Kit');
  const hub = new TaskHub(stack, 'Hub', {
    mail: Mail.ses({ from: 'a@example.com' }),
    encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
  });
  const each = new Activity<(item: number) => number>(stack, 'Each', { entry: 'lambda/hello/say-hello.ts' });
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'results');
  const child = new Chain(stack, 'Child', { hub, steps: flow<unknown>().customStatus('busy') });
  const work = new Chain(stack, 'Work', {
    hub,
    steps: steps
      .step('paid', waitForEvent('paid', { timeout: Duration.days(1) }))
      .step('child', child, () => ({}))
      .step('started', start(child), () => ({}))
      .step(
        'all',
        fanOutFanIn({
          mode: 'distributed',
          items: ({ input }) => input,
          each,
          resultsTo: { bucket, prefix: 'results' },
        }),
      ),
  });
  new QueueStarter(stack, 'Queue', { orchestration: work, input: ({ body }) => body as never });
  new ScheduleStarter(stack, 'Daily', {
    orchestration: work,
    schedule: events.Schedule.rate(Duration.days(1)),
    input: () => [],
  });
  new HubAlarms(stack, 'Alarms', { hub });
  new AsyncHttpApi(stack, 'Api', {
    hub,
    auth: ApiAuth.iam(),
    cors: { origins: ['https://shop.example'] },
    orchestrations: { work },
  });
  return { app, stack, hub, each };
}

test('cdk-nag finds nothing unexplained in the kit’s own constructs', () => {
  expect(findings(kitApp().app)).toEqual([]);
});

test('cdk-nag 2, which reads templates, gets the reasons too', () => {
  const { app, stack } = kitApp();
  const { Resources } = app.synth().getStackByName(stack.stackName).template;
  const reasons = Object.values(Resources as Record<string, { readonly Metadata?: Record<string, unknown> }>).flatMap(
    ({ Metadata }) =>
      (Metadata?.['cdk_nag'] as { readonly rules_to_suppress: readonly { id: string; reason: string }[] } | undefined)
        ?.rules_to_suppress ?? [],
  );
  expect([...new Set(reasons.map(({ id }) => id))].sort()).toEqual([
    'AwsSolutions-APIG4',
    'AwsSolutions-IAM5',
    'AwsSolutions-SF1',
  ]);
  for (const { reason } of reasons) expect(reason.length).toBeGreaterThan(20);
});

test('what a user grants stays to be explained, also where the kit grants the same pattern', () => {
  const everything = callAws<unknown>({ service: 'sqs', action: 'listQueues', resources: ['*'] });
  const { app, each } = kitApp(flow<readonly number[]>().step('queues', everything) as never);
  each.function.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:*'], resources: ['*'] }));
  expect([...findings(app)].sort()).toEqual([
    'AwsSolutions-IAM5[Action::s3:*]: Kit/Each/FunctionServiceRole/DefaultPolicy/Resource',
    'AwsSolutions-IAM5[Resource::*]: Kit/Each/FunctionServiceRole/DefaultPolicy/Resource',
    'AwsSolutions-IAM5[Resource::*]: Kit/Work/StateMachine/Role/DefaultPolicy/Resource',
  ]);
});

test('cdk-nag finds nothing unexplained in the demo app', () => {
  const app = new App();
  const { hub } = new HubStack(app, 'Hub');
  const { helloSequence } = new HelloStack(app, 'Hello', { hub });
  for (const [id, Demo] of Object.entries({
    BackupSite: BackupSiteStack,
    WeatherMonitor: WeatherMonitorStack,
    PriceOrder: PriceOrderStack,
    PhoneVerification: PhoneVerificationStack,
    MultipleApprovers: MultipleApproversStack,
    PeriodicTask: PeriodicTaskStack,
    ProcessVideo: ProcessVideoStack,
    ProcessOrder: ProcessOrderStack,
  }))
    new Demo(app, id, { hub });
  new ApiStack(app, 'Api', { hub, orchestrations: { 'hello-sequence': helloSequence } });
  expect(findings(app)).toEqual([]);
});
