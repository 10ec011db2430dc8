import { extname, join } from 'node:path';
import { inWorkingDirectory, mediaStore } from './media-store.js';
import { chooseProcessor } from './processor.js';
import type { Artefact } from './video.js';
import type { VideoProcessor } from './video-processor.js';

/** What is made of which object. */
export interface ArtefactPlan {
  readonly from: string;
  /** The artefact's key without its ending. */
  readonly to: string;
  readonly extension: 'mp4' | 'jpg';
  readonly make: (processor: VideoProcessor, input: string, output: string) => Promise<void>;
}

const CONTENT_TYPES = { mp4: 'video/mp4', jpg: 'image/jpeg' } as const;

/** Downloads, processes, uploads. The key follows from the plan alone, so that a repeated attempt overwrites its own result. */
export async function makeArtefact({ from, to, extension, make }: ArtefactPlan): Promise<Artefact> {
  const processor = chooseProcessor();
  return inWorkingDirectory(async (directory) => {
    const input = join(directory, `input${extname(from)}`);
    const output = join(directory, `output.${extension}`);
    await mediaStore().download(from, input);
    await make(processor, input, output);
    const location = `${to}${processor.suffix(extension)}`;
    const type = processor.name === 'simulated' ? 'text/plain' : CONTENT_TYPES[extension];
    return { location, size: await mediaStore().upload(output, location, type), processor: processor.name };
  });
}
