import { createHash } from 'node:crypto';

/**
 * The ids in the links: 256 random bits each, new for each mail. The table knows their digests alone, so that nobody who reads it can make a link; a mail that is sent again
 * carries another link than the first, and both lead to the same approval.
 */
export function linkHash(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

const LINK_ID = /^[A-Za-z0-9_-]{43}$/;

/** Whether a text can be a link's id at all. */
export function isLinkId(text: string): boolean {
  return LINK_ID.test(text);
}
