import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/** The media bucket, as activities use it: whole objects by key, as local files while they are worked on. */
export class MediaStore {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /** Downloads an object into a file. */
  async download(key: string, file: string): Promise<void> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    if (Body === undefined) throw new Error(`${key} is empty`);
    await pipeline(Body as Readable, createWriteStream(file));
  }

  /** Uploads a file; gives its size. */
  async upload(file: string, key: string, contentType: string): Promise<number> {
    const { size } = await stat(file);
    await this.s3.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: createReadStream(file),
        ContentLength: size,
        ContentType: contentType,
      }),
    );
    return size;
  }

  async copy(from: string, to: string): Promise<void> {
    const source = `${this.bucket}/${from}`.split('/').map(encodeURIComponent).join('/');
    await this.s3.send(new CopyObjectCommand({ Bucket: this.bucket, CopySource: source, Key: to }));
  }

  async delete(key: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }
}

let store: MediaStore | undefined;

/** The store of this function's environment. */
export function mediaStore(): MediaStore {
  store ??= new MediaStore(new S3Client({ forcePathStyle: true }), process.env['MEDIA_BUCKET'] ?? '');
  return store;
}

/** Does something in a directory of its own, which is gone afterwards. */
export async function inWorkingDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'video-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `uploads/holiday.mov` → `holiday`: what artefacts of a video are named after. */
export function titleOf(video: string): string {
  return (video.split('/').at(-1) ?? video).replace(/\.[^.]+$/, '');
}
