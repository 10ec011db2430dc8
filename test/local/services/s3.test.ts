import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ValueObject } from '../../../lib/assembly/model.js';
import { DEVELOPER, ServiceError } from '../../../lib/local/cloud/service.js';
import { EventsService } from '../../../lib/local/services/events/service.js';
import { S3Service } from '../../../lib/local/services/s3/service.js';
import { SqsService, sqsOf } from '../../../lib/local/services/sqs/service.js';
import { Loopback, type LoopbackOptions, resource } from '../loopback.js';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Q';
const bucket = (properties: ValueObject = {}) => resource('AWS::S3::Bucket', 'Bucket', properties, { ref: 'files' });

describe('S3', () => {
  let cloud: Loopback;
  let client: S3Client;
  const start = async (resources = [bucket()], options: LoopbackOptions = {}) => {
    cloud = await Loopback.start(
      [(c) => new S3Service(c), (c) => new EventsService(c), (c) => new SqsService(c)],
      [
        resource('AWS::SQS::Queue', 'Q', {}, { ref: 'http://sqs/1/Q', attributes: { Arn: QUEUE, QueueName: 'Q' } }),
        ...resources,
      ],
      options,
    );
    cloud.functions.handlers.set(FUNCTION, () => null);
    client = new S3Client(cloud.client());
  };
  const put = (Key: string, Body: string | Uint8Array = Key, more: object = {}) =>
    client.send(new PutObjectCommand({ Bucket: 'files', Key, Body, ...more }));
  const get = async (Key: string, more: object = {}) => {
    const { Body, ...rest } = await client.send(new GetObjectCommand({ Bucket: 'files', Key, ...more }));
    return { ...rest, text: await Body?.transformToString() };
  };
  const list = (more: object = {}) => client.send(new ListObjectsV2Command({ Bucket: 'files', ...more }));
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  test('keeps an object with its headers and metadata', async () => {
    await start();
    const { ETag } = await put('in/ä b+c&d.txt', 'héllo', { ContentType: 'text/plain', Metadata: { owner: 'ann' } });
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await get('in/ä b+c&d.txt')).toMatchObject({
      text: 'héllo',
      ETag,
      ContentType: 'text/plain',
      ContentLength: 6,
      Metadata: { owner: 'ann' },
      LastModified: new Date(cloud.clock.now()),
    });
    expect(await client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'in/ä b+c&d.txt' }))).toMatchObject({
      ContentLength: 6,
      ETag,
    });
  });

  test('takes a stream, whose body comes in chunks with a trailing checksum', async () => {
    await start();
    const body = 'x'.repeat(200_000);
    await put('stream', Readable.from([Buffer.from(body)]) as never, { ContentLength: body.length });
    expect((await get('stream')).text).toBe(body);
  });

  test('gives ranges, and answers conditions', async () => {
    await start();
    const { ETag } = await put('k', '0123456789');
    expect(await get('k', { Range: 'bytes=2-4' })).toMatchObject({ text: '234', ContentRange: 'bytes 2-4/10' });
    expect((await get('k', { Range: 'bytes=-3' })).text).toBe('789');
    await expect(get('k', { Range: 'bytes=20-' })).rejects.toMatchObject({ name: 'InvalidRange' });
    await expect(get('k', { IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(put('k', 'new', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('k', 'new', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect((await get('k')).text).toBe('0123456789');
  });

  test('answers what is not there as S3 does', async () => {
    await start();
    await expect(get('none')).rejects.toBeInstanceOf(NoSuchKey);
    await expect(client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'none' }))).rejects.toBeInstanceOf(NotFound);
    await expect(client.send(new GetObjectCommand({ Bucket: 'nobody', Key: 'k' }))).rejects.toBeInstanceOf(
      NoSuchBucket,
    );
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nobody' }))).rejects.toBeInstanceOf(NotFound);
  });

  test('lists by prefix, by folder and in pages', async () => {
    await start();
    for (const key of ['a', 'b/1', 'b/2', 'c/1', 'd é', 'e']) await put(key);
    expect((await list({ Prefix: 'b/' })).Contents?.map(({ Key }) => Key)).toEqual(['b/1', 'b/2']);
    const folders = await list({ Delimiter: '/' });
    expect([
      folders.Contents?.map(({ Key }) => Key),
      folders.CommonPrefixes?.map(({ Prefix }) => Prefix),
      folders.KeyCount,
    ]).toEqual([['a', 'd é', 'e'], ['b/', 'c/'], 5]);
    const keys: string[] = [];
    let token: string | undefined;
    let pages = 0;
    do {
      const page = await list({ Delimiter: '/', MaxKeys: 2, ContinuationToken: token });
      keys.push(
        ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
      );
      token = page.NextContinuationToken;
      pages++;
    } while (token !== undefined);
    expect([keys, pages]).toEqual([['a', 'b/', 'd é', 'c/', 'e'], 3]);
    expect((await client.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(['files']);
  });

  test('copies and deletes', async () => {
    await start();
    await put('a b', 'one', { ContentType: 'text/plain' });
    await client.send(new CopyObjectCommand({ Bucket: 'files', Key: 'copy', CopySource: 'files/a%20b' }));
    expect(await get('copy')).toMatchObject({ text: 'one', ContentType: 'text/plain' });
    await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'a b' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'never' }));
    await put('x&<y>');
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket: 'files', Delete: { Objects: [{ Key: 'copy' }, { Key: 'x&<y>' }] } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['copy', 'x&<y>']);
    expect((await list()).KeyCount).toBe(0);
  });

  test('joins the parts of an upload', async () => {
    await start();
    const where = { Bucket: 'files', Key: 'big' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...where, ContentType: 'text/plain' }));
    const part = async (PartNumber: number, Body: string) => {
      const { ETag } = await client.send(new UploadPartCommand({ ...where, UploadId, PartNumber, Body }));
      return { PartNumber, ETag };
    };
    const Parts = [await part(2, 'world'), await part(1, 'hello ')].reverse();
    const { ETag } = await client.send(
      new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }),
    );
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(await get('big')).toMatchObject({ text: 'hello world', ContentType: 'text/plain' });
    await expect(client.send(new AbortMultipartUploadCommand({ ...where, UploadId }))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
  });

  test('answers by host name too', async () => {
    await start();
    const { port } = new URL(cloud.endpoint);
    const authorization =
      'AWS4-HMAC-SHA256 Credential=x/20260301/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const call = (method: string, body = '') =>
      cloud.tryService('s3')?.api?.answer({
        service: 's3',
        region: 'us-east-1',
        method,
        path: '/dir/k',
        query: new URLSearchParams(),
        headers: { host: `files.localhost:${port}`, authorization },
        body: Buffer.from(body),
        caller: DEVELOPER,
      });
    await call('PUT', 'hosted');
    expect((await get('dir/k')).text).toBe('hosted');
    expect(String((await call('GET'))?.body)).toBe('hosted');
  });

  describe('tells of an upload', () => {
    test('functions, queues and EventBridge, as the CDK configures them', async () => {
      const configuration = {
        EventBridgeConfiguration: {},
        LambdaFunctionConfigurations: [
          {
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } },
            LambdaFunctionArn: FUNCTION,
          },
        ],
        QueueConfigurations: [
          {
            Events: ['s3:ObjectRemoved:*'],
            Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '.txt' }] } },
            QueueArn: QUEUE,
          },
        ],
      };
      const custom = resource('Custom::S3BucketNotifications', 'Notifications', {
        ServiceToken: 'arn:handler',
        BucketName: 'files',
        Managed: true,
        SkipDestinationValidation: false,
        NotificationConfiguration: configuration,
      });
      const rule = resource(
        'AWS::Events::Rule',
        'Rule',
        {
          EventPattern: {
            source: ['aws.s3'],
            'detail-type': ['Object Created'],
            detail: { bucket: { name: ['files'] } },
          },
          Targets: [{ Id: 'a', Arn: FUNCTION }],
        },
        { attributes: { Arn: 'arn:aws:events:us-east-1:123456789012:rule/Rule' } },
      );
      await start([bucket(), custom, rule]);
      await put('in/a b.txt', 'abc');
      await put('elsewhere');
      await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'in/a b.txt' }));
      await cloud.clock.settled();
      const events = cloud.functions.invocations.map(({ event }) => event as Record<string, unknown>);
      expect(events.filter((event) => 'Records' in event)).toMatchObject([
        {
          Records: [
            {
              eventSource: 'aws:s3',
              eventName: 'ObjectCreated:Put',
              eventTime: '2026-03-01T12:00:00.000Z',
              s3: { bucket: { name: 'files', arn: 'arn:aws:s3:::files' }, object: { key: 'in/a+b.txt', size: 3 } },
            },
          ],
        },
      ]);
      expect(events.filter((event) => 'detail' in event)).toMatchObject([
        {
          source: 'aws.s3',
          'detail-type': 'Object Created',
          detail: { object: { key: 'in/a b.txt', size: 3 }, reason: 'PutObject' },
        },
        { detail: { object: { key: 'elsewhere' } } },
      ]);
      expect(JSON.parse(sqsOf(cloud).tryQueue(QUEUE)?.receive(1)[0]?.body ?? '')).toMatchObject({
        Records: [{ eventName: 'ObjectRemoved:Delete' }],
      });
      expect(cloud.accesses).toContainEqual({
        caller: { kind: 'service', name: 's3.amazonaws.com' },
        action: 'lambda:InvokeFunction',
        resource: FUNCTION,
        context: { 'aws:SourceArn': 'arn:aws:s3:::files' },
      });
    });

    test('what the template itself configures', async () => {
      const configuration = {
        LambdaConfigurations: [
          {
            Event: 's3:ObjectCreated:Put',
            Function: FUNCTION,
            Filter: { S3Key: { Rules: [{ Name: 'Suffix', Value: '.csv' }] } },
          },
        ],
      };
      await start([bucket({ NotificationConfiguration: configuration })]);
      await put('a.csv');
      await put('a.txt');
      await cloud.clock.settled();
      expect(cloud.functions.invocations).toHaveLength(1);
    });
  });

  test('checks each call, and hides what is missing from those who may not list', async () => {
    const denied = new Set(['s3:ListBucket', 's3:PutObject']);
    await start([bucket()], {
      authorize({ action }) {
        if (denied.has(action)) throw new ServiceError('AccessDeniedException', `not ${action}`);
      },
    });
    await expect(put('k')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'not s3:PutObject',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(get('none')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(cloud.accesses[0]).toMatchObject({ action: 's3:PutObject', resource: 'arn:aws:s3:::files/k' });
    expect(cloud.accesses.at(-1)).toMatchObject({ action: 's3:ListBucket', resource: 'arn:aws:s3:::files' });
  });

  test('serves the engine and state machines', async () => {
    await start();
    const service = cloud.tryService('s3') as S3Service;
    await service.objectStore.put('files', 'm/1', Buffer.from('{}'), 'application/json');
    expect(Buffer.from((await service.objectStore.get('files', 'm/1')) ?? []).toString()).toBe('{}');
    expect(await service.objectStore.list('files', 'm/')).toMatchObject([{ key: 'm/1', size: 2 }]);
    expect(await service.objectStore.list('none', '')).toBeUndefined();
    await service.api.call('putObject', { Bucket: 'files', Key: 'o', Body: { a: 1 } }, DEVELOPER);
    expect(await service.api.call('getObject', { Bucket: 'files', Key: 'o' }, DEVELOPER)).toMatchObject({
      Body: '{"a":1}',
      ContentLength: 7,
    });
    expect(await service.api.call('listObjectsV2', { Bucket: 'files' }, DEVELOPER)).toMatchObject({
      KeyCount: 2,
      Contents: [{ Key: 'm/1' }, { Key: 'o' }],
    });
  });

  test('refuses what it does not have, never with a listing', async () => {
    await start();
    const authorization =
      'AWS4-HMAC-SHA256 Credential=x/20260301/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    const response = await fetch(`${cloud.endpoint}/files?acl`, { headers: { authorization } });
    expect([response.status, await response.text()]).toEqual([
      501,
      expect.stringContaining('<Code>NotImplemented</Code>'),
    ]);
    await expect(Loopback.start([(c) => new S3Service(c)], [bucket({ WebsiteConfiguration: {} })])).rejects.toThrow(
      '`Stack/Bucket.WebsiteConfiguration`',
    );
  });
});
