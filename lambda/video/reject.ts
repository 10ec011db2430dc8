import { mediaStore } from './media-store.js';
import type { Artefact } from './video.js';

/** Puts a rejected video aside. */
export const handler = async ({
  withIntro,
}: {
  readonly withIntro: Artefact;
}): Promise<{ readonly rejected: string }> => {
  const rejected = `rejected/${withIntro.location.split('/').at(-1)}`;
  await mediaStore().copy(withIntro.location, rejected);
  return { rejected };
};
