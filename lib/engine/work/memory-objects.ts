import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.js';
import type { ObjectStore, ObjectSummary } from '../model/objects.js';

interface StoredObject {
  readonly body: Uint8Array;
  readonly lastModified: number;
}

/** Amazon S3 in memory, as far as a distributed Map needs it. A bucket exists as soon as something is put into it. */
export class MemoryObjects implements ObjectStore {
  private readonly buckets = new Map<string, Map<string, StoredObject>>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  async get(bucket: string, key: string): Promise<Uint8Array | undefined> {
    return this.buckets.get(bucket)?.get(key)?.body;
  }

  async put(bucket: string, key: string, body: Uint8Array): Promise<void> {
    const objects = this.buckets.get(bucket) ?? new Map<string, StoredObject>();
    objects.set(key, { body, lastModified: this.clock.now() });
    this.buckets.set(bucket, objects);
  }

  async list(bucket: string, prefix: string): Promise<readonly ObjectSummary[] | undefined> {
    const objects = this.buckets.get(bucket);
    if (objects === undefined) return undefined;
    return [...objects]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { body, lastModified }]) => ({ key, etag: etagOf(body), size: body.length, lastModified }));
  }
}

function etagOf(body: Uint8Array): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}
