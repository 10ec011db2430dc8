import type { Resource, Value, ValueObject } from '../../../lib/assembly/model.js';
import type { Access, Caller } from '../../../lib/local/cloud/service.js';
import { Authorizer } from '../../../lib/local/iam/authorizer.js';
import { assemblyOf, resource } from '../loopback.js';

const ROLE_ARN = 'arn:aws:iam::123456789012:role/Stack-Role';
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:Stack-Fn';
const caller: Caller = { kind: 'function', name: 'Stack/Fn', roleArn: ROLE_ARN };

function role(properties: ValueObject = {}): Resource {
  return resource(
    'AWS::IAM::Role',
    'Role',
    { AssumeRolePolicyDocument: {}, ...properties },
    { ref: 'Stack-Role', attributes: { Arn: ROLE_ARN } },
  );
}

function policy(...statements: Value[]): Resource {
  return resource('AWS::IAM::Policy', 'Policy', { Roles: ['Stack-Role'], PolicyDocument: { Statement: statements } });
}

const fn = resource('AWS::Lambda::Function', 'Fn', {}, { ref: 'Stack-Fn', attributes: { Arn: FUNCTION } });

function decide(resources: readonly Resource[], access: Partial<Access> = {}): string {
  const authorizer = new Authorizer(assemblyOf([fn, ...resources]));
  try {
    authorizer.authorize({ caller, action: 'dynamodb:PutItem', resource: TABLE, ...access });
    return 'allowed';
  } catch (error) {
    if ((error as Error).name !== 'AccessDeniedException') throw error;
    return (error as Error).message;
  }
}

const allow = (more: ValueObject = {}): Value => ({
  Effect: 'Allow',
  Action: 'dynamodb:PutItem',
  Resource: TABLE,
  ...more,
});
const deny = (more: ValueObject = {}): Value => ({
  Effect: 'Deny',
  Action: 'dynamodb:PutItem',
  Resource: TABLE,
  ...more,
});

