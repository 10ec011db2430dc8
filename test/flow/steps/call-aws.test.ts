import { compileMachine } from '../../../lib/flow/compiler/machine.js';
import { callAws, flow, shape } from '../../../lib/flow/index.js';
import { compile, seconds } from '../kit.js';
import { run } from '../run.js';

const head = flow<{ readonly key: string }>().step(
  'head',
  callAws({
    service: 's3',
    action: 'headObject',
    parameters: ({ input }) => ({ Bucket: 'media', Key: input.key }),
    resources: ['arn:aws:s3:::media/*'],
    returns: shape<{ readonly ContentLength: number }>(),
  }),
);

/** The retrier of what a service throttles, whose errors are named like this. */
const throttled = (prefix: string) => ({
  ErrorEquals: expect.arrayContaining([`${prefix}.ThrottlingException`, `${prefix}.TooManyRequestsException`]),
  IntervalSeconds: 2,
  MaxAttempts: 12,
  BackoffRate: 2,
  MaxDelaySeconds: 180,
  JitterStrategy: 'FULL',
});

test('is a Task with an aws-sdk integration', () => {
  expect(compile(head).States).toEqual({
    head: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:headObject',
      Arguments: '{% {"Bucket": "media", "Key": $states.input.key} %}',
      TimeoutSeconds: 60,
      Retry: [
        throttled('S3'),
        {
          ErrorEquals: expect.arrayContaining(['S3.InternalErrorException', 'S3.SdkClientException', 'States.Timeout']),
          IntervalSeconds: 2,
          MaxAttempts: 2,
          BackoffRate: 2,
          MaxDelaySeconds: 60,
          JitterStrategy: 'FULL',
        },
      ],
      Assign: { head: '{% $states.result %}' },
      End: true,
    },
  });
});

test('puts out the response', async () => {
  const stubs = { 'aws-sdk:s3:headObject': ({ Key }: { Key: string }) => ({ ContentLength: Key.length }) };
  const steps = head.output(({ head }) => head.ContentLength);
  expect((await run(compile(steps), stubs, { key: 'abc' })).output).toBe(3);
});

test.each([
  ['s3', 'headObject', undefined, ['s3:GetObject']],
  ['s3', 'copyObject', undefined, ['s3:GetObject', 's3:PutObject']],
  ['dynamodb', 'putItem', undefined, ['dynamodb:PutItem']],
  ['sesv2', 'sendEmail', undefined, ['ses:SendEmail']],
  ['eventbridge', 'putEvents', undefined, ['events:PutEvents']],
  ['cloudwatchlogs', 'putRetentionPolicy', undefined, ['logs:PutRetentionPolicy']],
  [
    'athena',
    'startQueryExecution',
    ['athena:StartQueryExecution', 'glue:GetTable'],
    ['athena:StartQueryExecution', 'glue:GetTable'],
  ],
])('%s %s is granted on the given resources only', (service, action, iamActions, expected) => {
  const step = callAws<unknown>({ service, action, resources: ['arn:one'], ...(iamActions && { iamActions }) });
  const whole = flow<Record<string, string>>().step('call', step);
  const { compilation } = compileMachine(
    'Test',
    { ...whole, stepName: 'Test', compile: (site) => whole.compile({ ...site, name: '' }) },
    { partition: 'aws' },
  );
  expect(compilation.grants).toEqual([{ actions: expected, resources: ['arn:one'] }]);
});

test('retry and time-out are the caller’s to choose', () => {
  const step = callAws<unknown>({
    service: 'sqs',
    action: 'sendMessage',
    resources: ['arn:queue'],
    timeout: seconds(5),
    retry: { maxAttempts: 2, firstInterval: seconds(9) },
  });
  expect(compile(flow<unknown>().step('send', step)).States['send']).toMatchObject({
    TimeoutSeconds: 5,
    Retry: [throttled('Sqs'), { ErrorEquals: ['States.ALL'], IntervalSeconds: 9, MaxAttempts: 1, BackoffRate: 1 }],
  });
});

test.each([
  [{ service: 'S3', action: 'headObject' }, '`callAws(S3:headObject).service`: expected a name in lower case'],
  [{ service: 's3', action: 'HeadObject' }, 'expected a name in camel case, such as `putItem`, got `HeadObject`'],
])('refuses %j', (names, message) => {
  expect(() => callAws({ ...names, resources: ['*'] })).toThrow(message);
});

describe('a call without `retry`', () => {
  const attemptsAt = async (service: string, action: string, error: string): Promise<number> => {
    const call = callAws<unknown>({ service, action, resources: ['*'] });
    const stubs = {
      [`aws-sdk:${service}:${action}`]: () => {
        throw { error, cause: 'as the service says' };
      },
    };
    const { bench } = await run(compile(flow<unknown>().step('call', call)), stubs);
    return bench.calls.length;
  };

  test.each([
    ['s3', 'getObject', 'S3.InternalErrorException', 3],
    ['dynamodb', 'query', 'DynamoDb.InternalServerErrorException', 3],
    ['ec2', 'describeInstances', 'Ec2.SdkClientException', 3],
    ['s3', 'getObject', 'S3.NoSuchKeyException', 1],
    // What may have had its effect isn't done twice.
    ['sqs', 'sendMessage', 'Sqs.SdkClientException', 1],
    ['sns', 'publish', 'Sns.InternalErrorException', 1],
    ['dynamodb', 'updateItem', 'DynamoDb.InternalServerErrorException', 1],
    // A throttled call did nothing.
    ['sqs', 'sendMessage', 'Sqs.RequestThrottledException', 13],
    ['dynamodb', 'updateItem', 'DynamoDb.ProvisionedThroughputExceededException', 13],
    ['sns', 'publish', 'Sns.ThrottledException', 13],
  ])('%s:%s that fails with %s is tried %i times', async (service, action, error, attempts) => {
    expect(await attemptsAt(service, action, error)).toBe(attempts);
  });

  test.each(['gettingReady', 'listen', 'headline', 'queryless'])('%s only begins like a read', async (action) => {
    expect(await attemptsAt('iot', action, 'Iot.SdkClientException')).toBe(1);
  });
});
