import type { Json } from '../../../asl/language/json.js';

/** Turns the engine's answer into the wire's: timestamps in seconds, absent members left out. */
export function renderAnswer(value: unknown): Json {
  return renderValue('', value);
}

function renderValue(name: string, value: unknown): Json {
  if (typeof value === 'number') return isTimestamp(name) ? value / 1000 : value;
  if (Array.isArray(value)) return value.map((item) => renderValue('', item));
  if (typeof value !== 'object' || value === null) return isScalar(value) ? value : null;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, renderValue(key, member)]));
}

/** All payloads are text in this API, so a name alone tells a timestamp. */
function isTimestamp(name: string): boolean {
  return name === 'timestamp' || name.endsWith('Date');
}

function isScalar(value: unknown): value is null | boolean | string {
  return value === null || typeof value === 'boolean' || typeof value === 'string';
}