describe('identity policies', () => {
  test('a denial reads as on AWS and names the missing grant', () => {
    expect(decide([role()])).toBe(
      'User: arn:aws:sts::123456789012:assumed-role/Stack-Role/Stack-Fn is not authorized to perform: dynamodb:PutItem on resource: ' +
        `${TABLE} because no identity-based policy allows the dynamodb:PutItem action. Missing grant: ` +
        '`Stack/Fn` runs as role `Role` (`Stack/Role`), which needs dynamodb:PutItem on ' +
        TABLE,
    );
  });

  test.each([
    ['the action itself', allow(), true],
    ['another case', allow({ Action: 'DynamoDB:putitem' }), true],
    ['a list', allow({ Action: ['dynamodb:GetItem', 'dynamodb:PutItem'] }), true],
    ['a wildcard action', allow({ Action: 'dynamodb:Put*' }), true],
    ['another action', allow({ Action: 'dynamodb:GetItem' }), false],
    ['NotAction of another action', { Effect: 'Allow', NotAction: 'dynamodb:GetItem', Resource: '*' }, true],
    ['NotAction of the action', { Effect: 'Allow', NotAction: 'dynamodb:*', Resource: '*' }, false],
    ['every resource', allow({ Resource: '*' }), true],
    ['a wildcard resource', allow({ Resource: 'arn:aws:dynamodb:*:*:table/Ord???' }), true],
    ['another resource', allow({ Resource: `${TABLE}/index/*` }), false],
    ['NotResource of the resource', { Effect: 'Allow', Action: '*', NotResource: TABLE }, false],
    ['NotResource of another', { Effect: 'Allow', Action: '*', NotResource: 'arn:other' }, true],
  ])('%s', (_, statement, allowed) => {
    expect(decide([role(), policy(statement)]) === 'allowed').toBe(allowed);
  });

  test('an explicit denial wins', () => {
    expect(decide([role(), policy(allow(), deny())])).toContain('with an explicit deny in an identity-based policy');
  });

  test('inline, managed and own managed policies count', () => {
    const document = { Statement: [allow()] };
    expect(decide([role({ Policies: [{ PolicyName: 'p', PolicyDocument: document }] })])).toBe('allowed');
    const managed = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'] };
    expect(decide([role(managed)])).toBe('allowed');
    const basic = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'] };
    expect(decide([role(basic)])).toContain('is not authorized');
    const own = resource('AWS::IAM::ManagedPolicy', 'Own', { PolicyDocument: document }, { ref: 'arn:own' });
    expect(decide([role({ ManagedPolicyArns: ['arn:own'] }), own])).toBe('allowed');
    const attached = resource('AWS::IAM::ManagedPolicy', 'Own', { PolicyDocument: document, Roles: ['Stack-Role'] });
    expect(decide([role(), attached])).toBe('allowed');
  });

  test('an AWS managed policy that is not known is refused by name', () => {
    const unknown = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonBraketFullAccess'] };
    const authorizer = new Authorizer(assemblyOf([role(unknown)]));
    expect(() => authorizer.prepareRole(ROLE_ARN)).toThrow(
      '`Stack/Role.ManagedPolicyArns`: expected policies of the template, or AWS managed policies that the local cloud knows, got `arn:aws:iam::aws:policy/AmazonBraketFullAccess`',
    );
  });

  test('a permissions boundary limits what the role allows', () => {
    const boundary = (name: string) => role({ PermissionsBoundary: `arn:aws:iam::aws:policy/${name}` });
    expect(decide([boundary('AmazonDynamoDBFullAccess'), policy(allow())])).toBe('allowed');
    expect(decide([boundary('AmazonS3FullAccess'), policy(allow())])).toContain('no permissions boundary allows');
  });

  test('a developer may do everything', () => {
    expect(decide([], { caller: { kind: 'developer', name: 'developer' } })).toBe('allowed');
  });

  test('an action without resources needs a statement on every resource', () => {
    const list = { action: 'dynamodb:ListTables', resource: '*' };
    expect(decide([role(), policy(allow({ Action: 'dynamodb:*' }))], list)).toContain('is not authorized');
    expect(decide([role(), policy(allow({ Action: 'dynamodb:*', Resource: '*' }))], list)).toBe('allowed');
  });
});

