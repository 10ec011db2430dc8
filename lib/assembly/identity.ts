/**
 * Physical names, ids and ARNs: what `Ref` and `Fn::GetAtt` give for each resource type.
 *
 * They follow from the template alone (no deployment happens), so that a definition can be resolved before anything runs, and are the same at every
 * load. A name that the template leaves open is `<stack>-<logical id>`, cut with a hash where the service allows less.
 */
import { createHash } from 'node:crypto';
import type { Environment, Value } from './model.js';

/** What an identity is derived from. */
export interface Subject {
  readonly logicalId: string;
  readonly stackName: string;
  readonly environment: Environment;
  /** Where the local cloud answers. @default - AWS's own host names */
  readonly endpoint?: string;
  /** Resolves one property when it is needed. */
  property(name: string): Value | undefined;
}

/** What a type gives for `Ref`, and its attributes. */
export interface Identity {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, () => string>>;
}

type Identify = (subject: Subject) => Identity;

/** The value of `Ref` and the attributes of a resource; undefined for a type this table doesn't know. */
export function tryIdentify(type: string, subject: Subject): Identity | undefined {
  return IDENTITIES[type]?.(subject);
}

/** A name that the template gives, else one made of the stack's name and the logical id. */
function physicalName(subject: Subject, property: string, limit: number): string {
  return tryText(subject.property(property)) ?? generatedName(subject, limit);
}

/** `<stack>-<logical id>`, within a limit. */
function generatedName({ stackName, logicalId }: Pick<Subject, 'stackName' | 'logicalId'>, limit: number): string {
  const name = `${stackName}-${logicalId}`;
  return name.length <= limit ? name : `${name.slice(0, limit - 9)}-${digest(name, 8)}`;
}

