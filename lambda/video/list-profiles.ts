import type { Profile } from './video.js';

const PROFILES: readonly Profile[] = [
  { name: '360p', height: 360, bitRate: 800 },
  { name: '480p', height: 480, bitRate: 1400 },
  { name: '720p', height: 720, bitRate: 2800 },
];

/** Which renditions are made: `PROFILES` as JSON, or three usual ones. */
export const handler = async (): Promise<readonly Profile[]> => {
  const configured = process.env['PROFILES'];
  return configured === undefined ? PROFILES : (JSON.parse(configured) as readonly Profile[]);
};
