import { makeArtefact } from './make-artefact.js';
import { titleOf } from './media-store.js';
import type { Artefact } from './video.js';

/** Makes a picture out of the middle of a video. */
export const handler = async ({
  video,
  location,
}: {
  readonly video: string;
  readonly location: string;
}): Promise<Artefact> =>
  makeArtefact({
    from: location,
    to: `thumbnails/${titleOf(video)}`,
    extension: 'jpg',
    make: (processor, input, output) => processor.thumbnail(input, output),
  });
