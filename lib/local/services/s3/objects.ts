import { type Caller, ServiceError, type ServiceResponse } from '../../cloud/service.js';
import type { StoredBucket, StoredObject } from './bucket.js';
import { objectHeaders, type S3Request, tryReadRange } from './s3-request.js';
import { readElements, renderListing, renderS3Xml } from './s3-xml.js';
import type { Storage } from './storage.js';

/** A request for a bucket, or for one of its objects. */
export interface BucketCall extends S3Request {
  readonly storage: Storage;
  readonly at: StoredBucket;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly caller: Caller;
}

/** PutObject. */
export function put({ storage, at, key, body, headers }: BucketCall): ServiceResponse {
  checkPreconditions(headers, at.tryGet(key));
  const { etag } = storage.store(at, key, body, objectHeaders(headers), 'Put');
  return { status: 200, headers: { etag } };
}

/** GetObject and HeadObject. */
export function get({ storage, method, at, key, headers, query, caller }: BucketCall): ServiceResponse {
  const object = storage.read(at, key, caller);
  checkPreconditions(headers, object);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  if (isListed(headers['if-none-match'], object.etag) || object.lastModified <= since)
    throw new ServiceError('NotModified', 'Not Modified', 304);
  const range = tryReadRange(headers['range'], object.body.length);
  const body = range === undefined ? object.body : object.body.subarray(range.from, range.to + 1);
  const overrides = [...query].flatMap(([name, value]) =>
    name.startsWith('response-') ? [[name.slice(9), value]] : [],
  );
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      'content-type': 'binary/octet-stream',
      ...object.headers,
      ...Object.fromEntries(overrides),
      etag: object.etag,
      'last-modified': new Date(object.lastModified).toUTCString(),
      'accept-ranges': 'bytes',
      'content-length': String(body.length),
      ...(range === undefined ? {} : { 'content-range': `bytes ${range.from}-${range.to}/${object.body.length}` }),
    },
    ...(method === 'HEAD' ? {} : { body }),
  };
}

/** CopyObject. */
export function copy({ storage, at, key, headers, caller }: BucketCall): ServiceResponse {
  const replaced = headers['x-amz-metadata-directive'] === 'REPLACE' ? objectHeaders(headers) : undefined;
  const { etag, lastModified } = storage.copy(at, key, headers['x-amz-copy-source'] ?? '', caller, replaced);
  return renderS3Xml('CopyObjectResult', { ETag: etag, LastModified: new Date(lastModified).toISOString() });
}

/** DeleteObject. */
export function remove({ storage, at, key, caller }: BucketCall): ServiceResponse {
  storage.remove(at, key, caller);
  return { status: 204 };
}

/** DeleteObjects. */
export function removeAll({ storage, at, body, caller }: BucketCall): ServiceResponse {
  const xml = body.toString('utf8');
  const keys = readElements(xml, 'Key');
  for (const key of keys) storage.remove(at, key, caller);
  const quiet = readElements(xml, 'Quiet')[0] === 'true';
  return renderS3Xml('DeleteResult', quiet ? {} : { Deleted: keys.map((Key) => ({ Key })) });
}

/** ListObjects and ListObjectsV2. */
export function list({ at, query }: BucketCall): ServiceResponse {
  const token = query.get('continuation-token') ?? undefined;
  const startAfter = query.get('start-after') ?? query.get('marker') ?? undefined;
  const delimiter = query.get('delimiter') || undefined;
  const after = token === undefined ? startAfter : Buffer.from(token, 'base64').toString();
  const shared = {
    prefix: query.get('prefix') ?? '',
    limit: Math.min(Number(query.get('max-keys') ?? 1000), 1000),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
  const listing = at.list({ ...shared, ...(after === undefined ? {} : { after }) });
  return renderListing(at, listing, {
    ...shared,
    version: query.get('list-type') === '2' ? 2 : 1,
    urlEncoded: query.get('encoding-type') === 'url',
    ...(token === undefined ? {} : { token }),
    ...(startAfter === undefined ? {} : { startAfter }),
  });
}

/** `If-Match`, and `If-None-Match: *` for a write that must not replace. */
function checkPreconditions(headers: Readonly<Record<string, string>>, object: StoredObject | undefined): void {
  const { 'if-match': match, 'if-none-match': none } = headers;
  const replaces = none === '*' && object !== undefined;
  const differs = match !== undefined && (object === undefined || !isListed(match, object.etag));
  if (replaces || differs) {
    throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  }
}

function isListed(header: string | undefined, etag: string): boolean {
  const bare = etag.replaceAll('"', '');
  return (header ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replaceAll('"', '') === bare);
}
