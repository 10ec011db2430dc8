import { JSONATA_LIMITS } from '../evaluate/evaluation-limits.js';
import { tryJsonataText } from '../evaluate/jsonata.js';
import { readJsonata } from '../evaluate/jsonata-references.js';
import { type Diagnostic, Diagnostics } from '../language/diagnostics.js';
import { isJsonArray, type Json } from '../language/json.js';
import { JSONATA_FUNCTIONS } from '../language/jsonata-names.js';

/**
 * Finds the expressions of a JSONata definition that AWS accepts when the machine is created, though they can only fail when it runs: calls of functions
 * that aren't there (`$eval` among them), and operations that are nested deeper than it evaluates.
 */
export function findDoomedExpressions(definition: Json): readonly Diagnostic[] {
  const found = new Diagnostics();
  visit(found, '', definition);
  return found.list;
}

function visit(found: Diagnostics, location: string, value: Json): void {
  if (typeof value === 'string') checkText(found, location, value);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value))
      if (key !== 'Comment') visit(found, isJsonArray(value) ? `${location}[${key}]` : `${location}/${key}`, member);
}

function checkText(found: Diagnostics, location: string, value: string): void {
  const text = tryJsonataText(value);
  const references = text === undefined ? undefined : readJsonata(text).references;
  if (references === undefined) return;
  for (const name of references.calls)
    if (!JSONATA_FUNCTIONS.has(name))
      found.error('UNKNOWN_JSONATA_FUNCTION', location, `There is no function '$${name}'.`);
  if (references.depth > JSONATA_LIMITS.stack)
    found.error(
      'JSONATA_TOO_DEEP',
      location,
      `Operations are nested ${references.depth} deep, ${JSONATA_LIMITS.stack} are evaluated.`,
    );
}
