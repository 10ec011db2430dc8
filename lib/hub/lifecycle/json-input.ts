import { createHash } from 'node:crypto';
import { MAX_HUB_JSON_DEPTH, MAX_HUB_PAYLOAD_BYTES } from '../../contract/hub-limits.js';
import { hubError } from '../hub-error.js';

/** JSON text that the hub has checked: valid, not too large, not too deep. */
export interface JsonInput {
  readonly text: string;
  /** The same for every text of the same value, whatever the order of its members or its white space. */
  readonly digest: string;
}

/**
 * Checks a request's JSON; nothing at all stands for `null`.
 *
 * @throws DurableStepsError `InvalidJson`, or `PayloadTooLarge` above 256 KiB
 */
export function readJsonInput(text: string, where: string): JsonInput {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_HUB_PAYLOAD_BYTES) {
    throw hubError('PayloadTooLarge', {
      where,
      expected: `at most ${MAX_HUB_PAYLOAD_BYTES} bytes of JSON`,
      got: `${bytes}`,
      fix: 'store the data elsewhere and pass a reference to it',
    });
  }
  if (text.trim() === '') return readJsonInput('null', where);
  if (isDeeperThan(text, MAX_HUB_JSON_DEPTH)) {
    throw hubError('InvalidJson', {
      where,
      expected: `JSON nested at most ${MAX_HUB_JSON_DEPTH} deep`,
      got: 'deeper nesting',
    });
  }
  return {
    text,
    digest: createHash('sha256')
      .update(canonical(parse(text, where)))
      .digest('hex'),
  };
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw hubError(
      'InvalidJson',
      { where, expected: 'JSON', got: error instanceof Error ? `text that is not: ${error.message}` : 'other text' },
      { cause: error },
    );
  }
}

/** Counts brackets outside strings, so that no recursion meets a hostile text. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (inString) {
      if (sign === '\\') at++;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '[' || sign === '{') {
      depth++;
      if (depth > limit) return true;
    } else if (sign === ']' || sign === '}') depth--;
  }
  return false;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}
