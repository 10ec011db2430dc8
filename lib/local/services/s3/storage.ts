import type { JsonObject } from '../../../asl/language/json.js';
import type { ObjectStore } from '../../../engine/model/objects.js';
import { type Caller, type Cloud, ServiceError } from '../../cloud/service.js';
import { StoredBucket, type StoredObject } from './bucket.js';
import type { Notifications } from './notification-model.js';
import { Notifier, type ObjectChange } from './notifier.js';
import { readCopySource } from './s3-request.js';

/** The buckets, and what is done to their objects: each call is checked, each change is told to whoever the template names. */
export class Storage {
  /** The buckets for the engine's distributed maps. These calls carry no caller, so IAM isn't checked on them. */
  readonly objectStore: ObjectStore = {
    get: async (bucket, key) => this.buckets.get(bucket)?.tryGet(key)?.body,
    put: async (bucket, key, body, contentType) => {
      const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType };
      this.store(this.bucketNamed(bucket), key, Buffer.from(body), headers, 'Put');
    },
    list: async (bucket, prefix) =>
      this.buckets
        .get(bucket)
        ?.list({ prefix, limit: Number.MAX_SAFE_INTEGER })
        .objects.map(({ key, etag, body, lastModified }) => ({ key, etag, size: body.length, lastModified })),
  };
  private readonly buckets = new Map<string, StoredBucket>();
  /** Buckets that the template had once, with their objects. */
  private readonly removed = new Map<string, StoredBucket>();
  /** By slot of the resource that asks for them. */
  private readonly notifications = new Map<string, { readonly bucket: string; readonly wanted: Notifications }>();
  private readonly notifier: Notifier;

  constructor(private readonly cloud: Cloud) {
    this.notifier = new Notifier(cloud);
  }

  /** Makes an empty bucket; one that is or was there keeps its objects. */
  add(name: string): void {
    const known = this.buckets.get(name) ?? this.removed.get(name);
    this.buckets.set(name, known ?? new StoredBucket(name, () => this.cloud.clock.now()));
  }

  /** Puts a bucket out of reach. */
  hide(name: string): void {
    const bucket = this.buckets.get(name);
    if (bucket !== undefined) this.removed.set(name, bucket);
    this.buckets.delete(name);
  }

  /** The names of all buckets. */
  names(): readonly string[] {
    return [...this.buckets.keys()];
  }

  /** Sets what one resource of the template wants to be told of; nothing any more without `wanted`. */
  setNotifications(slot: string, wanted?: { readonly bucket: string; readonly notifications: Notifications }): void {
    this.notifications.delete(slot);
    if (wanted !== undefined) this.notifications.set(slot, { bucket: wanted.bucket, wanted: wanted.notifications });
  }

  /** Throws a {@link ServiceError} `NoSuchBucket` when there is none. */
  bucketNamed(name: string): StoredBucket {
    const bucket = this.buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  }

  /** An object that isn't there is a 404 for whoever may list the bucket, and a 403 for others, as on AWS. */
  read(at: StoredBucket, key: string, caller: Caller): StoredObject {
    this.authorize(caller, 'GetObject', at, key);
    const object = at.tryGet(key);
    if (object !== undefined) return object;
    this.authorize(caller, 'ListBucket', at);
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  }

  /** Writes an object; the caller has been checked. */
  store(
    at: StoredBucket,
    key: string,
    body: Buffer,
    headers: StoredObject['headers'],
    event: 'Put' | 'Copy',
  ): StoredObject {
    if (Buffer.byteLength(key) > 1024) throw new ServiceError('KeyTooLongError', 'Your key is too long');
    const object = at.put(key, body, headers);
    this.announce(at, { event: `ObjectCreated:${event}`, reason: `${event}Object`, key, object });
    return object;
  }

  copy(at: StoredBucket, key: string, source: string, caller: Caller, headers?: StoredObject['headers']): StoredObject {
    const from = readCopySource(source);
    const object = this.read(this.bucketNamed(from.bucket), from.key, caller);
    this.authorize(caller, 'PutObject', at, key);
    return this.store(at, key, object.body, headers ?? object.headers, 'Copy');
  }

  remove(at: StoredBucket, key: string, caller: Caller): void {
    this.authorize(caller, 'DeleteObject', at, key);
    if (at.delete(key)) this.announce(at, { event: 'ObjectRemoved:Delete', reason: 'DeleteObject', key });
  }

  announce(at: StoredBucket, change: ObjectChange): void {
    for (const { bucket, wanted } of this.notifications.values())
      if (bucket === at.name) this.notifier.notify(bucket, wanted, change);
  }

  authorize(caller: Caller, action: string, at: StoredBucket, key?: string): void {
    this.cloud.authorize({ caller, action: `s3:${action}`, resource: this.arnOf(at, key) });
  }

  /** The ARN of a bucket, or of an object in it. */
  arnOf({ name }: StoredBucket, key?: string): string {
    return `arn:${this.cloud.partition}:s3:::${name}${key === undefined ? '' : `/${key}`}`;
  }
}

/** What state machines and clients are told of an object besides its bytes. */
export function describe({ etag, body, lastModified, headers }: StoredObject): JsonObject {
  return {
    ETag: etag,
    ContentLength: body.length,
    ContentType: headers['content-type'] ?? 'binary/octet-stream',
    LastModified: new Date(lastModified).toISOString(),
    Metadata: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith('x-amz-meta-') ? [[name.slice(11), value]] : [],
      ),
    ),
  };
}
