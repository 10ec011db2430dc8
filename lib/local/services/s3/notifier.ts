import { randomUUID } from 'node:crypto';
import type { Caller, Cloud } from '../../cloud/service.js';
import { matchesWildcard } from '../../iam/wildcard.js';
import { TargetDelivery } from '../events/delivery.js';
import { EventsService } from '../events/service.js';
import type { StoredObject } from './bucket.js';
import type { Notifications } from './notification-model.js';

/** What happened to an object. */
export interface ObjectChange {
  /** For example `ObjectCreated:Put`. */
  readonly event: string;
  /** The API's name, for EventBridge: `PutObject`. */
  readonly reason: string;
  readonly key: string;
  /** @default - the object is gone */
  readonly object?: StoredObject;
}

const PRINCIPAL: Caller = { kind: 'service', name: 's3.amazonaws.com' };
const DAY_MS = 86_400_000;

/** Tells functions, queues and EventBridge of a bucket's changes, in AWS's event shapes. */
export class Notifier {
  private readonly delivery: TargetDelivery;
  private sequence = 0;

  constructor(private readonly cloud: Cloud) {
    this.delivery = new TargetDelivery(cloud);
  }

  notify(bucket: string, { eventBridge, targets }: Notifications, change: ObjectChange): void {
    const sequencer = (++this.sequence).toString(16).toUpperCase().padStart(18, '0');
    if (eventBridge) this.publish(bucket, change, sequencer);
    for (const { id, arn, events, prefix, suffix } of targets) {
      if (!events.some((pattern) => matchesWildcard(pattern, `s3:${change.event}`))) continue;
      if (!change.key.startsWith(prefix) || !change.key.endsWith(suffix)) continue;
      const payload = JSON.stringify({ Records: [this.renderRecord(bucket, id, change, sequencer)] });
      this.delivery.send(
        { arn, maxRetries: 185, maxAge: DAY_MS },
        { payload: () => payload, caller: PRINCIPAL, sourceArn: this.arnOf(bucket), sourceName: `bucket ${bucket}` },
      );
    }
  }

  private publish(bucket: string, { event, reason, key, object }: ObjectChange, sequencer: string): void {
    const events = this.cloud.tryService('events');
    if (!(events instanceof EventsService)) return;
    const created = event.startsWith('ObjectCreated');
    events.publish('default', {
      source: 'aws.s3',
      detailType: created ? 'Object Created' : 'Object Deleted',
      resources: [this.arnOf(bucket)],
      detail: {
        version: '0',
        bucket: { name: bucket },
        object: {
          key,
          ...(object === undefined ? {} : { size: object.body.length, etag: object.etag.replaceAll('"', '') }),
          sequencer,
        },
        'request-id': randomUUID(),
        requester: this.cloud.accountId,
        'source-ip-address': '127.0.0.1',
        reason,
        ...(created ? {} : { 'deletion-type': 'Permanently Deleted' }),
      },
    });
  }

  private renderRecord(bucket: string, id: string, { event, key, object }: ObjectChange, sequencer: string) {
    const size = object === undefined ? {} : { size: object.body.length, eTag: object.etag.replaceAll('"', '') };
    return {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: this.cloud.region,
      eventTime: new Date(this.cloud.clock.now()).toISOString(),
      eventName: event,
      userIdentity: { principalId: this.cloud.accountId },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': randomUUID() },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: id,
        bucket: { name: bucket, ownerIdentity: { principalId: this.cloud.accountId }, arn: this.arnOf(bucket) },
        // S3 writes the key as a form does: spaces as plus signs.
        object: { key: encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/'), ...size, sequencer },
      },
    };
  }

  private arnOf(bucket: string): string {
    return `arn:${this.cloud.partition}:s3:::${bucket}`;
  }
}
