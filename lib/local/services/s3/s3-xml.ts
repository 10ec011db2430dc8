import { randomUUID } from 'node:crypto';
import { tryOwn } from '../../../asl/language/json.js';
import type { ServiceError, ServiceResponse } from '../../cloud/service.js';
import { escapeXml } from '../protocol/query-protocol.js';
import type { Listing, StoredBucket, StoredObject } from './bucket.js';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A tree of XML: text, or members by name; a list repeats its name. */
export type Xml = string | number | boolean | { readonly [name: string]: Xml | readonly Xml[] | undefined };

/** An answer in XML. */
export function renderS3Xml(root: string, content: Xml, status = 200): ServiceResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${renderContent(content)}</${root}>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** An error as S3 words it. */
export function renderS3Error({ name, message, status, members }: ServiceError): ServiceResponse {
  const code = name === 'AccessDeniedException' ? 'AccessDenied' : name;
  const more = Object.entries(members).map(([key, value]) => `<${key}>${escapeXml(String(value))}</${key}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${more.join('')}<RequestId>${randomUUID()}</RequestId></Error>`;
  return { status: code === 'AccessDenied' ? 403 : status, headers: { 'content-type': 'application/xml' }, body };
}

/** How a page of a listing was asked for. */
export interface ListingQuery {
  readonly version: 1 | 2;
  readonly prefix: string;
  readonly delimiter?: string;
  readonly limit: number;
  readonly token?: string;
  readonly startAfter?: string;
  readonly urlEncoded: boolean;
}

export function renderListing(bucket: StoredBucket, listing: Listing, query: ListingQuery): ServiceResponse {
  const encode = (text: string) => (query.urlEncoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text);
  const shared = {
    Name: bucket.name,
    Prefix: encode(query.prefix),
    Delimiter: query.delimiter === undefined ? undefined : encode(query.delimiter),
    MaxKeys: query.limit,
    EncodingType: query.urlEncoded ? 'url' : undefined,
    IsTruncated: listing.next !== undefined,
    Contents: listing.objects.map((object) => renderEntry(object, encode)),
    CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
  if (query.version === 1) {
    return renderS3Xml('ListBucketResult', {
      ...shared,
      Marker: encode(query.startAfter ?? ''),
      NextMarker: listing.next === undefined ? undefined : encode(listing.next),
    });
  }
  return renderS3Xml('ListBucketResult', {
    ...shared,
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    StartAfter: query.startAfter === undefined ? undefined : encode(query.startAfter),
    ContinuationToken: query.token,
    NextContinuationToken: listing.next === undefined ? undefined : Buffer.from(listing.next).toString('base64'),
  });
}

function renderEntry({ key, lastModified, etag, body }: StoredObject, encode: (text: string) => string): Xml {
  return {
    Key: encode(key),
    LastModified: new Date(lastModified).toISOString(),
    ETag: etag,
    Size: body.length,
    StorageClass: 'STANDARD',
  };
}

function renderContent(content: Xml): string {
  if (typeof content !== 'object') return escapeXml(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) => {
      if (value === undefined) return [];
      const values = Array.isArray(value) ? (value as readonly Xml[]) : [value as Xml];
      return values.map((one) => `<${name}>${renderContent(one)}</${name}>`);
    })
    .join('');
}

/** The texts of every element of a name, unescaped: enough for S3's own request bodies. */
export function readElements(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, text = '']) =>
    unescapeXml(text),
  );
}

function unescapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (entity, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return tryOwn(entities, name) ?? entity;
  });
}
