import { isIntrinsicCall, parseIntrinsicCall } from '../evaluate/intrinsic-call.js';
import { tryJsonataText } from '../evaluate/jsonata.js';
import { readJsonata } from '../evaluate/jsonata-references.js';
import { parseReferencePath, Reference } from '../evaluate/reference.js';
import type { Diagnostics } from '../language/diagnostics.js';
import { isJsonArray, type Json } from '../language/json.js';
import type { QueryLanguage } from '../language/types.js';

/** What only some expressions can read of `$states`: the result of a task, a branch or an iteration, or the error that is caught. */
export type StatesField = 'result' | 'errorOutput';

/**
 * Checks a template of either language: what is meant as an expression must be one, and read only what is there.
 *
 * @param reads what there is of `$states` besides the input and the context
 */
export function checkTemplate(
  found: Diagnostics,
  location: string,
  template: Json,
  language: QueryLanguage,
  reads: readonly StatesField[] = [],
): void {
  if (language === 'JSONata') checkJsonata(found, location, template, reads);
  else checkPayload(found, location, template);
}

/** Checks a path that is read: `InputPath`, `Variable`, `…Path`. */
export function checkPath(found: Diagnostics, location: string, path: Json): void {
  if (typeof path !== 'string') found.type(location, 'STRING');
  else if (!isPath(path)) found.schema(location, 'Value must be a valid JSONPath.');
}

/** Checks a path that is written to: `ResultPath`. */
export function checkReferencePath(found: Diagnostics, location: string, path: Json): void {
  if (typeof path !== 'string') found.type(location, 'STRING');
  else if (path.startsWith('$$') || !parses(() => parseReferencePath(path)))
    found.schema(location, 'Value is not a Reference Path');
}

function isPath(text: string): boolean {
  return parses(() => Reference.parse(text));
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function checkJsonata(found: Diagnostics, location: string, template: Json, reads: readonly StatesField[]): void {
  if (typeof template === 'string') {
    checkJsonataText(found, location, template, reads);
    return;
  }
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template))
    checkJsonata(found, memberOf(location, template, key), value as Json, reads);
}

function checkJsonataText(found: Diagnostics, location: string, text: string, reads: readonly StatesField[]): void {
  const expression = tryJsonataText(text);
  if (expression === undefined) {
    if (text.startsWith('{%') || text.endsWith('%}'))
      found.schema(location, 'JSONata string must start with {% and end with %}');
    return;
  }
  const { problem, references } = readJsonata(expression);
  if (problem !== undefined) {
    found.error('INVALID_JSONATA_EXPRESSION', location, problem);
    return;
  }
  const unsupported = (message: string) => found.error('UNSUPPORTED_JSONATA_EXPRESSION', location, message);
  for (const name of references.topLevel) unsupported(`Reference to '${name}' at the top level is not supported.`);
  if (references.root) unsupported("Reference to '$$' is not supported.");
  const readable: readonly string[] = ['input', 'context', ...reads];
  for (const field of references.states)
    if (!readable.includes(field)) unsupported(`Field '$states.${field}' does not exist.`);
}

function memberOf(location: string, holder: Json, key: string): string {
  return isJsonArray(holder) ? `${location}[${key}]` : `${location}/${key}`;
}

function checkPayload(found: Diagnostics, location: string, template: Json): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template)) {
    if (!isJsonArray(template) && key.endsWith('.$')) {
      if (typeof value === 'string' && isPathOrCall(value)) continue;
      found.schema(
        location,
        `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
      );
    } else checkPayload(found, memberOf(location, template, key), value);
  }
}

/** Whether a text is a path or a call of an intrinsic function. */
export function isPathOrCall(text: string): boolean {
  return isIntrinsicCall(text) ? parses(() => parseIntrinsicCall(text)) : isPath(text);
}
