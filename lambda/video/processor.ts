import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FfmpegProcessor } from './ffmpeg-processor.js';
import { SimulatedProcessor } from './simulated-processor.js';
import type { VideoProcessor } from './video-processor.js';

/**
 * Chooses what does the work, and logs the choice: `VIDEO_PROCESSOR` if it says `ffmpeg` or `simulated`, else ffmpeg where there is one (`FFMPEG_PATH`, a Lambda layer's
 * `/opt/bin`, the search path), else the simulation.
 */
export function chooseProcessor(environment: NodeJS.ProcessEnv = process.env): VideoProcessor {
  const wanted = environment['VIDEO_PROCESSOR'];
  const ffmpeg = wanted === 'simulated' ? undefined : tryFindFfmpeg(environment);
  if (wanted === 'ffmpeg' && ffmpeg === undefined) throw new Error('VIDEO_PROCESSOR is ffmpeg, but none is found');
  const processor = ffmpeg === undefined ? new SimulatedProcessor() : new FfmpegProcessor(ffmpeg);
  console.log(
    `video processor: ${processor.name}${ffmpeg === undefined ? ' (nothing is really encoded)' : ` (${ffmpeg})`}`,
  );
  return processor;
}

function tryFindFfmpeg(environment: NodeJS.ProcessEnv): string | undefined {
  const directories = ['/opt/bin', ...(environment['PATH'] ?? '').split(delimiter)].filter(
    (directory) => directory !== '',
  );
  const given = environment['FFMPEG_PATH'];
  const candidates =
    given === undefined || given === '' ? directories.map((directory) => join(directory, 'ffmpeg')) : [given];
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
