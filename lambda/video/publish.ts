import { mediaStore } from './media-store.js';
import type { Artefact } from './video.js';

/** Publishes a video with its thumbnail. */
export const handler = async ({
  withIntro,
  thumbnail,
}: {
  readonly withIntro: Artefact;
  readonly thumbnail: Artefact;
}): Promise<{ readonly published: readonly string[] }> => {
  const published = [withIntro, thumbnail].map(({ location }) => ({
    from: location,
    to: `published/${location.split('/').at(-1)}`,
  }));
  for (const { from, to } of published) await mediaStore().copy(from, to);
  return { published: published.map(({ to }) => to) };
};
