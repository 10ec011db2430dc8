import { mediaStore } from './media-store.js';
import type { Leftovers } from './video.js';

/** Deletes what had been made before something failed. */
export const handler = async ({
  transcoded,
  thumbnail,
  withIntro,
}: Leftovers): Promise<{ readonly deleted: readonly string[] }> => {
  const deleted = [...(transcoded?.renditions ?? []), thumbnail, withIntro].flatMap((made) =>
    made === null ? [] : [made.location],
  );
  for (const location of deleted) await mediaStore().delete(location);
  return { deleted };
};
