import { isJsonObject, tryParseJson } from '../../asl/language/json.js';
import { type Palette, paint, renderDuration } from './terminal-text.js';
import type { TimelineEntry } from './timeline.js';

/** One line of a terminal for an entry: `    1.2 s  ✔ charge  1.1 s, 2 attempts`. */
export function renderEntry(entry: TimelineEntry, terminal: Palette): string {
  const time = paint(terminal, 'grey', renderDuration(entry.at).padStart(10));
  const indent = '  '.repeat(entry.depth);
  switch (entry.kind) {
    case 'done': {
      const attempts = entry.attempts > 1 ? paint(terminal, 'yellow', `, ${entry.attempts} attempts`) : '';
      const duration = paint(terminal, 'grey', renderDuration(entry.duration));
      return `${time}  ${indent}${paint(terminal, 'green', '✔')} ${entry.step}  ${duration}${attempts}`;
    }
    case 'failed': {
      const cause = entry.cause === '' ? '' : `: ${firstLine(entry.cause)}`;
      const what = paint(terminal, 'red', `${entry.error || 'failed'}${cause}`);
      return `${time}  ${indent}${paint(terminal, 'red', '✘')} ${entry.step}  attempt ${entry.attempt}: ${what}`;
    }
    case 'nested':
      return `${time}  ${indent}${paint(terminal, 'cyan', '▸')} ${entry.step}  runs a sub-orchestration`;
    case 'waiting':
      return `${time}  ${indent}${paint(terminal, 'cyan', '…')} ${entry.step}  waits ${entry.reason}`;
  }
}

/** Error and cause of a failed execution: a function's message, and where in the user's code it was thrown. */
export function renderFailure(error = '', cause = ''): readonly string[] {
  const thrown = tryParseJson(cause);
  if (!isJsonObject(thrown) || typeof thrown['errorMessage'] !== 'string') {
    return [[error || 'Failed', cause].filter((part) => part !== '').join(': ')];
  }
  const trace = Array.isArray(thrown['trace']) ? thrown['trace'].filter(isUserFrame) : [];
  return [`${error || thrown['errorType']}: ${thrown['errorMessage']}`, ...trace];
}

function isUserFrame(line: unknown): line is string {
  return typeof line === 'string' && /^\s+at /.test(line) && !/\(?node:|functions[\\/]bootstrap\.cjs/.test(line);
}

function firstLine(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
