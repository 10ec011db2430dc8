import type { Assembly, Resource, Value } from '../../assembly/model.js';
import { readPolicy, type Statement } from './policy.js';

/** The types that carry a policy document for the resources it names. */
const DOCUMENT_TYPES = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'];

/** What the template's resources themselves allow: function permissions, and the policies of queues, topics, buckets and buses. */
export function readResourcePolicies(assembly: Assembly): readonly Statement[] {
  const permissions = assembly.ofType('AWS::Lambda::Permission').flatMap((one) => readPermission(one, assembly));
  const documents = DOCUMENT_TYPES.flatMap((type) => assembly.ofType(type)).flatMap(({ properties, path }) =>
    readPolicy(properties['PolicyDocument'], `${path}.PolicyDocument`),
  );
  const buses = assembly.ofType('AWS::Events::EventBusPolicy').flatMap(({ properties, path }) => {
    const { Statement: statement } = properties;
    return statement === undefined ? [] : readPolicy({ Statement: statement }, path);
  });
  return [...permissions, ...documents, ...buses];
}

/** A function permission as the statement that AWS makes of it. */
function readPermission({ properties, path }: Resource, assembly: Assembly): readonly Statement[] {
  const { Action, FunctionName, Principal, SourceArn, SourceAccount } = properties;
  const functionArn = functionArnOf(String(FunctionName), assembly);
  const principal = String(Principal);
  const statement: Value = {
    Effect: 'Allow',
    Action: Action ?? 'lambda:InvokeFunction',
    Principal: principal.includes('.') ? { Service: principal } : principal === '*' ? '*' : { AWS: principal },
    Resource: [functionArn, `${functionArn}:*`],
    Condition: {
      ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    },
  };
  return readPolicy({ Statement: [statement] }, path);
}

function functionArnOf(name: string, assembly: Assembly): string {
  if (name.startsWith('arn:')) return name;
  const function_ = assembly.ofType('AWS::Lambda::Function').find(({ ref }) => ref === name);
  return function_?.attribute('Arn') ?? name;
}
