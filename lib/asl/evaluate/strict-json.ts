import type { Json } from '../language/json.js';

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/** Parses JSON as AWS does: an object that has a key twice is an error. */
export function parseStrictJson(text: string): Json {
  const value = JSON.parse(text) as Json;
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
