import { makeArtefact } from './make-artefact.js';
import { titleOf } from './media-store.js';
import type { Artefact } from './video.js';

/** Puts the intro in front of a video. */
export const handler = async ({
  video,
  location,
}: {
  readonly video: string;
  readonly location: string;
}): Promise<Artefact> =>
  makeArtefact({
    from: location,
    to: `with-intro/${titleOf(video)}`,
    extension: 'mp4',
    make: (processor, input, output) => processor.prependIntro(input, output, titleOf(video)),
  });
