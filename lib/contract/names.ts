import { createHash } from 'node:crypto';

/**
 * How names that people give (of steps, and so of states) stand in names that are derived from them: idempotency keys, addresses of waits and approvals, ids
 * of sub-orchestrations.
 *
 * 1. Letters and digits of ASCII, `_` and `-` stand for themselves; of everything else each byte of UTF-8 is `!` and two hex digits.
 * 2. What no name is encoded to is free for who derives: `/` and `!!` part names, `!g` comes before a generation and `!r` before a retry.
 * 3. Different names are encoded differently. A long one is a digest; one of digits alone begins with an escape, since bare numbers are items and turns.
 */
export function encodeName(name: string): string {
  const encoded = name.replace(ODD, escapeSign).replace(/^\d(?=\d*$)/, escapeSign);
  return encoded.length <= MAX_ENCODED_LENGTH
    ? encoded
    : `!h${createHash('sha256').update(encoded).digest('hex').slice(0, 40)}`;
}

/** The inverse of {@link encodeName}, for people to read; also of several names with `/` between. A digest stays one. */
export function decodeName(encoded: string): string {
  return encoded
    .replace(/!u([0-9a-f]{4})/g, (_escape, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
    .replace(/(?:![0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('!', ''), 'hex').toString('utf8'));
}

const ODD = /[^A-Za-z0-9_-]/gu;

/** A state's name has 80 characters at most, and so have the plain ones of them. */
const MAX_ENCODED_LENGTH = 80;

function escapeSign(sign: string): string {
  // Half of a surrogate pair has no UTF-8.
  if (/^\p{Cs}$/u.test(sign)) return `!u${sign.charCodeAt(0).toString(16)}`;
  return Buffer.from(sign, 'utf8')
    .toString('hex')
    .replace(/../g, (byte) => `!${byte}`);
}
