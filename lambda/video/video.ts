/** What does the work: ffmpeg where it is found, else a simulation that says so in everything it makes. */
export type ProcessorName = 'ffmpeg' | 'simulated';

/** A video to process: the key of an object in the media bucket, and who decides on its publication. */
export interface VideoRequest {
  readonly video: string;
  /** A mail address. @default - the editor's */
  readonly approver?: string | null;
}

/** How a rendition is encoded. */
export interface Profile {
  readonly name: string;
  /** Lines of the picture. */
  readonly height: number;
  /** Kilobits per second. */
  readonly bitRate: number;
}

/** Something that was made of the video: an object in the media bucket. */
export interface Artefact {
  readonly location: string;
  /** Bytes. */
  readonly size: number;
  readonly processor: ProcessorName;
}

/** The video in one profile. */
export interface Rendition extends Artefact {
  readonly profile: string;
  readonly bitRate: number;
}

/** The video in every profile. */
export interface Transcoded {
  /** The one with the highest bit rate. */
  readonly best: Rendition;
  readonly renditions: readonly Rendition[];
}

/** What clean-up gets after an error: what had been made until then, null for what had not. */
export interface Leftovers {
  readonly video: string;
  readonly transcoded: Transcoded | null;
  readonly thumbnail: Artefact | null;
  readonly withIntro: Artefact | null;
}
