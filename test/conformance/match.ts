import { isJsonObject, type Json, tryParseJson } from '../../lib/asl/language/json.js';

const WILDCARD = /«([^»]*)»/g;
/** A name with an index stands for the same text wherever it occurs in a case. */
const INDEXED = /(?::\d+|_\d+idx)$/;

/** What the indexed wildcards of one case stand for. */
export type Bindings = Map<string, string>;

/** Compares an actual value with a recorded one by the rules of the cases' README: wildcards, `$json`, `$text`, JSON inside of text. */
export function matches(expected: Json | undefined, actual: Json | undefined, bindings: Bindings): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  if (typeof expected === 'string') return matchesText(expected, actual, bindings);
  if (isJsonObject(expected) && '$json' in expected) {
    return typeof actual === 'string' && matches(expected['$json'], tryParseJson(actual), bindings);
  }
  if (isJsonObject(expected) && '$text' in expected) return expected['$text'] === actual;
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return (expected as readonly Json[]).every((item, index) =>
      matches(item, (actual as readonly Json[])[index], bindings),
    );
  }
  if (!isJsonObject(expected) || !isJsonObject(actual)) return expected === actual;
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].every((key) => matches(expected[key], actual[key], bindings));
}

function matchesText(expected: string, actual: Json, bindings: Bindings): boolean {
  if (expected === actual) return true;
  if (/^«[^»]*»$/.test(expected)) return bind([expected.slice(1, -1)], [textOf(actual)], bindings);
  if (typeof actual !== 'string') return false;
  if (expected.includes('«') && matchesPattern(expected, actual, bindings)) return true;
  const [a, b] = [tryParseStructure(expected), tryParseStructure(actual)];
  return a !== undefined && b !== undefined && matches(a, b, bindings);
}

function matchesPattern(expected: string, actual: string, bindings: Bindings): boolean {
  const names = [...expected.matchAll(WILDCARD)].map((match) => match[1]!);
  const source = expected.split(WILDCARD).map((part, index) => (index % 2 === 1 ? '([\\s\\S]+?)' : escapeRegExp(part)));
  const found = new RegExp(`^${source.join('')}$`).exec(actual);
  return found !== null && bind(names, found.slice(1), bindings);
}

/** Notes what the names stand for; false when an indexed one stood for something else before. */
function bind(names: readonly string[], values: readonly string[], bindings: Bindings): boolean {
  return names.every((name, index) => {
    if (!INDEXED.test(name)) return true;
    const value = values[index]!;
    const known = bindings.get(name);
    if (known === undefined) bindings.set(name, value);
    return known === undefined || known === value;
  });
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function tryParseStructure(text: string): Json | undefined {
  const value = /^\s*[[{]/.test(text) ? tryParseJson(text) : undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
