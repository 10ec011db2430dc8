import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a key has one of the digests (SHA-256 in hex). Takes as long for a wrong key as for a right one. */
export function isKnownApiKey(key: string | undefined, digests: readonly string[]): boolean {
  if (key === undefined || key === '') return false;
  const digest = createHash('sha256').update(key).digest();
  let known = false;
  for (const text of digests) {
    const other = Buffer.from(text, 'hex');
    if (other.length === digest.length && timingSafeEqual(other, digest)) known = true;
  }
  return known;
}
