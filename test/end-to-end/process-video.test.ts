import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { App } from 'aws-cdk-lib';
import { ApiStack } from '../../bin/demos/api.js';
import { HubStack } from '../../bin/demos/hub.js';
import { ProcessVideoStack } from '../../bin/demos/process-video.js';
import type { Artefact, Rendition } from '../../lambda/video/video.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(120_000);

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const simulated = new ProcessVideoStack(app, 'Simulated', { hub, processor: 'simulated' });
const real = new ProcessVideoStack(app, 'Real', { hub, processor: 'ffmpeg' });
const { api: httpApi } = new ApiStack(app, 'Api', {
  hub,
  open: true,
  orchestrations: { 'process-video': simulated.processVideo },
});
let env: TestEnvironment;

beforeAll(async () => {
  env = await TestEnvironment.create(app);
});
afterAll(() => env.close());
afterEach(() => env.reset());

const { activities, processVideo } = simulated;

describe('the orchestration, its activities stubbed', () => {
  const artefact = (location: string): Artefact => ({ location, size: 1000, processor: 'simulated' });
  const rendition = (profile: string, bitRate: number): Rendition => ({
    ...artefact(`renditions/${profile}`),
    profile,
    bitRate,
  });
  const transcoded = {
    best: rendition('high', 2000),
    renditions: [rendition('low', 500), rendition('high', 2000), rendition('middle', 1000)],
  };
  const thumbnail = artefact('thumbnails/clip');
  const withIntro = artefact('with-intro/clip');

  beforeEach(() => {
    env.activity(activities.listProfiles).returns([
      { name: 'low', height: 100, bitRate: 500 },
      { name: 'high', height: 300, bitRate: 2000 },
      { name: 'middle', height: 200, bitRate: 1000 },
    ]);
    env.stub(activities.transcode, ({ profile }) => rendition(profile.name, profile.bitRate));
    env.activity(activities.extractThumbnail).returns(thumbnail);
    env.activity(activities.prependIntro).returns(withIntro);
    env.activity(activities.publish).returns({ published: [] });
    env.activity(activities.reject).returns({ rejected: 'rejected/clip' });
    env.activity(activities.cleanUp).returns({ deleted: [] });
  });

  const start = () => env.start(processVideo, { video: 'uploads/clip.mp4', approver: 'ann@example.com' });
  const untilMail = [
    'transcoding',
    'extracting thumbnail',
    'prepending intro',
    'sending approval request email',
    'waiting for email response',
  ];

  test('an approved video is published: statuses and output', async () => {
    const instance = await start();
    const mail = await env.mail({ to: 'ann@example.com' });
    expect(mail.subject).toBe('Publish "clip"?');
    expect(mail.text).toContain('Rendition: high, 2000 kbit/s');
    expect(instance.customStatuses).toEqual(untilMail);
    await mail.approve({ comment: 'lovely' });
    expect(await instance.completed()).toEqual({
      Transcoded: transcoded.best,
      Thumbnail: thumbnail,
      WithIntro: withIntro,
      ApprovalResult: 'approved',
    });
    expect(instance.customStatuses).toEqual([...untilMail, 'publishing video', 'finished']);
    expect(env.activity(activities.publish).inputs).toEqual([{ withIntro, thumbnail }]);
  });

  test('a rejected video is put aside', async () => {
    const instance = await start();
    await (await env.mail()).reject();
    expect(await instance.completed()).toMatchObject({ ApprovalResult: 'rejected', WithIntro: withIntro });
    expect(instance.customStatuses).toEqual([...untilMail, 'rejecting video', 'finished']);
    expect(env.activity(activities.publish).callCount).toBe(0);
  });

  test('without an answer in 24 hours a video counts as rejected', async () => {
    const instance = await start();
    await instance.waiting();
    await env.advance({ hours: 23, minutes: 59, seconds: 59 });
    expect(instance.status).toBe('Running');
    await env.advance({ seconds: 1 });
    expect(await instance.completed()).toMatchObject({ ApprovalResult: 'timedOut' });
    expect(instance.customStatuses.slice(-2)).toEqual(['rejecting video', 'finished']);
    expect((await (await env.mail()).open()).hasForm).toBe(false);
  });

  test('a thumbnail is tried four times, 5 s apart', async () => {
    const thumbnails = env.activity(activities.extractThumbnail).failOnCalls(1, 3, 'FfmpegFailed');
    const instance = await start();
    await instance.shows('prepending intro');
    expect(thumbnails.calls.map(({ at }) => at.getTime() - thumbnails.calls[0]!.at.getTime())).toEqual([
      0, 5000, 10_000, 15_000,
    ]);
    await instance.terminate('seen enough');
  });

  test.each([
    ['profiles', activities.listProfiles, { transcoded: null, thumbnail: null, withIntro: null }],
    ['transcoding', activities.transcode, { transcoded: null, thumbnail: null, withIntro: null }],
    ['the thumbnail', activities.extractThumbnail, { transcoded, thumbnail: null, withIntro: null }],
    ['the intro', activities.prependIntro, { transcoded, thumbnail, withIntro: null }],
    ['the request', activities.requestApproval, { transcoded, thumbnail, withIntro }],
  ])('after an error in %s clean-up gets what had been made', async (_step, activity, made) => {
    env.activity(activity).fails({ name: 'Broken', message: 'no luck' });
    const instance = await start();
    expect(await instance.completed()).toEqual({ Error: 'Broken', Message: 'no luck' });
    expect(env.activity(activities.cleanUp).inputs).toEqual([{ video: 'uploads/clip.mp4', ...made }]);
    expect(instance.customStatuses.slice(-2)).toEqual(['error: cleaning up', 'finished with error']);
  });

  test('after an error in asking clean-up gets everything', async () => {
    env.activity('AskApproval').fails({ name: 'InvalidApproval', message: 'nobody to ask' });
    const instance = await start();
    expect(await instance.completed()).toEqual({ Error: 'InvalidApproval', Message: 'nobody to ask' });
    expect(env.activity(activities.cleanUp).inputs).toEqual([
      { video: 'uploads/clip.mp4', transcoded, thumbnail, withIntro },
    ]);
  });

  test.each([
    ['publishing', activities.publish, 'approve'],
    ['rejecting', activities.reject, 'reject'],
  ] as const)('after an error while %s clean-up gets everything', async (_step, activity, decision) => {
    env.activity(activity).fails({ name: 'Broken', message: 'no luck' });
    const instance = await start();
    await (await env.mail())[decision]();
    expect(await instance.completed()).toEqual({ Error: 'Broken', Message: 'no luck' });
    expect(env.activity(activities.cleanUp).inputs).toEqual([
      { video: 'uploads/clip.mp4', transcoded, thumbnail, withIntro },
    ]);
  });
});