const IDENTITIES: Readonly<Record<string, Identify>> = {
  'AWS::Lambda::Function': (s) =>
    named(physicalName(s, 'FunctionName', 64), (name) => arn(s, 'lambda', `function:${name}`)),
  'AWS::Lambda::Version': (s) => {
    const ref = `${functionArn(s, s.property('FunctionName'))}:1`;
    return { ref, attributes: { Version: () => '1', FunctionArn: () => ref } };
  },
  'AWS::Lambda::Alias': (s) => {
    const ref = `${functionArn(s, s.property('FunctionName'))}:${tryText(s.property('Name')) ?? s.logicalId}`;
    return { ref, attributes: { AliasArn: () => ref } };
  },
  'AWS::Lambda::LayerVersion': (s) =>
    byArn(`${arn(s, 'lambda', `layer:${physicalName(s, 'LayerName', 140)}`)}:1`, 'LayerVersionArn'),
  'AWS::Lambda::EventSourceMapping': (s) => {
    const id = uuid(s);
    return {
      ref: id,
      attributes: { Id: () => id, EventSourceMappingArn: () => arn(s, 'lambda', `event-source-mapping:${id}`) },
    };
  },
  'AWS::Lambda::Permission': (s) => ({ ref: generatedName(s, 100) }),
  'AWS::IAM::Role': (s) => ({
    ...named(physicalName(s, 'RoleName', 64), (name) =>
      globalArn(s, 'iam', `role${tryText(s.property('Path')) ?? '/'}${name}`),
    ),
  }),
  'AWS::IAM::User': (s) => named(physicalName(s, 'UserName', 64), (name) => globalArn(s, 'iam', `user/${name}`)),
  'AWS::IAM::Group': (s) => named(physicalName(s, 'GroupName', 64), (name) => globalArn(s, 'iam', `group/${name}`)),
  'AWS::IAM::Policy': (s) => ({ ref: generatedName(s, 128) }),
  'AWS::IAM::ManagedPolicy': (s) =>
    byArn(
      globalArn(s, 'iam', `policy${tryText(s.property('Path')) ?? '/'}${physicalName(s, 'ManagedPolicyName', 128)}`),
      'PolicyArn',
    ),
  'AWS::StepFunctions::StateMachine': (s) => {
    const name = physicalName(s, 'StateMachineName', 80);
    return byArn(arn(s, 'states', `stateMachine:${name}`), 'Arn', {
      Name: () => name,
      StateMachineRevisionId: () => 'INITIAL',
    });
  },
  'AWS::StepFunctions::Activity': (s) => {
    const name = physicalName(s, 'Name', 80);
    return byArn(arn(s, 'states', `activity:${name}`), 'Arn', { Name: () => name });
  },
  'AWS::StepFunctions::StateMachineVersion': (s) => byArn(`${tryText(s.property('StateMachineArn')) ?? ''}:1`, 'Arn'),
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': (s) => ({ ref: tryText(s.property('Bucket')) ?? generatedName(s, 63) }),
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': (s) => ({ ref: generatedName(s, 80) }),
  'AWS::SNS::Topic': (s) => {
    const name = physicalName(s, 'TopicName', 256);
    return byArn(arn(s, 'sns', name), 'TopicArn', { TopicName: () => name });
  },
  'AWS::SNS::Subscription': (s) => byArn(`${tryText(s.property('TopicArn')) ?? ''}:${uuid(s)}`, 'Arn'),
  'AWS::SNS::TopicPolicy': (s) => ({ ref: generatedName(s, 80) }),
  'AWS::Events::Rule': (s) => {
    const name = physicalName(s, 'Name', 64);
    const bus = tryText(s.property('EventBusName'))?.split('/').at(-1) ?? 'default';
    const local = bus === 'default' ? name : `${bus}/${name}`;
    return {
      ref: bus === 'default' ? name : `${bus}|${name}`,
      attributes: { Arn: () => arn(s, 'events', `rule/${local}`) },
    };
  },
  'AWS::Events::EventBus': (s) =>
    named(physicalName(s, 'Name', 256), (name) => arn(s, 'events', `event-bus/${name}`), { Name: (name) => name }),
  'AWS::Scheduler::Schedule': (s) => {
    const group = tryText(s.property('GroupName')) ?? 'default';
    return named(physicalName(s, 'Name', 64), (name) => arn(s, 'scheduler', `schedule/${group}/${name}`));
  },
  'AWS::Scheduler::ScheduleGroup': (s) =>
    named(physicalName(s, 'Name', 64), (name) => arn(s, 'scheduler', `schedule-group/${name}`)),
  'AWS::Pipes::Pipe': (s) => named(physicalName(s, 'Name', 64), (name) => arn(s, 'pipes', `pipe/${name}`)),
  'AWS::Logs::LogGroup': (s) =>
    named(physicalName(s, 'LogGroupName', 512), (name) => `${arn(s, 'logs', `log-group:${name}`)}:*`),
  'AWS::ApiGatewayV2::Api': (s) => {
    const id = shortId(s);
    return { ref: id, attributes: { ApiId: () => id, ApiEndpoint: () => apiEndpoint(id, s.environment, s.endpoint) } };
  },
  'AWS::ApiGatewayV2::Stage': (s) => ({ ref: tryText(s.property('StageName')) ?? '$default' }),
  'AWS::ApiGatewayV2::Integration': (s) => withId(shortId(s), 'IntegrationId'),
  'AWS::ApiGatewayV2::Route': (s) => withId(shortId(s), 'RouteId'),
  'AWS::ApiGatewayV2::DomainName': (s) => ({
    ref: tryText(s.property('DomainName')) ?? s.logicalId,
    attributes: {
      RegionalDomainName: () => `d-${shortId(s)}.execute-api.${s.environment.region}.${s.environment.urlSuffix}`,
      RegionalHostedZoneId: () => 'ZLOCAL',
      DomainNameArn: () =>
        `arn:${s.environment.partition}:apigateway:${s.environment.region}::/domainnames/${tryText(s.property('DomainName')) ?? ''}`,
    },
  }),
  'AWS::ApiGatewayV2::ApiMapping': (s) => withId(shortId(s), 'ApiMappingId'),
  'AWS::CertificateManager::Certificate': (s) => ({ ref: arn(s, 'acm', `certificate/${uuid(s)}`) }),
  'AWS::Route53::HostedZone': (s) => withId(`Z${shortId(s).toUpperCase()}`, 'Id'),
  'AWS::Route53::RecordSet': (s) => ({ ref: tryText(s.property('Name')) ?? s.logicalId }),
  'AWS::ApiGatewayV2::Authorizer': (s) => withId(shortId(s), 'AuthorizerId'),
  'AWS::ApiGatewayV2::Deployment': (s) => withId(shortId(s), 'DeploymentId'),
  'AWS::SES::EmailIdentity': (s) => {
    const identity = tryText(s.property('EmailIdentity')) ?? '';
    return { ref: identity, attributes: { EmailIdentityArn: () => arn(s, 'ses', `identity/${identity}`) } };
  },
  'AWS::SES::ConfigurationSet': (s) => ({ ref: physicalName(s, 'Name', 64) }),
  'AWS::KMS::Key': (s) => {
    const id = uuid(s);
    return { ref: id, attributes: { KeyId: () => id, Arn: () => arn(s, 'kms', `key/${id}`) } };
  },
  'AWS::KMS::Alias': (s) => ({ ref: tryText(s.property('AliasName')) ?? `alias/${s.logicalId}` }),
  'AWS::SSM::Parameter': (s) => ({
    ref: physicalName(s, 'Name', 2048),
    attributes: {
      Type: () => tryText(s.property('Type')) ?? 'String',
      Value: () => tryText(s.property('Value')) ?? '',
    },
  }),
  'AWS::SecretsManager::Secret': (s) =>
    byArn(`${arn(s, 'secretsmanager', `secret:${physicalName(s, 'Name', 500)}`)}-local1`, 'Id'),
  'AWS::CloudWatch::Alarm': (s) =>
    named(physicalName(s, 'AlarmName', 255), (name) => arn(s, 'cloudwatch', `alarm:${name}`)),
  'AWS::CloudWatch::Dashboard': (s) => ({ ref: physicalName(s, 'DashboardName', 255) }),
  'AWS::Cognito::UserPool': (s) => {
    const id = `${s.environment.region}_${shortId(s)}`;
    const provider = `cognito-idp.${s.environment.region}.${s.environment.urlSuffix}/${id}`;
    return {
      ref: id,
      attributes: {
        UserPoolId: () => id,
        Arn: () => arn(s, 'cognito-idp', `userpool/${id}`),
        ProviderName: () => provider,
        ProviderURL: () => `https://${provider}`,
      },
    };
  },
  'AWS::Cognito::UserPoolClient': (s) => withId(shortId(s), 'ClientId'),
};

