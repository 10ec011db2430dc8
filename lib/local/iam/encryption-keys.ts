import { tryOwn } from '../../asl/language/json.js';
import type { Assembly, Resource, Value } from '../../assembly/model.js';
import type { Access } from '../cloud/service.js';
import { readPolicy, type Statement } from './policy.js';

/** What a call needs of the key that encrypts its resource, beside the grant on the resource itself. */
export interface KeyUse {
  /** For example `kms:Decrypt`. */
  readonly action: string;
  readonly keyArn: string;
  /** The key's own policy. Undefined for a key that isn't in the template: its account is taken to manage access by IAM policies, as is usual. */
  readonly policy: readonly Statement[] | undefined;
  /** An AWS managed key (`alias/aws/sqs`): all principals of the account may use it through its service, and services by themselves may not. */
  readonly isManagedByAws: boolean;
}

/**
 * Which KMS permissions the services ask of a caller whose resource is encrypted with a customer-managed key. DynamoDB reads its table key for each caller; S3, SQS and SNS encrypt and
 * decrypt with data keys.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      'GetItem',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'ConditionCheckItem',
      'Query',
      'Scan',
      'BatchGetItem',
      'BatchWriteItem',
    ].map((action) => [`dynamodb:${action}`, ['kms:Decrypt']]),
  ),
  's3:GetObject': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'sns:Publish': ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** Where each type of resource names its key. */
const KEY_OF: Readonly<Record<string, (resource: Resource) => Value | undefined>> = {
  'AWS::DynamoDB::Table': ({ properties }) => at(properties['SSESpecification'], 'KMSMasterKeyId'),
  'AWS::DynamoDB::GlobalTable': ({ properties, stack }) => {
    const replicas = listOf(properties['Replicas']);
    const here = replicas.find((replica) => at(replica, 'Region') === stack.environment.region);
    return at(at(here, 'SSESpecification'), 'KMSMasterKeyId');
  },
  'AWS::S3::Bucket': ({ properties }) => {
    const [rule] = listOf(at(properties['BucketEncryption'], 'ServerSideEncryptionConfiguration'));
    return at(at(rule, 'ServerSideEncryptionByDefault'), 'KMSMasterKeyID');
  },
  'AWS::SQS::Queue': ({ properties }) => properties['KmsMasterKeyId'],
  'AWS::SNS::Topic': ({ properties }) => properties['KmsMasterKeyId'],
};

/** The customer-managed keys of the template, and what they encrypt. */
export class EncryptionKeys {
  private readonly encrypted: ReadonlyMap<string, string>;

  constructor(private readonly assembly: Assembly) {
    this.encrypted = new Map(
      Object.entries(KEY_OF).flatMap(([type, keyOf]) =>
        assembly.ofType(type).flatMap((resource) => {
          const key = keyOf(resource);
          return typeof key === 'string' ? [[arnOf(resource), key] as const] : [];
        }),
      ),
    );
  }

  /** What a call needs of its resource's key; nothing where there is none. */
  usesOf({ action, resource }: Access): readonly KeyUse[] {
    const actions = tryOwn(NEEDED, action) ?? [];
    if (actions.length === 0) return [];
    const key =
      this.encrypted.get(resource) ?? this.encrypted.get(resource.split('/').slice(0, depthOf(resource)).join('/'));
    if (key === undefined) return [];
    const use = this.describe(key);
    return actions.map((one) => ({ action: one, ...use }));
  }

  /** By ARN, id, alias, or an alias's ARN. */
  private describe(given: string): Omit<KeyUse, 'action'> {
    const alias = /(?:^|:)(alias\/.+)$/.exec(given)?.[1];
    const target = this.assembly.ofType('AWS::KMS::Alias').find(({ ref }) => ref === alias);
    const named = target === undefined ? given : String(target.properties['TargetKeyId']);
    const key = this.assembly
      .ofType('AWS::KMS::Key')
      .find((one) => one.ref === named || one.attribute('Arn') === named);
    return {
      keyArn: key?.attribute('Arn') ?? named,
      policy: key && readPolicy(key.properties['KeyPolicy'], `${key.path}.KeyPolicy`),
      isManagedByAws: alias?.startsWith('alias/aws/') ?? false,
    };
  }
}

/** How many parts between slashes name the resource itself: a table's index has more, and so has a bucket's object. */
function depthOf(resource: string): number {
  return resource.includes(':dynamodb:') ? 2 : 1;
}

function arnOf(resource: Resource): string {
  return resource.type === 'AWS::SNS::Topic' ? resource.ref : resource.attribute('Arn');
}

function at(value: Value | undefined, name: string): Value | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: Value })[name]
    : undefined;
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}
