import { makeArtefact } from './make-artefact.js';
import { titleOf } from './media-store.js';
import type { Profile, Rendition } from './video.js';

/** One video in one profile. */
export interface TranscodeJob {
  readonly video: string;
  readonly profile: Profile;
}

/** Encodes a video in a profile. */
export const handler = async ({ video, profile }: TranscodeJob): Promise<Rendition> => {
  const artefact = await makeArtefact({
    from: video,
    to: `renditions/${titleOf(video)}/${profile.name}`,
    extension: 'mp4',
    make: (processor, input, output) => processor.transcode(input, output, profile),
  });
  return { ...artefact, profile: profile.name, bitRate: profile.bitRate };
};