describe('the whole demo, simulated', () => {
  test('is started over HTTP, followed over HTTP, and says that it is a simulation', async () => {
    await env.upload(simulated.media, 'films/clip.mp4', 'not really a video');
    const api = env.api(httpApi);
    const started = await api.post<{ readonly id: string; readonly statusQueryGetUri: string }>(
      '/orchestrations/process-video/http-1',
      {
        video: 'films/clip.mp4',
      },
    );
    expect(started).toMatchObject({ status: 202, body: { id: 'http-1' } });
    const mail = await env.mail({ to: 'editor@example.com' });
    expect(mail.text).toContain('simulated: there was no ffmpeg');
    expect(await api.get(started.body.statusQueryGetUri)).toMatchObject({
      status: 202,
      body: { runtimeStatus: 'Running', customStatus: 'waiting for email response' },
    });
    await mail.approve();
    await env.instance(processVideo, 'http-1').completed();
    expect(await api.get(started.body.statusQueryGetUri)).toMatchObject({
      status: 200,
      body: {
        runtimeStatus: 'Completed',
        customStatus: 'finished',
        output: {
          Transcoded: { location: 'renditions/clip/720p.simulated.mp4.txt', bitRate: 2800, processor: 'simulated' },
          ApprovalResult: 'approved',
        },
      },
    });
    expect(await objects(simulated, 'published/')).toEqual([
      'published/clip.simulated.jpg.txt',
      'published/clip.simulated.mp4.txt',
    ]);
  });

  test('is started by an upload, and cleans up after an error', async () => {
    env.activity(activities.prependIntro).fails({ name: 'Broken', message: 'no luck' });
    await env.upload(simulated.media, 'uploads/holiday.mov', 'not really a video');
    const instance = env.instances(processVideo).at(-1)!;
    expect(instance.input).toEqual({ video: 'uploads/holiday.mov' });
    expect(await instance.completed()).toEqual({ Error: 'Broken', Message: 'no luck' });
    expect(await objects(simulated, 'renditions/holiday/')).toEqual([]);
    expect(await objects(simulated, 'thumbnails/holiday')).toEqual([]);
  });
});

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const testWithFfmpeg = hasFfmpeg ? test : test.skip;
const reason = hasFfmpeg ? '' : ' (skipped: there is no ffmpeg on this machine)';

