import { Duration, type Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Activity, Chain, callAws, expr, FanOutFanIn, flow, Monitor, shape } from '../../../lib/index.js';
import { newStack, resources, theResource } from '../kit.js';

interface Row {
  readonly name: string;
}

function activities(stack: Stack) {
  const entry = 'lambda/hello/say-hello.ts';
  return {
    importRow: new Activity<(row: Row) => Promise<{ readonly id: number }>>(stack, 'ImportRow', { entry }),
    check: new Activity<(input: { readonly city: string }) => Promise<{ readonly isClear: boolean }>>(stack, 'Check', {
      entry,
    }),
    tidy: new Activity<(input: { readonly round: number }) => Promise<void>>(stack, 'Tidy', { entry }),
  };
}

/** The statements of every policy of the state machine's role, without tracing and logs. */
function statements(stack: Stack): unknown[] {
  return Object.values(resources(stack, 'AWS::IAM::Policy'))
    .flatMap(
      ({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] }).Statement,
    )
    .filter(({ Action }) => !/^(xray|logs):/.test([Action].flat()[0]!))
    .map(({ Action, ...rest }) => ({ Action, ...rest }));
}

/** A deploy-time value as readable text. */
function text(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(text);
  if (typeof value !== 'object' || value === null) return value;
  const [[key, inner]] = Object.entries(value) as [[string, unknown]];
  if (Object.keys(value).length === 1) {
    if (key === 'Ref') return String(inner).replace(/[0-9A-F]{8}$/, '');
    if (key === 'Fn::GetAtt') return (inner as string[]).join('.').replace(/[0-9A-F]{8}(?=\.)/, '');
    if (key === 'Fn::Join') return (text((inner as [string, unknown[]])[1]) as string[]).join('');
    if (key === 'Fn::Select') return `[${String((inner as unknown[])[0])}]`;
  }
  return Object.fromEntries(Object.entries(value).map(([member, part]) => [member, text(part)]));
}

test('a distributed FanOutFanIn may do all that its Map Run needs, and nothing more', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey, encryption: s3.BucketEncryption.KMS });
  new FanOutFanIn(stack, 'Import', {
    takes: shape<{ readonly key: string }>(),
    items: { format: 'csv', bucket, key: ({ input }) => input.key, holds: shape<Row>() },
    each: activities(stack).importRow,
    resultsTo: { bucket, prefix: 'results' },
    toleratedFailures: { percentage: 1 },
  });
  expect(statements(stack).map(text)).toEqual(
    expect.arrayContaining([
      { Action: 's3:GetObject', Effect: 'Allow', Resource: 'Bucket.Arn/*' },
      {
        Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
        Effect: 'Allow',
        Resource: 'Key.Arn',
      },
      {
        Action: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
        Effect: 'Allow',
        Resource: 'Bucket.Arn/results/*',
      },
      { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: 'ImportRowFunction.Arn' },
      { Action: 'states:StartExecution', Effect: 'Allow', Resource: 'ImportStateMachine' },
      {
        Action: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
        Effect: 'Allow',
        Resource: [expect.stringMatching(/:execution:.*:\*$/), expect.stringMatching(/:execution:.*\/\*:\*$/)],
      },
    ]),
  );
});

test('a plain FanOutFanIn takes the list as its input', () => {
  const stack = newStack();
  const importAll: { readonly definition: { readonly States: object } } = new FanOutFanIn(stack, 'Import', {
    each: activities(stack).importRow,
    maxConcurrency: 5,
  });
  expect(importAll.definition.States).toMatchObject({
    'For each: ImportRow': { Type: 'Map', Items: '{% $states.input %}', MaxConcurrency: 5, End: true },
  });
});

test('a Monitor lasts longer than its deadline', () => {
  const stack = newStack();
  const { check } = activities(stack);
  const monitor = new Monitor(stack, 'Weather', {
    poll: check,
    until: (weather) => weather.isClear,
    interval: Duration.minutes(30),
    deadline: Duration.hours(6),
  });
  expect(monitor.definition).toMatchObject({ StartAt: 'Check', TimeoutSeconds: 6 * 3600 + 86_400 });
  expect(
    () =>
      new Monitor(stack, 'Short', {
        poll: check,
        until: (weather) => weather.isClear,
        interval: Duration.minutes(30),
        deadline: Duration.hours(6),
        timeout: Duration.hours(6),
      }),
  ).toThrow('`Stack/Short.timeout`: expected more than the deadline of 21600 s');
});

test('an eternal Monitor may start itself', () => {
  const stack = newStack();
  const monitor = new Monitor(stack, 'Periodic', {
    poll: activities(stack).tidy,
    takes: shape<{ readonly from: number }>(),
    carry: {
      initial: ({ input }) => ({ round: input.from }),
      next: (_result, { carried }) => ({ round: expr<number>`${carried.round} + 1` }),
    },
    input: ({ carried }) => ({ round: carried.round }),
    interval: Duration.seconds(30),
  });
  expect(Object.keys(monitor.definition.States)).toEqual([
    'Begin',
    'Tidy',
    'Wait',
    'History full?',
    'Continue as new',
    'Done',
  ]);
  expect(statements(stack).map(text)).toContainEqual({
    Action: 'states:StartExecution',
    Effect: 'Allow',
    Resource: 'PeriodicStateMachine',
  });
});

test('a sub-orchestration is granted as AWS documents it', () => {
  const stack = newStack();
  const child = new FanOutFanIn(stack, 'Child', { each: activities(stack).importRow });
  new Chain(stack, 'Parent', { steps: flow<readonly Row[]>().step('rows', child) });
  const parent = Object.entries(resources(stack, 'AWS::IAM::Policy')).find(([id]) =>
    id.startsWith('ParentStateMachine'),
  )!;
  const document = parent[1].Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] };
  expect(text(document.Statement.filter(({ Action }) => !/^(xray|logs):/.test([Action].flat()[0]!)))).toEqual([
    { Action: 'states:StartExecution', Effect: 'Allow', Resource: 'ChildStateMachine' },
    {
      Action: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
      Effect: 'Allow',
      Resource: 'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:ChildStateMachine.Name:*',
    },
    {
      Action: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      Effect: 'Allow',
      Resource:
        'arn:AWS::Partition:events:AWS::Region:AWS::AccountId:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
    },
  ]);
});

test('callAws grants its action on its resources', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  const step = callAws({
    service: 's3',
    action: 'headObject',
    resources: [bucket.arnForObjects('in/*')],
    parameters: ({ input }: { readonly input: { readonly key: string } }) => ({
      Bucket: bucket.bucketName,
      Key: input.key,
    }),
    returns: shape<{ readonly ContentLength: number }>(),
  });
  new Chain(stack, 'Head', { steps: flow<{ readonly key: string }>().step('head', step as never) });
  expect(statements(stack).map(text)).toContainEqual({
    Action: 's3:GetObject',
    Effect: 'Allow',
    Resource: 'Bucket.Arn/in/*',
  });
  expect(JSON.stringify(theResource(stack, 'AWS::StepFunctions::StateMachine'))).toContain('aws-sdk:s3:headObject');
});
