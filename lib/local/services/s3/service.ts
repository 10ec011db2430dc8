import type { JsonObject } from '../../../asl/json';
import type { Resource } from '../../../assembly/model';
import type { ObjectStore } from '../../../engine/objects';
import {
  type Caller,
  type Cloud,
  type CloudService,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../service';
import { stringMember, tryStringMember } from '../aws-json';
import { PropertyReader } from '../property-reader';
import { Bucket, type StoredObject } from './bucket';
import { type Notifications, readBucketNotifications, readCustomNotifications } from './notification-model';
import { Notifier } from './notifier';
import { objectHeaders, readCopySource, readS3Request, type S3Request, tryReadRange } from './s3-request';
import { readElements, renderListing, renderS3Error, renderS3Xml } from './s3-xml';

/** Settings of a bucket that change nothing here; versions aren't kept, and nothing expires. */
const ACCEPTED = [
  'BucketName',
  'Tags',
  'AccessControl',
  'BucketEncryption',
  'PublicAccessBlockConfiguration',
  'OwnershipControls',
  'VersioningConfiguration',
  'LifecycleConfiguration',
  'CorsConfiguration',
  'LoggingConfiguration',
  'MetricsConfigurations',
  'IntelligentTieringConfigurations',
  'InventoryConfigurations',
  'AccelerateConfiguration',
];

/** Sub-resources of buckets and objects that the local cloud doesn't have; asking for one is an error, never a listing. */
const UNSUPPORTED = [
  'acl',
  'tagging',
  'policy',
  'versions',
  'lifecycle',
  'cors',
  'website',
  'torrent',
  'select',
  'restore',
  'retention',
  'attributes',
];

/** A request with the bucket that it names. */
interface BucketRequest extends S3Request {
  readonly at: Bucket;
  readonly caller: Caller;
}

interface ObjectRequest extends BucketRequest {
  readonly key: string;
}

/**
 * Amazon S3: the template's buckets, in memory.
 *
 * Objects are put, read (also in ranges), copied, listed, deleted and uploaded in parts, by path or by host name; each change is told to functions,
 * queues and EventBridge. Versions, object locks, access control lists, tags and websites don't exist here; a versioned bucket keeps the latest only.
 */
export class S3Service implements CloudService {
  readonly names = ['s3'];
  readonly resourceTypes = ['AWS::S3::Bucket', 'Custom::S3BucketNotifications'];
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
  private readonly buckets = new Map<string, Bucket>();
  private readonly notifications = new Map<string, Notifications[]>();
  private readonly notifier: Notifier;

  constructor(private readonly cloud: Cloud) {
    this.notifier = new Notifier(cloud);
  }

  deploy(resource: Resource): void {
    if (resource.type === 'Custom::S3BucketNotifications') {
      const { bucket, notifications } = readCustomNotifications(resource);
      this.addNotifications(bucket, notifications);
      return;
    }
    const reader = PropertyReader.of(resource);
    this.buckets.set(resource.ref, new Bucket(resource.ref, () => this.cloud.clock.now()));
    this.addNotifications(resource.ref, readBucketNotifications(reader));
    reader.accept(...ACCEPTED).finish();
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const parsed = readS3Request(request);
    const { bucket, key } = parsed;
    const unsupported = UNSUPPORTED.find((name) => parsed.query.has(name));
    if (unsupported !== undefined) throw notImplemented(`?${unsupported}`);
    if (bucket === undefined) return this.listBuckets(request.caller);
    const at = this.bucketNamed(bucket);
    const full = { ...parsed, at, caller: request.caller };
    return key === undefined ? this.handleBucket(full) : this.handleObject({ ...full, key });
  }

  renderError(error: ServiceError, { method }: ServiceRequest): ServiceResponse {
    const response = renderS3Error(error);
    return method === 'HEAD' || error.status === 304
      ? { status: response.status, headers: response.headers ?? {} }
      : response;
  }

  supports(action: string): string | undefined {
    return Object.hasOwn(this.integrations, action) ? undefined : `the local cloud doesn't run s3:${action}`;
  }

  async call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const at = this.bucketNamed(stringMember(parameters, 'Bucket'));
    const run = this.integrations[action];
    if (run === undefined) throw notImplemented(action);
    return run(at, parameters, caller);
  }

  /** The actions of state machines, with bodies as text. */
  private readonly integrations: Readonly<
    Record<string, (at: Bucket, parameters: JsonObject, caller: Caller) => JsonObject>
  > = {
    putObject: (at, parameters, caller) => {
      const key = stringMember(parameters, 'Key');
      const { Body: body = '' } = parameters;
      const type = tryStringMember(parameters, 'ContentType');
      this.authorize(caller, 'PutObject', at, key);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return {
        ETag: this.store(at, key, Buffer.from(text), type === undefined ? {} : { 'content-type': type }, 'Put').etag,
      };
    },
    getObject: (at, parameters, caller) => {
      const object = this.read(at, stringMember(parameters, 'Key'), caller);
      return { ...describe(object), Body: object.body.toString('utf8') };
    },
    headObject: (at, parameters, caller) => describe(this.read(at, stringMember(parameters, 'Key'), caller)),
    copyObject: (at, parameters, caller) => {
      const copied = this.copy(at, stringMember(parameters, 'Key'), stringMember(parameters, 'CopySource'), caller);
      return { CopyObjectResult: { ETag: copied.etag, LastModified: new Date(copied.lastModified).toISOString() } };
    },
    deleteObject: (at, parameters, caller) => {
      this.remove(at, stringMember(parameters, 'Key'), caller);
      return {};
    },
    listObjectsV2: (at, parameters, caller) => {
      this.authorize(caller, 'ListBucket', at);
      const prefix = tryStringMember(parameters, 'Prefix') ?? '';
      const delimiter = tryStringMember(parameters, 'Delimiter');
      const token = tryStringMember(parameters, 'ContinuationToken');
      const limit = typeof parameters['MaxKeys'] === 'number' ? parameters['MaxKeys'] : 1000;
      const { objects, commonPrefixes, next } = at.list({
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(token === undefined ? {} : { after: Buffer.from(token, 'base64').toString() }),
      });
      const Contents = objects.map(({ key, etag, body, lastModified }) => ({
        Key: key,
        ETag: etag,
        Size: body.length,
        LastModified: new Date(lastModified).toISOString(),
        StorageClass: 'STANDARD',
      }));
      return {
        Name: at.name,
        Prefix: prefix,
        KeyCount: objects.length + commonPrefixes.length,
        MaxKeys: limit,
        IsTruncated: next !== undefined,
        Contents,
        CommonPrefixes: commonPrefixes.map((Prefix) => ({ Prefix })),
        ...(next === undefined ? {} : { NextContinuationToken: Buffer.from(next).toString('base64') }),
      };
    },
  };

  private handleBucket(request: BucketRequest): ServiceResponse {
    const { method, query, at, caller } = request;
    if (method === 'HEAD') {
      this.authorize(caller, 'ListBucket', at);
      return { status: 200, headers: { 'x-amz-bucket-region': this.cloud.region } };
    }
    if (method === 'GET' && query.has('location')) return this.locate(at, caller);
    if (method === 'GET' && query.has('versioning')) return renderS3Xml('VersioningConfiguration', {});
    if (method === 'GET' && query.has('uploads')) throw notImplemented('ListMultipartUploads');
    if (method === 'GET') return this.list(request);
    if (method === 'POST' && query.has('delete')) return this.deleteAll(request);
    throw notImplemented(`${method} on a bucket`);
  }

  private async handleObject(request: ObjectRequest): Promise<ServiceResponse> {
    const { method, query, headers } = request;
    switch (method) {
      case 'GET':
      case 'HEAD':
        if (query.has('uploadId')) throw notImplemented('ListParts');
        return this.get(request);
      case 'PUT':
        if (query.has('uploadId')) return this.putPart(request);
        return headers['x-amz-copy-source'] === undefined ? this.put(request) : this.answerCopy(request);
      case 'DELETE':
        return query.has('uploadId') ? this.abort(request) : this.answerDelete(request);
      case 'POST':
        if (query.has('uploads')) return this.beginUpload(request);
        if (query.has('uploadId')) return this.completeUpload(request);
    }
    throw notImplemented(`${method} on an object`);
  }

  private put({ at, key, body, headers, caller }: ObjectRequest): ServiceResponse {
    this.authorize(caller, 'PutObject', at, key);
    checkPreconditions(headers, at.tryGet(key));
    const { etag } = this.store(at, key, body, objectHeaders(headers), 'Put');
    return { status: 200, headers: { etag } };
  }

  private get({ method, at, key, headers, query, caller }: ObjectRequest): ServiceResponse {
    const object = this.read(at, key, caller);
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

  private answerCopy({ at, key, headers, caller }: ObjectRequest): ServiceResponse {
    const replaced = headers['x-amz-metadata-directive'] === 'REPLACE' ? objectHeaders(headers) : undefined;
    const { etag, lastModified } = this.copy(at, key, headers['x-amz-copy-source'] ?? '', caller, replaced);
    return renderS3Xml('CopyObjectResult', { ETag: etag, LastModified: new Date(lastModified).toISOString() });
  }

  private copy(
    at: Bucket,
    key: string,
    source: string,
    caller: Caller,
    headers?: StoredObject['headers'],
  ): StoredObject {
    const from = readCopySource(source);
    const object = this.read(this.bucketNamed(from.bucket), from.key, caller);
    this.authorize(caller, 'PutObject', at, key);
    return this.store(at, key, object.body, headers ?? object.headers, 'Copy');
  }

  private answerDelete({ at, key, caller }: ObjectRequest): ServiceResponse {
    this.remove(at, key, caller);
    return { status: 204 };
  }

  private deleteAll({ at, body, caller }: BucketRequest): ServiceResponse {
    const xml = body.toString('utf8');
    const keys = readElements(xml, 'Key');
    for (const key of keys) this.remove(at, key, caller);
    const quiet = readElements(xml, 'Quiet')[0] === 'true';
    return renderS3Xml('DeleteResult', quiet ? {} : { Deleted: keys.map((Key) => ({ Key })) });
  }

  private beginUpload({ at, key, headers, caller }: ObjectRequest): ServiceResponse {
    this.authorize(caller, 'PutObject', at, key);
    const UploadId = at.beginUpload(key, objectHeaders(headers));
    return renderS3Xml('InitiateMultipartUploadResult', { Bucket: at.name, Key: key, UploadId });
  }

  private putPart({ at, key, query, body, headers, caller }: ObjectRequest): ServiceResponse {
    this.authorize(caller, 'PutObject', at, key);
    if (headers['x-amz-copy-source'] !== undefined) throw notImplemented('UploadPartCopy');
    const etag = at.tryPutPart(query.get('uploadId') ?? '', Number(query.get('partNumber')), body);
    return { status: 200, headers: { etag: etag ?? noUpload() } };
  }

  private completeUpload({ at, key, query, body, caller }: ObjectRequest): ServiceResponse {
    this.authorize(caller, 'PutObject', at, key);
    const numbers = readElements(body.toString('utf8'), 'PartNumber').map(Number);
    const object = at.tryCompleteUpload(query.get('uploadId') ?? '', numbers) ?? noUpload();
    this.announce(at, {
      event: 'ObjectCreated:CompleteMultipartUpload',
      reason: 'CompleteMultipartUpload',
      key,
      object,
    });
    return renderS3Xml('CompleteMultipartUploadResult', {
      Location: `${this.cloud.endpoint}/${at.name}/${key}`,
      Bucket: at.name,
      Key: key,
      ETag: object.etag,
    });
  }

  private abort({ at, key, query, caller }: ObjectRequest): ServiceResponse {
    this.authorize(caller, 'AbortMultipartUpload', at, key);
    if (!at.abortUpload(query.get('uploadId') ?? '')) noUpload();
    return { status: 204 };
  }

  private list({ at, query, caller }: BucketRequest): ServiceResponse {
    this.authorize(caller, 'ListBucket', at);
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

  private listBuckets(caller: Caller): ServiceResponse {
    this.cloud.authorize({ caller, action: 's3:ListAllMyBuckets', resource: '*' });
    const Bucket_ = [...this.buckets.keys()].map((Name) => ({
      Name,
      CreationDate: new Date(this.cloud.clock.now()).toISOString(),
    }));
    return renderS3Xml('ListAllMyBucketsResult', { Buckets: { Bucket: Bucket_ }, Owner: { ID: this.cloud.accountId } });
  }

  private locate(at: Bucket, caller: Caller): ServiceResponse {
    this.authorize(caller, 'GetBucketLocation', at);
    return renderS3Xml('LocationConstraint', this.cloud.region === 'us-east-1' ? '' : this.cloud.region);
  }

  /** An object that isn't there is a 404 for whoever may list the bucket, and a 403 for others, as on AWS. */
  private read(at: Bucket, key: string, caller: Caller): StoredObject {
    this.authorize(caller, 'GetObject', at, key);
    const object = at.tryGet(key);
    if (object !== undefined) return object;
    this.authorize(caller, 'ListBucket', at);
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  }

  private store(
    at: Bucket,
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

  private remove(at: Bucket, key: string, caller: Caller): void {
    this.authorize(caller, 'DeleteObject', at, key);
    if (at.delete(key)) this.announce(at, { event: 'ObjectRemoved:Delete', reason: 'DeleteObject', key });
  }

  private announce(at: Bucket, change: Parameters<Notifier['notify']>[2]): void {
    for (const notifications of this.notifications.get(at.name) ?? [])
      this.notifier.notify(at.name, notifications, change);
  }

  private addNotifications(bucket: string, notifications: Notifications): void {
    this.notifications.set(bucket, [...(this.notifications.get(bucket) ?? []), notifications]);
  }

  private bucketNamed(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  }

  private authorize(caller: Caller, action: string, { name }: Bucket, key?: string): void {
    const resource = `arn:${this.cloud.partition}:s3:::${name}${key === undefined ? '' : `/${key}`}`;
    this.cloud.authorize({ caller, action: `s3:${action}`, resource });
  }
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

function describe({ etag, body, lastModified, headers }: StoredObject): JsonObject {
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

function noUpload(): never {
  throw new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist, or one of its parts was never uploaded.',
    404,
  );
}

function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `The local cloud's S3 doesn't have ${what}.`, 501);
}
