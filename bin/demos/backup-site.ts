import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Activity, Chain, fanOutFanIn, flow } from '../../lib/index.js';
import type { DemoStackProps } from './hub.js';
import { leaveBucket } from './reasons.js';

/** Fan-out/fan-in: the files of a site are listed, each is copied in parallel, and the bytes are summed. */
export class BackupSiteStack extends Stack {
  readonly site;
  readonly backup;
  readonly activities;
  readonly backupSite;

  constructor(scope: Construct, id: string, { hub, ...props }: DemoStackProps) {
    super(scope, id, props);
    this.site = new s3.Bucket(this, 'Site', { enforceSSL: true });
    this.backup = new s3.Bucket(this, 'Backup', { enforceSSL: true, removalPolicy: RemovalPolicy.RETAIN });
    leaveBucket(this.site);
    leaveBucket(this.backup);
    this.activities = this.addActivities();
    const { listFiles, copyFile, sumBytes } = this.activities;
    this.backupSite = new Chain(this, 'BackupSite', {
      hub,
      description: 'Copies the files of a site in parallel and sums their bytes',
      steps: flow<{ readonly prefix: string; readonly folder: string }>()
        .step('files', listFiles, ({ input }) => ({ prefix: input.prefix }))
        .step(
          'total',
          fanOutFanIn({
            items: ({ files }) => files,
            each: copyFile,
            input: (file, { input }) => ({ file, folder: input.folder }),
            maxConcurrency: 10,
            aggregate: sumBytes,
          }),
        ),
    });
  }

  private addActivities() {
    const buckets = { SITE_BUCKET: this.site.bucketName, BACKUP_BUCKET: this.backup.bucketName };
    const listFiles = new Activity<typeof import('../../lambda/backup/list-files.js').handler>(this, 'ListFiles', {
      entry: 'lambda/backup/list-files.ts',
      environment: { SITE_BUCKET: buckets.SITE_BUCKET },
    });
    const copyFile = new Activity<typeof import('../../lambda/backup/copy-file.js').handler>(this, 'CopyFile', {
      entry: 'lambda/backup/copy-file.ts',
      environment: buckets,
      retry: { maxAttempts: 3 },
    });
    const sumBytes = new Activity<typeof import('../../lambda/backup/sum-bytes.js').handler>(this, 'SumBytes', {
      entry: 'lambda/backup/sum-bytes.ts',
    });
    this.site.grantRead(listFiles.function);
    this.site.grantRead(copyFile.function);
    this.backup.grantPut(copyFile.function);
    return { listFiles, copyFile, sumBytes };
  }
}
