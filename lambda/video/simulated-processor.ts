import { writeFile } from 'node:fs/promises';
import type { Profile } from './video.js';
import type { VideoProcessor } from './video-processor.js';

/** Makes text files that say what would have been made. */
export class SimulatedProcessor implements VideoProcessor {
  readonly name = 'simulated';
  readonly suffix = (extension: string): string => `.simulated.${extension}.txt`;

  async transcode(_input: string, output: string, { name, height, bitRate }: Profile): Promise<void> {
    await writeFile(output, `simulated rendition ${name}: ${height} lines, ${bitRate} kbit/s\n`);
  }

  async thumbnail(_input: string, output: string): Promise<void> {
    await writeFile(output, 'simulated thumbnail\n');
  }

  async prependIntro(_input: string, output: string, title: string): Promise<void> {
    await writeFile(output, `simulated video with the intro "${title}"\n`);
  }
}