describe('conditions', () => {
  const holds = (condition: ValueObject, context: Access['context'] = {}) =>
    decide([role(), policy(allow({ Condition: condition }))], { context }) === 'allowed';

  test.each([
    ['StringEquals', 'a', 'a', 'b'],
    ['StringNotEquals', 'a', 'b', 'a'],
    ['StringEqualsIgnoreCase', 'A', 'a', 'b'],
    ['StringNotEqualsIgnoreCase', 'A', 'b', 'a'],
    ['StringLike', 'a*c', 'abc', 'ab'],
    ['StringNotLike', 'a*c', 'ab', 'abc'],
    ['NumericEquals', '10', '10.0', '11'],
    ['NumericLessThan', '10', '9', '10'],
    ['NumericGreaterThanEquals', '10', '10', '9'],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z'],
    ['Bool', 'true', 'true', 'false'],
    ['IpAddress', '10.0.0.0/24', '10.0.0.7', '10.0.1.7'],
    ['NotIpAddress', '10.0.0.0/24', '10.0.1.7', '10.0.0.7'],
    ['ArnLike', 'arn:aws:sns:*:*:Orders', 'arn:aws:sns:us-east-1:1:Orders', 'arn:aws:sns:us-east-1:1:x:Orders'],
    ['ArnNotLike', 'arn:aws:sns:*:*:Orders', 'arn:aws:sns:us-east-1:1:Other', 'arn:aws:sns:us-east-1:1:Orders'],
  ])('%s %s', (operator, wanted, good, bad) => {
    const condition = { [operator]: { 'x:key': wanted } };
    expect(holds(condition, { 'X:Key': good })).toBe(true);
    expect(holds(condition, { 'x:key': bad })).toBe(false);
  });

  test('a missing key fails a positive condition and passes a negative one', () => {
    expect(holds({ StringEquals: { 'x:key': 'a' } })).toBe(false);
    expect(holds({ StringNotEquals: { 'x:key': 'a' } })).toBe(true);
    expect(holds({ StringEqualsIfExists: { 'x:key': 'a' } })).toBe(true);
    expect(holds({ Null: { 'x:key': 'true' } })).toBe(true);
    expect(holds({ Null: { 'x:key': 'false' } })).toBe(false);
    expect(holds({ Null: { 'x:key': 'false' } }, { 'x:key': 'a' })).toBe(true);
  });

  test('leading keys: for all values, for any value', () => {
    const all = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['user-*'] } };
    const any = { 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['user-1'] } };
    const keys = (...values: string[]) => ({ 'dynamodb:LeadingKeys': values });
    expect(holds(all, keys('user-1', 'user-2'))).toBe(true);
    expect(holds(all, keys('user-1', 'admin'))).toBe(false);
    expect(holds(all)).toBe(true);
    expect(holds(any, keys('x', 'user-1'))).toBe(true);
    expect(holds(any, keys('x'))).toBe(false);
    expect(holds(any)).toBe(false);
  });

  test('several keys must all hold; several values are alternatives', () => {
    const condition = { StringEquals: { 'x:a': ['1', '2'], 'x:b': '3' } };
    expect(holds(condition, { 'x:a': '2', 'x:b': '3' })).toBe(true);
    expect(holds(condition, { 'x:a': '2', 'x:b': '4' })).toBe(false);
  });

  test('an operator that IAM does not have is refused by name', () => {
    expect(() => holds({ StringMatches: { 'x:key': 'a' } })).toThrow(
      '`Stack/Policy.PolicyDocument.Statement[0].Condition.StringMatches`: expected an IAM condition operator',
    );
  });
});

describe('resource policies', () => {
  const service = (name: string): Caller => ({ kind: 'service', name });
  const permission = (more: ValueObject = {}) =>
    resource('AWS::Lambda::Permission', 'Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: 'Stack-Fn',
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:us-east-1:123456789012:rule/R',
      ...more,
    });
  const invoke = (resources: readonly Resource[], name: string, source: string) =>
    decide(resources, {
      caller: service(name),
      action: 'lambda:InvokeFunction',
      resource: FUNCTION,
      context: { 'aws:SourceArn': source },
    });
  const rule = 'arn:aws:events:us-east-1:123456789012:rule/R';

  test('a permission lets its principal invoke, for its source only', () => {
    expect(invoke([permission()], 'events.amazonaws.com', rule)).toBe('allowed');
    expect(invoke([permission()], 'events.amazonaws.com', `${rule}2`)).toContain('no resource-based policy allows');
    expect(invoke([permission()], 's3.amazonaws.com', rule)).toContain('no resource-based policy allows');
    expect(invoke([], 'events.amazonaws.com', rule)).toContain('no resource-based policy allows');
  });

  test('the source account is checked', () => {
    expect(invoke([permission({ SourceAccount: '123456789012' })], 'events.amazonaws.com', rule)).toBe('allowed');
    expect(invoke([permission({ SourceAccount: '999999999999' })], 'events.amazonaws.com', rule)).toContain(
      'no resource-based',
    );
  });

  test("a queue's policy lets a service send, and a role that it names", () => {
    const queue = 'arn:aws:sqs:us-east-1:123456789012:Q';
    const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };
    const queuePolicy = (principal: Value) =>
      resource('AWS::SQS::QueuePolicy', 'QueuePolicy', {
        Queues: ['url'],
        PolicyDocument: { Statement: [{ ...statement, Principal: principal }] },
      });
    const send = { action: 'sqs:SendMessage', resource: queue };
    expect(
      decide([queuePolicy({ Service: 'sns.amazonaws.com' })], { ...send, caller: service('sns.amazonaws.com') }),
    ).toBe('allowed');
    expect(decide([role(), queuePolicy({ AWS: ROLE_ARN })], send)).toBe('allowed');
    expect(decide([role(), queuePolicy({ AWS: 'arn:aws:iam::123456789012:role/Other' })], send)).toContain(
      'no identity-based',
    );
  });

  test("a resource policy's denial wins over the role", () => {
    const bucket = 'arn:aws:s3:::b';
    const bucketPolicy = resource('AWS::S3::BucketPolicy', 'BucketPolicy', {
      Bucket: 'b',
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: bucket,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          { Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:DeleteBucket', Resource: bucket },
        ],
      },
    });
    const grants = policy({ Effect: 'Allow', Action: 's3:*', Resource: bucket });
    expect(decide([role(), grants, bucketPolicy], { action: 's3:ListBucket', resource: bucket })).toBe('allowed');
    expect(decide([role(), grants, bucketPolicy], { action: 's3:DeleteBucket', resource: bucket })).toContain(
      'with an explicit deny in a resource-based policy',
    );
  });
});

