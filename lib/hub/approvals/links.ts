import { createHash, createHmac } from 'node:crypto';

/**
 * The ids in the links: 256 bits each, derived from the approval's random seed, so that a mail that is sent again carries the same link. The table knows
 * only their digests once the approval is settled, and of each link only its digest is looked up.
 */
export function linkId(seed: string, approver: string): string {
  return createHmac('sha256', Buffer.from(seed, 'base64url')).update(approver.toLowerCase()).digest('base64url');
}

/** What a link is looked up by. */
export function linkHash(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

const LINK_ID = /^[A-Za-z0-9_-]{43}$/;

/** Whether a text can be a link's id at all. */
export function isLinkId(text: string): boolean {
  return LINK_ID.test(text);
}
