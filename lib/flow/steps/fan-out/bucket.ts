import type { Kind } from '../../../options/check-options.js';
import { like } from '../../../options/kinds.js';
import type { Grant } from '../../compiler/compilation.js';

/** An Amazon S3 bucket, as `s3.IBucket` of aws-cdk-lib describes it. */
export interface Bucket {
  readonly bucketName: string;
  readonly bucketArn: string;
  readonly encryptionKey?: { readonly keyArn: string } | undefined;
}

/** A bucket, for programs without types. */
export const BUCKET: Kind = like('an S3 bucket', 'bucketName', 'bucketArn');

/** What a distributed Map needs to read an object, or the names of objects. */
export function readGrants(bucket: Bucket, part: { readonly key?: unknown; readonly prefix?: unknown }): Grant[] {
  if ('prefix' in part) return [{ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }];
  const key = typeof part.key === 'string' && !part.key.startsWith('{%') ? part.key : '*';
  return [
    { actions: ['s3:GetObject'], resources: [`${bucket.bucketArn}/${key}`] },
    ...keyGrants(bucket, ['kms:Decrypt']),
  ];
}

/** What a result writer needs: it uploads in parts, and reads back to go on after a redrive. */
export function writeGrants(bucket: Bucket, prefix: unknown): Grant[] {
  const folder = typeof prefix === 'string' && prefix !== '' && !prefix.startsWith('{%') ? `${prefix}/*` : '*';
  return [
    {
      actions: ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      resources: [`${bucket.bucketArn}/${folder}`],
    },
    ...keyGrants(bucket, ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']),
  ];
}

function keyGrants({ encryptionKey }: Bucket, actions: readonly string[]): Grant[] {
  return encryptionKey === undefined ? [] : [{ actions, resources: [encryptionKey.keyArn] }];
}
