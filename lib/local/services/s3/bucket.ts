import { createHash, randomUUID } from 'node:crypto';

/** An object in a bucket. */
export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** In double quotes. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  /** Content type and the like, and `x-amz-meta-…`, by lower-case header name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A page of keys. */
export interface Listing {
  readonly objects: readonly StoredObject[];
  readonly commonPrefixes: readonly string[];
  /** The last key or prefix of the page, when more follow. */
  readonly next?: string;
}

export interface ListingRequest {
  readonly prefix: string;
  readonly delimiter?: string;
  /** Keys and prefixes after this one only. */
  readonly after?: string;
  readonly limit: number;
}

interface Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

/** The objects of one bucket, in memory; without versions. */
export class StoredBucket {
  private readonly objects = new Map<string, StoredObject>();
  private readonly uploads = new Map<string, Upload>();

  constructor(
    readonly name: string,
    private readonly now: () => number,
  ) {}

  tryGet(key: string): StoredObject | undefined {
    return this.objects.get(key);
  }

  put(
    key: string,
    body: Buffer,
    headers: StoredObject['headers'],
    etag = `"${md5(body).toString('hex')}"`,
  ): StoredObject {
    const stored = { key, body, etag, lastModified: this.now(), headers };
    this.objects.set(key, stored);
    return stored;
  }

  /** Returns whether there was such an object. */
  delete(key: string): boolean {
    return this.objects.delete(key);
  }

  /** Keys in UTF-8 order, as S3 lists them; what shares a prefix up to the delimiter counts as one. */
  list({ prefix, delimiter, after = '', limit }: ListingRequest): Listing {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareUtf8);
    const objects: StoredObject[] = [];
    const commonPrefixes = new Set<string>();
    let last = '';
    for (const key of keys) {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      const entry = end < 0 ? key : key.slice(0, end + (delimiter ?? '').length);
      if (compareUtf8(entry, after) <= 0 || commonPrefixes.has(entry)) continue;
      if (objects.length + commonPrefixes.size === limit) {
        return { objects, commonPrefixes: [...commonPrefixes], ...(last === '' ? {} : { next: last }) };
      }
      last = entry;
      const object = this.objects.get(key);
      if (end >= 0) commonPrefixes.add(entry);
      else if (object !== undefined) objects.push(object);
    }
    return { objects, commonPrefixes: [...commonPrefixes] };
  }

  /** Begins a multipart upload; gives its id. */
  beginUpload(key: string, headers: StoredObject['headers']): string {
    const id = randomUUID().replaceAll('-', '');
    this.uploads.set(id, { key, headers, parts: new Map() });
    return id;
  }

  /** Takes a part; gives its entity tag, or undefined for an unknown upload. */
  tryPutPart(uploadId: string, number: number, body: Buffer): string | undefined {
    const upload = this.uploads.get(uploadId);
    upload?.parts.set(number, body);
    return upload === undefined ? undefined : `"${md5(body).toString('hex')}"`;
  }

  /** Joins the parts into the object; undefined for an unknown upload, or a part that was never sent. */
  tryCompleteUpload(uploadId: string, numbers: readonly number[]): StoredObject | undefined {
    const upload = this.uploads.get(uploadId);
    const parts = numbers.flatMap((number) => upload?.parts.get(number) ?? []);
    if (upload === undefined || parts.length !== numbers.length || parts.length === 0) return undefined;
    this.uploads.delete(uploadId);
    const etag = `"${md5(Buffer.concat(parts.map(md5))).toString('hex')}-${parts.length}"`;
    return this.put(upload.key, Buffer.concat(parts), upload.headers, etag);
  }

  /** Forgets an upload. Returns whether there was such an upload. */
  abortUpload(uploadId: string): boolean {
    return this.uploads.delete(uploadId);
  }
}

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
