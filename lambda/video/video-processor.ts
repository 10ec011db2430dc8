import type { ProcessorName, Profile } from './video.js';

/** What is done with videos, from file to file. */
export interface VideoProcessor {
  readonly name: ProcessorName;
  /** What its files are called at the end: a simulation's are told apart at a glance. */
  readonly suffix: (extension: string) => string;
  transcode(input: string, output: string, profile: Profile): Promise<void>;
  thumbnail(input: string, output: string): Promise<void>;
  prependIntro(input: string, output: string, title: string): Promise<void>;
}