describe('a resource that a customer-managed key encrypts', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234';
  const queueArn = 'arn:aws:sqs:us-east-1:123456789012:Queue';
  const account = { AWS: 'arn:aws:iam::123456789012:root' };
  const key = (...statements: Value[]) =>
    resource(
      'AWS::KMS::Key',
      'Key',
      { KeyPolicy: { Statement: statements } },
      { ref: '1234', attributes: { Arn: KEY } },
    );
  const trusting = key({ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: account });
  const table = (KMSMasterKeyId: Value = KEY) =>
    resource(
      'AWS::DynamoDB::Table',
      'Table',
      { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId } },
      { attributes: { Arn: TABLE } },
    );
  const useOfKey = (more: ValueObject = {}) => allow({ Action: 'kms:Decrypt', Resource: KEY, ...more });

  test('asks for the key too, and the denial names it', () => {
    expect(decide([trusting, table(), role(), policy(allow())])).toContain(
      `is not authorized to perform: kms:Decrypt on resource: ${KEY} because no identity-based policy allows the kms:Decrypt action. Missing grant: ` +
        '`Stack/Fn` runs as role `Role` (`Stack/Role`), which needs kms:Decrypt on ',
    );
    expect(decide([trusting, table(), role(), policy(allow(), useOfKey())])).toBe('allowed');
  });

  test('asks for nothing more where no data is read or written', () => {
    const describe = { action: 'dynamodb:DescribeTable' };
    expect(decide([trusting, table(), role(), policy(allow({ Action: 'dynamodb:*' }))], describe)).toBe('allowed');
  });

  test.each([
    ['its id', '1234'],
    ['its alias', 'alias/orders'],
    ['its alias’s ARN', 'arn:aws:kms:us-east-1:123456789012:alias/orders'],
  ])('names the key by %s', (_, named) => {
    const alias = resource('AWS::KMS::Alias', 'Alias', { TargetKeyId: KEY }, { ref: 'alias/orders' });
    const resources = [trusting, alias, table(named), role()];
    expect(decide([...resources, policy(allow())])).toContain(`kms:Decrypt on resource: ${KEY}`);
    expect(decide([...resources, policy(allow(), useOfKey())])).toBe('allowed');
  });

  test('is told the service by which the key is used', () => {
    const via = (service: string) => useOfKey({ Condition: { StringEquals: { 'kms:ViaService': service } } });
    const resources = [trusting, table(), role()];
    expect(decide([...resources, policy(allow(), via('dynamodb.us-east-1.amazonaws.com'))])).toBe('allowed');
    expect(decide([...resources, policy(allow(), via('s3.us-east-1.amazonaws.com'))])).toContain('kms:Decrypt');
  });

  test('an index is encrypted as its table is', () => {
    const query = { action: 'dynamodb:Query', resource: `${TABLE}/index/listing` };
    const statements = allow({ Action: 'dynamodb:Query', Resource: '*' });
    expect(decide([trusting, table(), role(), policy(statements)], query)).toContain('kms:Decrypt');
    expect(decide([trusting, table(), role(), policy(statements, useOfKey())], query)).toBe('allowed');
  });

  test('a key’s policy that doesn’t trust the account has to name the role', () => {
    const naming = (AWS: string) => key({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Principal: { AWS } });
    const decideBy = (one: Resource, ...statements: Value[]) => decide([one, table(), role(), policy(...statements)]);
    expect(decideBy(naming('arn:aws:iam::123456789012:role/Other'), allow(), useOfKey())).toContain(
      'because no resource-based policy allows the kms:Decrypt action',
    );
    expect(decideBy(naming(ROLE_ARN), allow())).toBe('allowed');
    expect(decideBy(naming(ROLE_ARN), allow(), deny({ Action: 'kms:*', Resource: '*' }))).toContain('explicit deny');
  });

  test('a key that the template doesn’t have is used by what the role may do', () => {
    expect(decide([table(), role(), policy(allow())])).toContain('kms:Decrypt');
    expect(decide([table(), role(), policy(allow(), useOfKey())])).toBe('allowed');
  });

  test('a service by itself needs the key’s policy, and an AWS managed key lets none in', () => {
    const queue = (KmsMasterKeyId: string) =>
      resource('AWS::SQS::Queue', 'Queue', { KmsMasterKeyId }, { attributes: { Arn: queueArn } });
    const queuePolicy = resource('AWS::SQS::QueuePolicy', 'QueuePolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Resource: queueArn,
            Principal: { Service: 'events.amazonaws.com' },
          },
        ],
      },
    });
    const send = (...resources: Resource[]) =>
      decide([queuePolicy, ...resources], {
        caller: { kind: 'service', name: 'events.amazonaws.com' },
        action: 'sqs:SendMessage',
        resource: queueArn,
      });
    const forService = key({
      Effect: 'Allow',
      Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
      Resource: '*',
      Principal: { Service: 'events.amazonaws.com' },
    });
    expect(send(trusting, queue(KEY))).toContain(
      `Missing grant: the policy of the key that encrypts ${queueArn} needs to let events.amazonaws.com do kms:GenerateDataKey`,
    );
    expect(send(forService, queue(KEY))).toBe('allowed');
    expect(send(queue('alias/aws/sqs'))).toContain('no resource-based policy allows the kms:GenerateDataKey action');
  });

  test.each([
    ['s3:GetObject', 'arn:aws:s3:::bucket/a/b', ['kms:Decrypt']],
    ['s3:PutObject', 'arn:aws:s3:::bucket/a/b', ['kms:GenerateDataKey']],
    ['sqs:SendMessage', queueArn, ['kms:GenerateDataKey', 'kms:Decrypt']],
    ['sqs:ReceiveMessage', queueArn, ['kms:Decrypt']],
    ['sns:Publish', 'arn:aws:sns:us-east-1:123456789012:Topic', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ])('%s needs the key', (action, arn, needed) => {
    const encryption = { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } };
    const resources = [
      trusting,
      role(),
      resource(
        'AWS::S3::Bucket',
        'Bucket',
        { BucketEncryption: { ServerSideEncryptionConfiguration: [encryption] } },
        { attributes: { Arn: 'arn:aws:s3:::bucket' } },
      ),
      resource('AWS::SQS::Queue', 'Queue', { KmsMasterKeyId: KEY }, { attributes: { Arn: queueArn } }),
      resource(
        'AWS::SNS::Topic',
        'Topic',
        { KmsMasterKeyId: KEY },
        { ref: 'arn:aws:sns:us-east-1:123456789012:Topic' },
      ),
    ];
    const may = (...actions: string[]) =>
      decide([...resources, policy(allow({ Action: action, Resource: '*' }), useOfKey({ Action: actions }))], {
        action,
        resource: arn,
      });
    expect(may(...needed)).toBe('allowed');
    for (const missing of needed)
      expect(may('kms:Other', ...needed.filter((one) => one !== missing))).toContain(`to perform: ${missing} on`);
  });
});
