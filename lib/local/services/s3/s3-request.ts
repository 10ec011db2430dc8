import { ServiceError, type ServiceRequest } from '../../cloud/service.js';
import { decodeAwsChunked } from './aws-chunked.js';

/** A request, taken apart: whose bucket, which object, what about it. */
export interface S3Request {
  readonly method: string;
  /** @default - the account's buckets */
  readonly bucket?: string;
  /** @default - the bucket itself */
  readonly key?: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reads both address styles: `/<bucket>/<key>`, and `/<key>` at the host `<bucket>.localhost` or `<bucket>.s3.….localhost`. */
export function readS3Request({ method, path, headers, query, body }: ServiceRequest): S3Request {
  const byHost = /^(.+?)(?:\.s3(?:[.-][\w-]+)?)?\.localhost(?::\d+)?$/.exec(headers['host'] ?? '')?.[1];
  const hosted = byHost !== undefined && byHost !== 's3';
  const segments = path.slice(1).split('/');
  const bucket = hosted ? byHost : segments[0];
  const key = decodeKey((hosted ? segments : segments.slice(1)).join('/'));
  return {
    method,
    query,
    headers,
    body: decodeAwsChunked(body, headers),
    ...(bucket === undefined || bucket === '' ? {} : { bucket: decodeKey(bucket) }),
    ...(key === '' ? {} : { key }),
  };
}

/** The headers that belong to an object. */
export function objectHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
  const kept = Object.entries(headers).filter(([name]) => own.includes(name) || name.startsWith('x-amz-meta-'));
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked')
    .join(',');
  return { ...Object.fromEntries(kept), ...(encoding === '' ? {} : { 'content-encoding': encoding }) };
}

/** Bucket and key of `x-amz-copy-source`. */
export function readCopySource(source: string): { readonly bucket: string; readonly key: string } {
  const [, bucket, key] = /^\/?([^/]+)\/(.+?)(?:\?versionId=.*)?$/.exec(source) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new ServiceError(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  }
  return { bucket, key: decodeKey(key) };
}

/** The bytes of `Range: bytes=…` within a size: undefined without a (usable) range. Throws when nothing of it is satisfiable. */
export function tryReadRange(
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from > to || from >= size) throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { from, to };
}

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
  }
}
