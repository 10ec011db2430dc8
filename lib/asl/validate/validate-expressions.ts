import { isIntrinsicCall, parseIntrinsicCall } from '../evaluate/intrinsic-call.js';
import { jsonataSyntaxError, tryJsonataText } from '../evaluate/jsonata.js';
import { parseReferencePath, Reference } from '../evaluate/reference.js';
import type { Diagnostics } from '../language/diagnostics.js';
import type { Json } from '../language/json.js';
import type { QueryLanguage } from '../language/types.js';

/** Checks a template of either language: what is meant as an expression must be one. */
export function checkTemplate(found: Diagnostics, location: string, template: Json, language: QueryLanguage): void {
  if (language === 'JSONata') checkJsonata(found, location, template);
  else checkPayload(found, location, template);
}

/** Checks a path that is read: `InputPath`, `Variable`, `…Path`. */
export function checkPath(found: Diagnostics, location: string, path: Json): void {
  if (typeof path !== 'string' || !isPath(path)) found.schema(location, 'Value is not a valid JSONPath');
}

/** Checks a path that is written to: `ResultPath`. */
export function checkReferencePath(found: Diagnostics, location: string, path: Json): void {
  const valid = typeof path === 'string' && !path.startsWith('$$') && parses(() => parseReferencePath(path));
  if (!valid) found.schema(location, 'Value is not a Reference Path');
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

function checkJsonata(found: Diagnostics, location: string, template: Json): void {
  if (typeof template === 'string') {
    const expression = tryJsonataText(template);
    const problem = expression === undefined ? undefined : jsonataSyntaxError(expression);
    if (problem !== undefined) found.schema(location, `The JSONata expression is not valid: ${problem}`);
    return;
  }
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template)) checkJsonata(found, `${location}/${key}`, value as Json);
}

function checkPayload(found: Diagnostics, location: string, template: Json): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template) as [string, Json][]) {
    if (!Array.isArray(template) && key.endsWith('.$')) {
      if (typeof value === 'string' && isPathOrCall(value)) continue;
      found.schema(
        location,
        `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
      );
    } else checkPayload(found, `${location}/${key}`, value);
  }
}

/** Whether a text is a path or a call of an intrinsic function. */
export function isPathOrCall(text: string): boolean {
  return isIntrinsicCall(text) ? parses(() => parseIntrinsicCall(text)) : isPath(text);
}
