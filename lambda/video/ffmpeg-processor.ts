import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Profile } from './video.js';
import type { VideoProcessor } from './video-processor.js';

const run = promisify(execFile);

/** What ffmpeg says of a file. */
interface Probe {
  readonly width: number;
  readonly height: number;
  /** Seconds. */
  readonly duration: number;
  readonly hasAudio: boolean;
}

/** ffmpeg couldn't do it; the message holds the end of what it said. */
export class FfmpegFailed extends Error {
  override readonly name = 'FfmpegFailed';
}

/** How long the intro is, in seconds. */
const INTRO_SECONDS = 1;

const ENCODING = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-pix_fmt',
  'yuv420p',
  '-c:a',
  'aac',
  '-movflags',
  '+faststart',
];

/** Does it for real: H.264 and AAC in MP4, JPEG. */
export class FfmpegProcessor implements VideoProcessor {
  readonly name = 'ffmpeg';
  readonly suffix = (extension: string): string => `.${extension}`;

  constructor(private readonly ffmpeg: string) {}

  async transcode(input: string, output: string, { height, bitRate }: Profile): Promise<void> {
    const rate = ['-b:v', `${bitRate}k`, '-maxrate', `${bitRate}k`, '-bufsize', `${2 * bitRate}k`];
    await this.run(['-i', input, '-vf', `scale=-2:${height}`, ...rate, ...ENCODING, output]);
  }

  /** The picture in the middle: first pictures tend to be black. */
  async thumbnail(input: string, output: string): Promise<void> {
    const { duration } = await this.probe(input);
    await this.run([
      '-ss',
      (duration / 2).toFixed(2),
      '-i',
      input,
      '-frames:v',
      '1',
      '-vf',
      'scale=320:-2',
      '-q:v',
      '4',
      output,
    ]);
  }

  /** A second of plain colour in front. The title goes into the file's metadata: fonts are no matter of course on Lambda. */
  async prependIntro(input: string, output: string, title: string): Promise<void> {
    const { width, height, hasAudio } = await this.probe(input);
    const size = `${width}x${height}`;
    const intro = ['-f', 'lavfi', '-i', `color=c=0x1b3a4b:size=${size}:rate=25:duration=${INTRO_SECONDS}`];
    const silence = ['-f', 'lavfi', '-t', `${INTRO_SECONDS}`, '-i', 'anullsrc=channel_layout=stereo:sample_rate=44100'];
    const pictures = '[0:v]setsar=1[intro];[1:v]fps=25,setsar=1[video]';
    const graph = hasAudio
      ? `${pictures};[1:a]aresample=44100,aformat=channel_layouts=stereo[sound];[intro][2:a][video][sound]concat=n=2:v=1:a=1[v][a]`
      : `${pictures};[intro][video]concat=n=2:v=1:a=0[v]`;
    const inputs = [...intro, '-i', input, ...(hasAudio ? silence : [])];
    const maps = ['-map', '[v]', ...(hasAudio ? ['-map', '[a]'] : [])];
    await this.run([...inputs, '-filter_complex', graph, ...maps, '-metadata', `title=${title}`, ...ENCODING, output]);
  }

  /** Without an output file ffmpeg describes its input, and then fails: Lambda layers seldom have ffprobe too. */
  private async probe(file: string): Promise<Probe> {
    const text = await run(this.ffmpeg, ['-hide_banner', '-i', file]).then(
      ({ stderr }) => stderr,
      ({ stderr }: { readonly stderr?: string }) => stderr ?? '',
    );
    const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):(\d+(?:\.\d+)?)/.exec(text) ?? [];
    const [, width, height] = /Stream #.*Video:.*?\b(\d{2,5})x(\d{2,5})\b/.exec(text) ?? [];
    if (width === undefined || height === undefined) throw new FfmpegFailed(`no video: ${lastLines(text)}`);
    const duration = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
    return { width: Number(width), height: Number(height), duration, hasAudio: /Stream #.*Audio:/.test(text) };
  }

  private async run(options: readonly string[]): Promise<void> {
    try {
      await run(this.ffmpeg, ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...options], {
        maxBuffer: 8 * 1024 * 1024,
      });
    } catch (error) {
      const { stderr = String(error) } = error as { readonly stderr?: string };
      throw new FfmpegFailed(lastLines(stderr));
    }
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ');
}
