import { ServiceError, type ServiceResponse } from '../../cloud/service.js';
import type { BucketCall } from './objects.js';
import { objectHeaders } from './s3-request.js';
import { readElements, renderS3Xml } from './s3-xml.js';

/** CreateMultipartUpload. */
export function begin({ at, key, headers }: BucketCall): ServiceResponse {
  const UploadId = at.beginUpload(key, objectHeaders(headers));
  return renderS3Xml('InitiateMultipartUploadResult', { Bucket: at.name, Key: key, UploadId });
}

/** UploadPart. */
export function putPart({ at, query, body }: BucketCall): ServiceResponse {
  const etag = at.tryPutPart(query.get('uploadId') ?? '', Number(query.get('partNumber')), body);
  return { status: 200, headers: { etag: etag ?? noUpload() } };
}

/** CompleteMultipartUpload. */
export function complete({ storage, at, key, query, body }: BucketCall, endpoint: string): ServiceResponse {
  const numbers = readElements(body.toString('utf8'), 'PartNumber').map(Number);
  const object = at.tryCompleteUpload(query.get('uploadId') ?? '', numbers) ?? noUpload();
  const reason = 'CompleteMultipartUpload';
  storage.announce(at, { event: `ObjectCreated:${reason}`, reason, key, object });
  return renderS3Xml('CompleteMultipartUploadResult', {
    Location: `${endpoint}/${at.name}/${key}`,
    Bucket: at.name,
    Key: key,
    ETag: object.etag,
  });
}

/** AbortMultipartUpload. */
export function abort({ at, query }: BucketCall): ServiceResponse {
  if (!at.abortUpload(query.get('uploadId') ?? '')) noUpload();
  return { status: 204 };
}

function noUpload(): never {
  throw new ServiceError(
    'NoSuchUpload',
    'The specified upload does not exist, or one of its parts was never uploaded.',
    404,
  );
}
