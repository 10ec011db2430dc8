import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isJsonObject, type Json, type JsonObject } from '../../../lib/asl/language/json.js';
import type { Cloud } from '../cloud.js';
import type { Scenario } from '../scenario.js';
import { ended, start } from './over-http.js';

export const processVideo: readonly Scenario[] = [
  {
    fact: 'a video is transcoded to three profiles',
    orchestrations: ['ProcessVideo/TranscodeAll'],
    run: async (cloud) => {
      await uploadClip(cloud, 'films/short.mp4');
      const { best, renditions } = (await cloud.run('ProcessVideo/TranscodeAll', { video: 'films/short.mp4' })) as {
        readonly best: JsonObject;
        readonly renditions: readonly JsonObject[];
      };
      return [best['profile'] ?? null, renditions.map(({ profile, bitRate }) => [profile ?? null, bitRate ?? null])];
    },
    expected: [
      '720p',
      [
        ['360p', 800],
        ['480p', 1400],
        ['720p', 2800],
      ],
    ],
  },
  {
    fact: 'a video is started over HTTP, approved by the link of a mail, and published',
    orchestrations: ['ProcessVideo/ProcessVideo', 'ProcessVideo/TranscodeAll'],
    run: async (cloud) => {
      await uploadClip(cloud, 'films/clip.mp4');
      const id = `clip-${Date.now()}`;
      const status = await start(cloud, 'process-video', id, {
        video: 'films/clip.mp4',
        approver: `${id}@example.com`,
      });
      const mail = await cloud.until('the mail', 60, async () => {
        await refuseEnd(status);
        return (await cloud.access.mails()).find(({ to }) => to.includes(`${id}@example.com`));
      });
      const page = `${await cloud.api('Hub/Hub/Approvals/HttpApi')}${/\/approvals\/[\w-]+/.exec(mail.text)?.[0]}`;
      const body = new URLSearchParams({ decision: 'approve' });
      const decided = await fetch(page, { method: 'POST', body, redirect: 'manual' });
      const { runtimeStatus, customStatus, output } = await ended(cloud, status);
      return [decided.status, runtimeStatus ?? null, customStatus ?? null, essence(output ?? null)];
    },
    expected: [
      303,
      'Completed',
      'finished',
      {
        Transcoded: 'renditions/clip/720p.mp4',
        Thumbnail: 'thumbnails/clip.jpg',
        WithIntro: 'with-intro/clip.mp4',
        ApprovalResult: 'approved',
      },
    ],
  },
];

/** An instance that is over waits for nobody. */
async function refuseEnd(statusUrl: string): Promise<void> {
  const answer = await fetch(statusUrl);
  if (answer.status === 200) throw new Error(`ended before it asked: ${await answer.text()}`);
}

/** Where things are, whether ffmpeg or the simulation made them. */
function essence(output: Json): Json {
  if (!isJsonObject(output)) return output;
  const entries = Object.entries(output).map(([name, made]): [string, Json] => {
    const location = isJsonObject(made) ? made['location'] : undefined;
    return [name, typeof location === 'string' ? location.replace(/\.simulated\.(\w+)\.txt$/, '.$1') : made];
  });
  return Object.fromEntries(entries);
}

async function uploadClip(cloud: Cloud, key: string): Promise<void> {
  const bucket = await cloud.access.physicalId('ProcessVideo/Media');
  await new S3Client(cloud.clientOptions).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: makeClip() }));
}

/** A second of test picture; without ffmpeg nobody will look at it anyway. */
function makeClip(): Buffer {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return Buffer.from('not really a video');
  const directory = mkdtempSync(path.join(tmpdir(), 'durable-steps-clip-'));
  try {
    const file = path.join(directory, 'clip.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25:duration=1', '-pix_fmt', 'yuv420p'];
    execFileSync('ffmpeg', ['-loglevel', 'error', ...picture, file]);
    return readFileSync(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
