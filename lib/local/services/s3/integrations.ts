import { exactJsonText } from '../../../asl/language/exact-json.js';
import type { JsonObject } from '../../../asl/language/json.js';
import type { Caller } from '../../cloud/service.js';
import { stringMember, tryStringMember } from '../protocol/aws-json.js';
import type { StoredBucket } from './bucket.js';
import { describe, type Storage } from './storage.js';

type Integration = (storage: Storage, at: StoredBucket, parameters: JsonObject, caller: Caller) => JsonObject;

/** The actions of state machines, with bodies as text. */
export const INTEGRATIONS: Readonly<Record<string, Integration>> = {
  putObject: (storage, at, parameters, caller) => {
    const key = stringMember(parameters, 'Key');
    const { Body: body = '' } = parameters;
    const type = tryStringMember(parameters, 'ContentType');
    storage.authorize(caller, 'PutObject', at, key);
    const text = typeof body === 'string' ? body : exactJsonText(body);
    return {
      ETag: storage.store(at, key, Buffer.from(text), type === undefined ? {} : { 'content-type': type }, 'Put').etag,
    };
  },
  getObject: (storage, at, parameters, caller) => {
    const object = storage.read(at, stringMember(parameters, 'Key'), caller);
    return { ...describe(object), Body: object.body.toString('utf8') };
  },
  headObject: (storage, at, parameters, caller) => describe(storage.read(at, stringMember(parameters, 'Key'), caller)),
  copyObject: (storage, at, parameters, caller) => {
    const copied = storage.copy(at, stringMember(parameters, 'Key'), stringMember(parameters, 'CopySource'), caller);
    return { CopyObjectResult: { ETag: copied.etag, LastModified: new Date(copied.lastModified).toISOString() } };
  },
  deleteObject: (storage, at, parameters, caller) => {
    storage.remove(at, stringMember(parameters, 'Key'), caller);
    return {};
  },
  listObjectsV2: (storage, at, parameters, caller) => {
    storage.authorize(caller, 'ListBucket', at);
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
