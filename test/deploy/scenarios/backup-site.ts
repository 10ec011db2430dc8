import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Scenario } from '../scenario.js';

const files = {
  'site/index.html': '<h1>Hello</h1>',
  'site/style.css': 'h1 {}',
  'other/skipped.txt': 'not of the site',
};

export const backupSite: readonly Scenario[] = [
  {
    fact: 'the files of a site are copied in parallel and their bytes are summed',
    orchestrations: ['BackupSite/BackupSite'],
    run: async (cloud) => {
      const s3 = new S3Client(cloud.clientOptions);
      const site = await cloud.access.physicalId('BackupSite/Site');
      for (const [Key, Body] of Object.entries(files)) await s3.send(new PutObjectCommand({ Bucket: site, Key, Body }));
      const bytes = await cloud.run('BackupSite/BackupSite', { prefix: 'site/', folder: 'monday' });
      const Bucket = await cloud.access.physicalId('BackupSite/Backup');
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return { bytes, copies: Contents.map(({ Key = '' }) => Key).sort() };
    },
    expected: { bytes: { files: 2, bytes: 19 }, copies: ['monday/site/index.html', 'monday/site/style.css'] },
  },
];
