import { ServiceError, type ServiceRequest, type ServiceResponse } from '../../cloud/service.js';
import type { Protocol } from '../protocol/service-api.js';
import { readS3Request, type S3Request } from './s3-request.js';
import { renderS3Error } from './s3-xml.js';

/** Sub-resources of buckets and objects that the local cloud doesn't have; asking for one is an error, never a listing. */
const UNSUPPORTED =
  'acl attributes cors lifecycle policy restore retention select tagging torrent versions website'.split(' ');

/** REST XML: the operation by method, query and headers. */
export const S3_PROTOCOL: Protocol<S3Request, ServiceResponse> = {
  read: (request) => {
    const input = readS3Request(request);
    return { operation: operationOf(input), input };
  },
  render: (response) => response,
  renderError: (error, { method }: ServiceRequest) => {
    const { status, headers = {}, ...rest } = renderS3Error(wordedByS3(error));
    return method === 'HEAD' || status === 304 ? { status, headers } : { status, headers, ...rest };
  },
};

function wordedByS3(error: ServiceError): ServiceError {
  return error.name === 'UnsupportedOperationException'
    ? new ServiceError('NotImplemented', error.message, 501)
    : error;
}

/** The operation's name, or the request in words for one that the local cloud doesn't have. */
function operationOf(request: S3Request): string {
  const unsupported = UNSUPPORTED.find((name) => request.query.has(name));
  if (unsupported !== undefined) return `${request.method} ?${unsupported}`;
  if (request.bucket === undefined) return request.method === 'GET' ? 'ListBuckets' : `${request.method} /`;
  return request.key === undefined ? bucketOperation(request) : objectOperation(request);
}

function bucketOperation({ method, query }: S3Request): string {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method !== 'GET') return `${method} on a bucket`;
  if (query.has('location')) return 'GetBucketLocation';
  if (query.has('versioning')) return 'GetBucketVersioning';
  return query.has('uploads') ? 'ListMultipartUploads' : 'ListObjects';
}

function objectOperation({ method, query, headers }: S3Request): string {
  const part = query.has('uploadId');
  const copies = headers['x-amz-copy-source'] !== undefined;
  switch (method) {
    case 'GET':
    case 'HEAD':
      return part ? 'ListParts' : 'GetObject';
    case 'PUT':
      if (part) return copies ? 'UploadPartCopy' : 'UploadPart';
      return copies ? 'CopyObject' : 'PutObject';
    case 'DELETE':
      return part ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      if (part) return 'CompleteMultipartUpload';
  }
  return `${method} on an object`;
}