/** Where an HTTP API is reached: below the local endpoint, else at AWS's host name. */
function apiEndpoint(apiId: string, environment: Environment, endpoint: string | undefined): string {
  return endpoint === undefined
    ? `https://${apiId}.execute-api.${environment.region}.${environment.urlSuffix}`
    : `${endpoint}/apis/${apiId}`;
}

function table(s: Subject): Identity {
  return named(physicalName(s, 'TableName', 255), (name) => arn(s, 'dynamodb', `table/${name}`), {
    TableId: () => uuid(s),
    StreamArn: (name) => arn(s, 'dynamodb', `table/${name}/stream/2020-01-01T00:00:00.000`),
  });
}

function bucket(s: Subject): Identity {
  const name = tryText(s.property('BucketName')) ?? generatedName(s, 63).toLowerCase().replaceAll('_', '-');
  const { partition, region, urlSuffix } = s.environment;
  return {
    ref: name,
    attributes: {
      Arn: () => `arn:${partition}:s3:::${name}`,
      DomainName: () => `${name}.s3.${urlSuffix}`,
      RegionalDomainName: () => `${name}.s3.${region}.${urlSuffix}`,
      DualStackDomainName: () => `${name}.s3.dualstack.${region}.${urlSuffix}`,
    },
  };
}

function queue(s: Subject): Identity {
  const fifo = s.property('FifoQueue') === true || s.property('FifoQueue') === 'true';
  const name = tryText(s.property('QueueName')) ?? `${generatedName(s, fifo ? 75 : 80)}${fifo ? '.fifo' : ''}`;
  const { region, accountId, urlSuffix } = s.environment;
  const url = `${s.endpoint ?? `https://sqs.${region}.${urlSuffix}`}/${accountId}/${name}`;
  return { ref: url, attributes: { Arn: () => arn(s, 'sqs', name), QueueName: () => name, QueueUrl: () => url } };
}

function functionArn(s: Subject, value: Value | undefined): string {
  const text = tryText(value) ?? '';
  return text.startsWith('arn:') ? text : arn(s, 'lambda', `function:${text}`);
}

function named(
  name: string,
  arnOf: (name: string) => string,
  more: Readonly<Record<string, (name: string) => string>> = {},
): Identity {
  const others = Object.entries(more).map(([key, value]) => [key, () => value(name)] as const);
  return { ref: name, attributes: { Arn: () => arnOf(name), ...Object.fromEntries(others) } };
}

function byArn(ref: string, attribute: string, more: Readonly<Record<string, () => string>> = {}): Identity {
  return { ref, attributes: { [attribute]: () => ref, ...more } };
}

function withId(ref: string, attribute: string): Identity {
  return { ref, attributes: { [attribute]: () => ref } };
}

function arn(s: Subject, service: string, resource: string): string {
  const { partition, region, accountId } = s.environment;
  return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}

function globalArn(s: Subject, service: string, resource: string): string {
  return `arn:${s.environment.partition}:${service}::${s.environment.accountId}:${resource}`;
}

/** Ten lower-case letters and digits, as API Gateway's ids. */
function shortId({ stackName, logicalId }: Subject): string {
  const number = BigInt(`0x${digest(`${stackName}/${logicalId}`, 16)}`);
  return `a${number.toString(36).padStart(9, '0').slice(-9)}`;
}

function uuid({ stackName, logicalId }: Subject): string {
  const hex = digest(`${stackName}/${logicalId}`, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

function tryText(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}