describe('the whole demo, with ffmpeg', () => {
  testWithFfmpeg(
    `an uploaded clip is transcoded, gets a thumbnail and an intro, and is published${reason}`,
    async () => {
      await env.upload(real.media, 'uploads/test clip.mp4', makeClip());
      const instance = env.instances(real.processVideo).at(-1)!;
      await (await env.mail()).approve();
      const output = await instance.completed();
      expect(output).toMatchObject({
        Transcoded: { location: 'renditions/test clip/720p.mp4', profile: '720p', processor: 'ffmpeg' },
        ApprovalResult: 'approved',
      });
      const renditions = ['360p', '480p', '720p'].map((name) => `renditions/test clip/${name}.mp4`);
      expect(await objects(real, 'renditions/')).toEqual(renditions);
      const heights = await Promise.all(renditions.map(async (key) => probe(await download(real, key)).height));
      expect(heights).toEqual([360, 480, 720]);
      const published = await download(real, 'published/test clip.mp4');
      expect(probe(published)).toMatchObject({ codec: 'h264', height: 720, hasAudio: true });
      expect(probe(published).duration).toBeCloseTo(3, 0); // two seconds of clip, one of intro
      const picture = await download(real, 'published/test clip.jpg');
      expect(picture.subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    },
  );

  testWithFfmpeg(`what is no video fails with ffmpeg's own words${reason}`, async () => {
    await env.upload(real.media, 'uploads/letter.mp4', 'Dear Sir or Madam');
    const instance = env.instances(real.processVideo).at(-1)!;
    expect(await instance.completed()).toMatchObject({
      Error: 'FfmpegFailed',
      Message: expect.stringContaining('Invalid data'),
    });
  });
});

function s3(): S3Client {
  return new S3Client(env.aws);
}

function bucketOf(stack: ProcessVideoStack): string {
  return env.cloud.assembly.ofType('AWS::S3::Bucket').find(({ path }) => path === stack.media.node.path)!.ref;
}

async function objects(stack: ProcessVideoStack, prefix: string): Promise<readonly string[]> {
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucketOf(stack), Prefix: prefix }));
  return Contents.map(({ Key }) => Key ?? '');
}

async function download(stack: ProcessVideoStack, key: string): Promise<Buffer> {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucketOf(stack), Key: key }));
  return Buffer.from(await Body!.transformToByteArray());
}

/** Two seconds of test picture with a tone. */
function makeClip(): Buffer {
  return inDirectory((directory) => {
    const file = join(directory, 'clip.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc=size=1280x720:rate=25:duration=2'];
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'];
    execFileSync('ffmpeg', ['-loglevel', 'error', ...picture, ...tone, '-pix_fmt', 'yuv420p', file]);
    return readFileSync(file);
  });
}

function probe(video: Buffer): {
  readonly codec: string;
  readonly height: number;
  readonly duration: number;
  readonly hasAudio: boolean;
} {
  return inDirectory((directory) => {
    const file = join(directory, 'video.mp4');
    writeFileSync(file, video);
    const options = [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_type,codec_name,height:format=duration',
      '-of',
      'json',
    ];
    const { streams, format } = JSON.parse(execFileSync('ffprobe', [...options, file], { encoding: 'utf8' })) as {
      readonly streams: readonly {
        readonly codec_type: string;
        readonly codec_name: string;
        readonly height?: number;
      }[];
      readonly format: { readonly duration: string };
    };
    const picture = streams.find(({ codec_type }) => codec_type === 'video');
    return {
      codec: picture?.codec_name ?? '',
      height: picture?.height ?? 0,
      duration: Number(format.duration),
      hasAudio: streams.some(({ codec_type }) => codec_type === 'audio'),
    };
  });
}

function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'process-video-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
