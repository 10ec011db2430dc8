import { type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Why a demo leaves findings of cdk-nag as they are; an app of your own decides anew. */
export function leave(construct: Construct, reason: string, ...ids: readonly string[]): void {
  for (const id of ids) Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
}

/** What `grantReadWrite` and its like give on a demo's bucket. */
export function leaveBucket(bucket: s3.Bucket): void {
  const stack = Stack.of(bucket);
  const granted = ['GetObject', 'GetBucket', 'List', 'Abort', 'DeleteObject'].map((name) => `Action::s3:${name}*`);
  const objects = `Resource::<${stack.getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>/*`;
  leave(
    stack,
    'The CDK’s grants on a bucket: the forms of an action, on the objects of this bucket alone.',
    ...[...granted, objects].map((finding) => `IAM5[${finding}]`),
  );
  leave(bucket, 'Access to a demo’s files is followed in the workflow’s history.', 'S1');
}
