import { DurableStepsError } from '../../errors.js';
import { type Checks, checkOptions } from '../../options/check-options.js';
import { ANYTHING, CALLBACK, listOf, needed, SPAN, text } from '../../options/kinds.js';
import type { ScopedStep, ScopeMapping } from '../compiler/scoped-step.js';
import { Exit, type Fragment, type State } from '../compiler/state.js';
import { renderInput, type Site } from '../compiler/step.js';
import type { AnyMapping } from '../language/expression.js';
import type { Resolvable } from '../language/reference.js';
import { patientRetrier, type Retrier, type RetryOptions, renderRetrier, throttleRetrier } from '../language/retry.js';
import type { Shape } from '../language/shape.js';
import { checkSpan, type Span } from '../language/span.js';

/** Options of {@link callAws}. */
export interface CallAwsOptions<S, Out> {
  /** The service as Step Functions names it in `aws-sdk:` integrations: `s3`, `dynamodb`, `sesv2`, `eventbridge`, … */
  readonly service: string;
  /** The API action in camel case: `putObject`. */
  readonly action: string;
  /** The action's parameters, with the API's own names, in Pascal case. @default - the last result */
  readonly parameters?: (scope: S) => Resolvable<Readonly<Record<string, unknown>>>;
  /** The ARNs that the action touches; the state machine may do it to nothing else. `*` must be said. */
  readonly resources: readonly [string, ...string[]];
  /** What the role must be allowed, where it isn't named like the action. @default - the service's prefix and the action's name */
  readonly iamActions?: readonly string[];
  /** The type of the response, as `shape<…>()`. Members are in Pascal case. @default - untyped */
  readonly returns?: Shape<Out>;
  /** How long the call may take. @default - 1 minute */
  readonly timeout?: Span;
  /**
   * How it is tried again when it fails. What the service throttles always is, for some 10 minutes. Say it where a call can be repeated: whether a call whose answer is lost had its effect, nobody
   * knows.
   * @default - what only reads (`get…`, `list…`, `describe…`, `head…`, `query`, `scan`, …) has 3 attempts when the service fails, from 2 s on, doubling, with full jitter; all else fails at once
   */
  readonly retry?: RetryOptions;
}

const CALL: Checks<CallAwsOptions<never, never>> = {
  service: needed(text()),
  action: needed(text()),
  parameters: CALLBACK,
  resources: needed(listOf(text('an ARN'))),
  iamActions: listOf(text('an action of IAM, for example `s3:GetObject`', /^([\w-]+:[\w*]+|\*)$/)),
  returns: ANYTHING,
  timeout: SPAN,
  retry: ANYTHING,
};

/** Services whose IAM prefix isn't their SDK name: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const prefixes: Readonly<Record<string, string>> = {
  apigatewaymanagementapi: 'execute-api',
  appconfigdata: 'appconfig',
  bedrockruntime: 'bedrock',
  cloudwatchlogs: 'logs',
  cognitoidentityprovider: 'cognito-idp',
  databasemigration: 'dms',
  directory: 'ds',
  docdb: 'rds',
  efs: 'elasticfilesystem',
  elasticloadbalancingv2: 'elasticloadbalancing',
  emr: 'elasticmapreduce',
  eventbridge: 'events',
  iotdataplane: 'iot',
  mediapackagevod: 'mediapackage-vod',
  neptune: 'rds',
  opensearch: 'es',
  rdsdata: 'rds-data',
  redshiftdata: 'redshift-data',
  sagemakerruntime: 'sagemaker',
  sesv2: 'ses',
  sfn: 'states',
  timestreamquery: 'timestream',
  timestreamwrite: 'timestream',
};

/** Actions that IAM knows by another name. */
const actions: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:executeStatement': [
    'dynamodb:PartiQLSelect',
    'dynamodb:PartiQLInsert',
    'dynamodb:PartiQLUpdate',
    'dynamodb:PartiQLDelete',
  ],
  'dynamodb:transactGetItems': ['dynamodb:GetItem'],
  'dynamodb:transactWriteItems': [
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem',
  ],
  'lambda:invoke': ['lambda:InvokeFunction'],
  's3:copyObject': ['s3:GetObject', 's3:PutObject'],
  's3:createMultipartUpload': ['s3:PutObject'],
  's3:completeMultipartUpload': ['s3:PutObject'],
  's3:deleteObjects': ['s3:DeleteObject'],
  's3:headBucket': ['s3:ListBucket'],
  's3:headObject': ['s3:GetObject'],
  's3:listBuckets': ['s3:ListAllMyBuckets'],
  's3:listObjects': ['s3:ListBucket'],
  's3:listObjectsV2': ['s3:ListBucket'],
  's3:uploadPart': ['s3:PutObject'],
  'sqs:deleteMessageBatch': ['sqs:DeleteMessage'],
  'sqs:sendMessageBatch': ['sqs:SendMessage'],
  'sns:publishBatch': ['sns:Publish'],
};

