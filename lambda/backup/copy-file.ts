import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SiteFile } from './list-files.js';

/** What is to be copied, and into which folder. */
export interface CopyJob {
  readonly file: SiteFile;
  readonly folder: string;
}

const s3 = new S3Client({});

/** Copies one file into the backup, and answers how many bytes it has. */
export const handler = async ({ file, folder }: CopyJob): Promise<number> => {
  await s3.send(
    new CopyObjectCommand({
      Bucket: process.env['BACKUP_BUCKET'],
      Key: `${folder}/${file.key}`,
      CopySource: `${process.env['SITE_BUCKET']}/${encodeURIComponent(file.key)}`,
    }),
  );
  return file.bytes;
};
