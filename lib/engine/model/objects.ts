/** One object in a listing, as Amazon S3 tells it. */
export interface ObjectSummary {
  readonly key: string;
  /** The entity tag, in double quotes as S3 gives it. */
  readonly etag: string;
  /** The size in bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  /** @default 'STANDARD' */
  readonly storageClass?: string;
}

/** Amazon S3 as a distributed Map needs it: for `ItemReader` and `ResultWriter`. */
export interface ObjectStore {
  /** The object's bytes; `undefined` when there is no such object. */
  get(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** Writes an object. */
  put(bucket: string, key: string, body: Uint8Array, contentType?: string): Promise<void>;
  /** The objects whose key begins with `prefix`, ordered by key; `undefined` when there is no such bucket. */
  list(bucket: string, prefix: string): Promise<readonly ObjectSummary[] | undefined>;
}
