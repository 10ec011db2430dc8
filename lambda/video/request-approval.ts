import { titleOf } from './media-store.js';
import type { Artefact, Rendition } from './video.js';

/** What the approver is shown of a video. */
export interface ApprovalRequest {
  readonly subject: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Writes the request that goes out by mail. */
export const handler = async (made: {
  readonly video: string;
  readonly transcoded: Rendition;
  readonly thumbnail: Artefact;
  readonly withIntro: Artefact;
}): Promise<ApprovalRequest> => ({
  subject: `Publish "${titleOf(made.video)}"?`,
  details: {
    Video: made.video,
    Rendition: `${made.transcoded.profile}, ${made.transcoded.bitRate} kbit/s`,
    'With intro': `${made.withIntro.location} (${kilobytes(made.withIntro.size)})`,
    Thumbnail: made.thumbnail.location,
    ...(made.withIntro.processor === 'simulated'
      ? { Note: 'simulated: there was no ffmpeg, nothing was really encoded' }
      : {}),
  },
});

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
