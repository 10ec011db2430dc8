/** The member of an execution's input by which the execution before handed over to it: `{ durableStepsContinued: { input, carried } }`. */
export const CONTINUED_INPUT = 'durableStepsContinued';

/**
 * The input that an instance was started with, where an execution's input is what the one before handed over. JSON texts: it is cut out as it is, since numbers beyond 2^53 don't survive being read.
 */
export function tryOriginalInput(text: string): string | undefined {
  if (!text.includes(CONTINUED_INPUT)) return undefined;
  const members = tryMembers(text);
  const handedOver = members?.size === 1 ? members.get(CONTINUED_INPUT) : undefined;
  return handedOver === undefined ? undefined : tryMembers(handedOver)?.get('input');
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** The members of a JSON object, each as the text that it is written with; undefined for other values. */
function tryMembers(text: string): ReadonlyMap<string, string> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  const members = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const endsMember = depth === 1 && (token === ',' || token === '}');
    if (endsMember && key !== undefined) members.set(key, text.slice(start, index).trim());
    if (endsMember) key = undefined;
    else if (depth === 1 && key === undefined) key = JSON.parse(token) as string;
    else if (depth === 1 && token === ':') start = index + 1;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
  }
  return members;
}
