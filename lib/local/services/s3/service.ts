import type { JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import type { ObjectStore } from '../../../engine/model/objects.js';
import {
  type Caller,
  type Cloud,
  type CloudService,
  type ServiceApi,
  type ServiceResponse,
  slotOf,
} from '../../cloud/service.js';
import { stringMember } from '../protocol/aws-json.js';
import { PropertyReader } from '../protocol/property-reader.js';
import { type Operation, OperationsApi } from '../protocol/service-api.js';
import type { StoredBucket } from './bucket.js';
import { INTEGRATIONS } from './integrations.js';
import { readBucketNotifications, readCustomNotifications } from './notification-model.js';
import * as objects from './objects.js';
import { S3_PROTOCOL } from './s3-protocol.js';
import type { S3Request } from './s3-request.js';
import { renderS3Xml } from './s3-xml.js';
import { Storage } from './storage.js';
import * as uploads from './uploads.js';

type S3Operation = Operation<S3Request, ServiceResponse>;

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
  readonly api: ServiceApi;
  private readonly storage: Storage;

  constructor(private readonly cloud: Cloud) {
    this.storage = new Storage(cloud);
    this.objectStore = this.storage.objectStore;
    this.api = new OperationsApi<S3Request, ServiceResponse>(cloud, {
      service: 's3',
      protocol: S3_PROTOCOL,
      operations: {
        ListBuckets: {
          access: () => ({ action: 'ListAllMyBuckets', resource: '*' }),
          run: () => this.listBuckets(),
        },
        HeadBucket: this.onBucket('ListBucket', () => this.head()),
        GetBucketLocation: this.onBucket('GetBucketLocation', () => this.locate()),
        GetBucketVersioning: this.onBucket('GetBucketVersioning', () => renderS3Xml('VersioningConfiguration', {})),
        ListObjects: this.onBucket('ListBucket', objects.list),
        DeleteObjects: this.onObjects(objects.removeAll),
        GetObject: this.onObjects(objects.get),
        PutObject: this.onObject('PutObject', objects.put),
        CopyObject: this.onObjects(objects.copy),
        DeleteObject: this.onObjects(objects.remove),
        CreateMultipartUpload: this.onObject('PutObject', uploads.begin),
        UploadPart: this.onObject('PutObject', uploads.putPart),
        CompleteMultipartUpload: this.onObject('PutObject', (call) => uploads.complete(call, cloud.endpoint)),
        AbortMultipartUpload: this.onObject('AbortMultipartUpload', uploads.abort),
      },
      tasks: Object.fromEntries(
        Object.entries(INTEGRATIONS).map(([action, run]) => [
          action,
          (parameters: JsonObject, caller: Caller) =>
            run(this.storage, this.storage.bucketNamed(stringMember(parameters, 'Bucket')), parameters, caller),
        ]),
      ),
    });
  }

  deploy(resource: Resource): void {
    if (resource.type === 'Custom::S3BucketNotifications') {
      this.storage.setNotifications(slotOf(resource), readCustomNotifications(resource));
      return;
    }
    const reader = PropertyReader.of(resource);
    const notifications = readBucketNotifications(reader);
    reader.accept(...ACCEPTED).finish();
    this.storage.add(resource.ref);
    this.storage.setNotifications(slotOf(resource), { bucket: resource.ref, notifications });
  }

  remove(resource: Resource): void {
    this.storage.setNotifications(slotOf(resource));
    if (resource.type === 'AWS::S3::Bucket') this.storage.hide(resource.ref);
  }

  private onBucket(action: string, run: (call: objects.BucketCall) => ServiceResponse): S3Operation {
    return {
      access: (request) => ({ action, resource: this.storage.arnOf(this.bucketOf(request)) }),
      run: (request, caller) => run(this.callOf(request, caller)),
    };
  }

  private onObject(action: string, run: (call: objects.BucketCall) => ServiceResponse): S3Operation {
    return {
      access: (request) => ({ action, resource: this.storage.arnOf(this.bucketOf(request), request.key) }),
      run: (request, caller) => run(this.callOf(request, caller)),
    };
  }

  /** What is touched shows only on the way: several objects, a source, whether one is there. */
  private onObjects(run: (call: objects.BucketCall) => ServiceResponse): S3Operation {
    return { access: 'run', run: (request, caller) => run(this.callOf(request, caller)) };
  }

  private callOf(request: S3Request, caller: Caller): objects.BucketCall {
    return { ...request, key: request.key ?? '', at: this.bucketOf(request), storage: this.storage, caller };
  }

  private bucketOf({ bucket = '' }: S3Request): StoredBucket {
    return this.storage.bucketNamed(bucket);
  }

  private head(): ServiceResponse {
    return { status: 200, headers: { 'x-amz-bucket-region': this.cloud.region } };
  }

  private listBuckets(): ServiceResponse {
    const CreationDate = new Date(this.cloud.clock.now()).toISOString();
    const all = this.storage.names().map((Name) => ({ Name, CreationDate }));
    return renderS3Xml('ListAllMyBucketsResult', { Buckets: { Bucket: all }, Owner: { ID: this.cloud.accountId } });
  }

  private locate(): ServiceResponse {
    return renderS3Xml('LocationConstraint', this.cloud.region === 'us-east-1' ? '' : this.cloud.region);
  }
}
