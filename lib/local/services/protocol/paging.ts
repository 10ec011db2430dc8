import { ServiceError } from '../../cloud/service.js';

/** Which part of a list a request asks for. */
export interface SliceRequest {
  /** At most so many items. */
  readonly limit: number;
  /** The token of the page before. @default - the first page */
  readonly token?: string | undefined;
}

/** A part of a list, and the token of the next one, if there is more. */
export interface Slice<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** Cuts a page out of a list. Throws a {@link ServiceError} `InvalidParameterException` for a token that no page gave. */
export function cutSlice<Item>(all: readonly Item[], { limit, token }: SliceRequest): Slice<Item> {
  const start = token === undefined ? 0 : readToken(token);
  const end = start + limit;
  const items = all.slice(start, end);
  return end < all.length ? { items, next: Buffer.from(`page:${end}`).toString('base64') } : { items };
}

function readToken(token: string): number {
  const [, start] = /^page:(\d+)$/.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
  if (start === undefined) throw new ServiceError('InvalidParameterException', 'Invalid parameter: NextToken');
  return Number(start);
}
