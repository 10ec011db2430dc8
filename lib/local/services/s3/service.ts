import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import type { ObjectStore } from '../../../engine/model/objects.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import { stringMember } from '../protocol/aws-json.js';
import { PropertyReader } from '../protocol/property-reader.js';
import type { Bucket, StoredObject } from './bucket.js';
import { INTEGRATIONS } from './integrations.js';
import { readBucketNotifications, readCustomNotifications } from './notification-model.js';
import { objectHeaders, readS3Request, type S3Request, tryReadRange } from './s3-request.js';
import { readElements, renderListing, renderS3Error, renderS3Xml } from './s3-xml.js';
import { Storage } from './storage.js';

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
  readonly objectStore: ObjectStore;
  private readonly storage: Storage;

  constructor(private readonly cloud: Cloud) {
    this.storage = new Storage(cloud);
    this.objectStore = this.storage.objectStore;
  }

  deploy(resource: Resource): void {
    if (resource.type === 'Custom::S3BucketNotifications') {
      const { bucket, notifications } = readCustomNotifications(resource);
      this.storage.addNotifications(bucket, notifications);
      return;
    }
    const reader = PropertyReader.of(resource);
    this.storage.add(resource.ref);
    this.storage.addNotifications(resource.ref, readBucketNotifications(reader));
    reader.accept(...ACCEPTED).finish();
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const parsed = readS3Request(request);
    const { bucket, key } = parsed;
    const unsupported = UNSUPPORTED.find((name) => parsed.query.has(name));
    if (unsupported !== undefined) throw notImplemented(`?${unsupported}`);
    if (bucket === undefined) return this.listBuckets(request.caller);
    const at = this.storage.bucketNamed(bucket);
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
    return Object.hasOwn(INTEGRATIONS, action) ? undefined : `the local cloud doesn't run s3:${action}`;
  }

  async call(action: string, parameters: JsonObject, caller: Caller): Promise<JsonObject> {
    const at = this.storage.bucketNamed(stringMember(parameters, 'Bucket'));
    const run = INTEGRATIONS[action];
    if (run === undefined) throw notImplemented(action);
    return run(this.storage, at, parameters, caller);
  }

  private handleBucket(request: BucketRequest): ServiceResponse {
    const { method, query, at, caller } = request;
    if (method === 'HEAD') {
      this.storage.authorize(caller, 'ListBucket', at);
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
    this.storage.authorize(caller, 'PutObject', at, key);
    checkPreconditions(headers, at.tryGet(key));
    const { etag } = this.storage.store(at, key, body, objectHeaders(headers), 'Put');
    return { status: 200, headers: { etag } };
  }

  private get({ method, at, key, headers, query, caller }: ObjectRequest): ServiceResponse {
    const object = this.storage.read(at, key, caller);
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
    const { etag, lastModified } = this.storage.copy(at, key, headers['x-amz-copy-source'] ?? '', caller, replaced);
    return renderS3Xml('CopyObjectResult', { ETag: etag, LastModified: new Date(lastModified).toISOString() });
  }

  private answerDelete({ at, key, caller }: ObjectRequest): ServiceResponse {
    this.storage.remove(at, key, caller);
    return { status: 204 };
  }

  private deleteAll({ at, body, caller }: BucketRequest): ServiceResponse {
    const xml = body.toString('utf8');
    const keys = readElements(xml, 'Key');
    for (const key of keys) this.storage.remove(at, key, caller);
    const quiet = readElements(xml, 'Quiet')[0] === 'true';
    return renderS3Xml('DeleteResult', quiet ? {} : { Deleted: keys.map((Key) => ({ Key })) });
  }

  private beginUpload({ at, key, headers, caller }: ObjectRequest): ServiceResponse {
    this.storage.authorize(caller, 'PutObject', at, key);
    const UploadId = at.beginUpload(key, objectHeaders(headers));
    return renderS3Xml('InitiateMultipartUploadResult', { Bucket: at.name, Key: key, UploadId });
  }

  private putPart({ at, key, query, body, headers, caller }: ObjectRequest): ServiceResponse {
    this.storage.authorize(caller, 'PutObject', at, key);
    if (headers['x-amz-copy-source'] !== undefined) throw notImplemented('UploadPartCopy');
    const etag = at.tryPutPart(query.get('uploadId') ?? '', Number(query.get('partNumber')), body);
    return { status: 200, headers: { etag: etag ?? noUpload() } };
  }

  private completeUpload({ at, key, query, body, caller }: ObjectRequest): ServiceResponse {
    this.storage.authorize(caller, 'PutObject', at, key);
    const numbers = readElements(body.toString('utf8'), 'PartNumber').map(Number);
    const object = at.tryCompleteUpload(query.get('uploadId') ?? '', numbers) ?? noUpload();
    this.storage.announce(at, {
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
    this.storage.authorize(caller, 'AbortMultipartUpload', at, key);
    if (!at.abortUpload(query.get('uploadId') ?? '')) noUpload();
    return { status: 204 };
  }

  private list({ at, query, caller }: BucketRequest): ServiceResponse {
    this.storage.authorize(caller, 'ListBucket', at);
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
    const Bucket_ = this.storage.names().map((Name) => ({
      Name,
      CreationDate: new Date(this.cloud.clock.now()).toISOString(),
    }));
    return renderS3Xml('ListAllMyBucketsResult', { Buckets: { Bucket: Bucket_ }, Owner: { ID: this.cloud.accountId } });
  }

  private locate(at: Bucket, caller: Caller): ServiceResponse {
    this.storage.authorize(caller, 'GetBucketLocation', at);
    return renderS3Xml('LocationConstraint', this.cloud.region === 'us-east-1' ? '' : this.cloud.region);
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
