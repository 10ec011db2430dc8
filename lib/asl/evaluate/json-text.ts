import { parseExactJson } from '../language/exact-json.js';
import type { Json } from '../language/json.js';

/** How deep JSON in a text may be nested. */
const DEEPEST = 1_000;

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/** Parses JSON out of data. Throws a `SyntaxError` for what is no JSON, and for what is nested too deeply to be worked with. */
export function parseJsonText(text: string): Json {
  const value = parseExactJson(text);
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > DEEPEST) throw new SyntaxError(`expected JSON that is nested at most ${DEEPEST} deep`);
  }
  return value;
}

/** Parses JSON, as AWS's `$parse` does: an object that has a key twice is an error as well. */
export function parseStrictJsonText(text: string): Json {
  const value = parseJsonText(text);
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ',' && keyNext) noteKey(JSON.parse(token) as string, open.at(-1)!);
    keyNext = (token === '{' || token === ',') && open.at(-1) !== undefined;
  }
  return value;
}

function noteKey(key: string, known: Set<string>): void {
  if (known.has(key)) throw new SyntaxError(`Duplicate field '${key}'`);
  known.add(key);
}