/**
 * Calls an API action of AWS, without a Lambda function in between: a Task state with an `aws-sdk` integration. Its role may do that action to the given resources,
 * nothing more. Errors are named like `S3.NoSuchKeyException`.
 *
 * @example
 * .step('head', callAws({
 *   service: 's3', action: 'headObject', resources: [bucket.arnForObjects('*')],
 *   parameters: ({ input }) => ({ Bucket: bucket.bucketName, Key: input.key }),
 *   returns: shape<{ readonly ContentLength: number }>(),
 * }))
 */
export function callAws<S, Out = unknown>(options: CallAwsOptions<S, Out>): ScopedStep<S, Out> {
  checkOptions('callAws', options, CALL);
  const stepName = `${options.service}:${options.action}`;
  for (const option of ['service', 'action'] as const) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(options[option])) throw refusal(option, options[option], stepName);
  }
  if (options.resources.length === 0) {
    throw new DurableStepsError('InvalidOption', {
      where: `callAws(${stepName}).resources`,
      expected: 'at least one ARN',
      got: 'none',
      fix: "say `['*']` where the action takes no resource",
    });
  }
  return { stepName, compileScoped: (site, map) => compileCall(site, map, options) };
}

function refusal(option: 'service' | 'action', got: string, stepName: string): DurableStepsError {
  return new DurableStepsError('InvalidOption', {
    where: `callAws(${stepName}).${option}`,
    expected:
      option === 'service' ? 'a name in lower case, such as `dynamodb`' : 'a name in camel case, such as `putItem`',
    got: `\`${got}\``,
  });
}

function compileCall<S, Out>(site: Site, map: ScopeMapping, options: CallAwsOptions<S, Out>): Fragment {
  const { scope, compilation, context, name } = site;
  const { service, action, parameters, resources, timeout } = options;
  const where = `${scope.options.path}.${name}`;
  const mapping: AnyMapping | undefined = parameters;
  const state: State = {
    Type: 'Task',
    Resource: compilation.integration(`aws-sdk:${service}:${action}`),
    Arguments:
      mapping === undefined ? renderInput(site) : scope.render(map('parameters', mapping), `${name}.parameters`),
    TimeoutSeconds: timeout === undefined ? 60 : checkSpan(`${where}.timeout`, timeout, compilation.surroundings),
    Retry: [
      throttleRetrier(errorsOf(service, THROTTLED)),
      ...(options.retry !== undefined ? [renderRetrier(options.retry, where)] : retriersOfReads(options)),
    ],
  };
  compilation.grant({ actions: iamActions(options), resources });
  return { start: scope.add(name, state, context), exits: [Exit.ofState(state, '$states.result')] };
}

/** How Step Functions writes a service in front of its errors' names: as the client of the SDK for Java is called. @default - the service's name with a capital */
const errorPrefixes: Readonly<Record<string, string>> = {
  cloudwatchlogs: 'CloudWatchLogs',
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  secretsmanager: 'SecretsManager',
  sesv2: 'SesV2',
};

/** The names under which services throttle: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html. Nothing was done then. */
const THROTTLED = [
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceededException',
  'SlowDownException',
];

/** A fault of the service or of the way to it: the call may have had its effect. */
const FAULTS = [
  'InternalServerErrorException',
  'InternalServerException',
  'InternalServiceErrorException',
  'InternalFailureException',
  'InternalErrorException',
  'ServiceUnavailableException',
  'SdkClientException',
];

const READS = /^(batchGet|describe|get|head|list|lookup|query|scan|search|select|test|transactGet)([A-Z]|$)/;

/** What only reads can be repeated whatever became of it. */
function retriersOfReads({
  service,
  action,
}: Pick<CallAwsOptions<never, never>, 'service' | 'action'>): readonly Retrier[] {
  return READS.test(action) ? [patientRetrier([...errorsOf(service, FAULTS), 'States.Timeout'], 2)] : [];
}

function errorsOf(service: string, names: readonly string[]): readonly string[] {
  const prefix = errorPrefixes[service] ?? `${service[0]!.toUpperCase()}${service.slice(1)}`;
  return names.map((name) => `${prefix}.${name}`);
}

function iamActions({
  service,
  action,
  iamActions: own,
}: Pick<CallAwsOptions<never, never>, 'service' | 'action' | 'iamActions'>) {
  return (
    own ??
    actions[`${service}:${action}`] ?? [`${prefixes[service] ?? service}:${action[0]!.toUpperCase()}${action.slice(1)}`]
  );
}
