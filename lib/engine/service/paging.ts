import type { PageRequest } from '../model/api.js';
import { ApiError } from '../model/api-errors.js';

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** Cuts a page out of a list; the token tells where the next one begins. Throws `InvalidToken` for a token that is none. */
export function cutPage<T>(all: readonly T[], { maxResults, nextToken }: PageRequest, most: number): Page<T> {
  const start = nextToken === undefined ? 0 : readToken(nextToken);
  const size = maxResults === undefined || maxResults === 0 ? Math.min(100, most) : Math.min(maxResults, most);
  const end = start + size;
  const items = all.slice(start, end);
  return end < all.length ? { items, nextToken: Buffer.from(`page:${end}`).toString('base64') } : { items };
}

function readToken(token: string): number {
  const match = /^page:(\d+)$/.exec(Buffer.from(token, 'base64').toString('utf8'));
  if (match === null) throw new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
  return Number(match[1]);
}
