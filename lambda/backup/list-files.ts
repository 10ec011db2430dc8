import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

/** A file of the site. */
export interface SiteFile {
  readonly key: string;
  readonly bytes: number;
}

const s3 = new S3Client({});

/** Lists the files of the site. */
export const handler = async ({ prefix = '' }: { readonly prefix?: string }): Promise<readonly SiteFile[]> => {
  const files: SiteFile[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: process.env['SITE_BUCKET'], Prefix: prefix, ContinuationToken: token }),
    );
    for (const { Key, Size } of page.Contents ?? []) if (Key !== undefined) files.push({ key: Key, bytes: Size ?? 0 });
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return files;
};
