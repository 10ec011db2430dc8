import { renderDuration } from '../../local/timeline/terminal-text.js';
import { Timeline } from '../../local/timeline/timeline.js';
import { renderEntry } from '../../local/timeline/timeline-lines.js';
import type { AnyDouble } from '../activities/activities.js';
import type { RecordedExecution } from './recorded-execution.js';

/** How many lines of what happened a failure shows; of more, the last ones. */
const SHOWN_LINES = 40;

/** What a journal is written from. */
export interface JournalSources {
  /** The instance's own executions, one for each generation. */
  readonly executions: readonly RecordedExecution[];
  readonly activities: readonly AnyDouble[];
  /** Any execution, to show what sub-orchestrations did. */
  tryFind(executionArn: string): RecordedExecution | undefined;
}

/**
 * What an instance did, for a person who wonders why a test failed: its steps with times and attempts, those of its sub-orchestrations below theirs, then what the
 * activities printed.
 */
export function renderJournal(sources: JournalSources): string {
  const { executions } = sources;
  const family = new Set<RecordedExecution>();
  const lines = executions.flatMap((execution) => {
    const { generation, customStatuses, last } = execution;
    const head = executions.length > 1 ? [`  generation ${generation}:`] : [];
    const statuses = customStatuses.map((status) => JSON.stringify(status)).join(' → ');
    const end =
      last?.stopDate === undefined
        ? []
        : [`${renderDuration(last.stopDate - last.startDate).padStart(10)}  ${last.status}`];
    const steps = renderSteps(execution, sources, family);
    return [...head, ...steps, ...end, ...(statuses === '' ? [] : [`  custom status: ${statuses}`])];
  });
  const printed = renderLogs([...family], sources.activities);
  return [
    'What happened:',
    ...(lines.length === 0 ? ['  nothing'] : lastOf(lines)),
    ...(printed.length === 0 ? [] : ['What its activities printed:', ...lastOf(printed)]),
  ].join('\n');
}

function renderSteps(
  execution: RecordedExecution,
  sources: JournalSources,
  family: Set<RecordedExecution>,
  depth = 0,
  origin?: number,
): readonly string[] {
  family.add(execution);
  const timeline = new Timeline(origin);
  return execution.events.flatMap((event) => {
    const entry = timeline.add(event);
    if (entry === undefined) return [];
    const line = renderEntry({ ...entry, depth: entry.depth + depth }, { colour: false });
    const child = entry.kind === 'nested' ? sources.tryFind(entry.executionArn) : undefined;
    if (child === undefined || family.has(child)) return [line];
    return [line, ...renderSteps(child, sources, family, entry.depth + depth + 1, timeline.origin)];
  });
}

/** What activities printed for these executions: their calls are told by the idempotency key. */
function renderLogs(executions: readonly RecordedExecution[], activities: readonly AnyDouble[]): readonly string[] {
  const ours = (key = '') => executions.some(({ name }) => key.startsWith(`${name}/`));
  return activities.flatMap(({ path, calls }) =>
    calls
      .filter(({ log, idempotencyKey }) => log.trim() !== '' && ours(idempotencyKey))
      .flatMap(({ log }) => log.trimEnd().split('\n'))
      .map((line) => `  ${path.replace(/\/Function$/, '')}: ${line}`),
  );
}

function lastOf(lines: readonly string[]): readonly string[] {
  if (lines.length <= SHOWN_LINES) return lines;
  return [`  … ${lines.length - SHOWN_LINES} earlier lines`, ...lines.slice(-SHOWN_LINES)];
}
