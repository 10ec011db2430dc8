import { renderDuration } from '../local/commands/terminal';
import { Timeline } from '../local/commands/timeline';
import { renderEntry } from '../local/commands/timeline-lines';
import type { AnyDouble } from './activities';
import type { RecordedExecution } from './recorded-execution';

/** How many lines of what happened a failure shows; of more, the last ones. */
const SHOWN_LINES = 40;

/** What an instance did, for a person who wonders why a test failed: its steps with times and attempts, then what its activities printed. */
export function renderJournal(executions: readonly RecordedExecution[], activities: readonly AnyDouble[]): string {
  const lines = executions.flatMap((execution) => renderExecution(execution, executions.length > 1));
  const shown =
    lines.length > SHOWN_LINES
      ? [`  … ${lines.length - SHOWN_LINES} earlier lines`, ...lines.slice(-SHOWN_LINES)]
      : lines;
  return ['What happened:', ...(shown.length > 0 ? shown : ['  nothing']), ...renderLogs(executions, activities)].join(
    '\n',
  );
}

function renderExecution(
  { events, generation, customStatuses, last }: RecordedExecution,
  several: boolean,
): readonly string[] {
  const timeline = new Timeline();
  const lines = events.flatMap((event) => {
    const entry = timeline.add(event);
    return entry === undefined ? [] : [renderEntry(entry, { colour: false })];
  });
  const head = several ? [`  generation ${generation}:`] : [];
  const status =
    customStatuses.length === 0
      ? []
      : [`  custom status: ${customStatuses.map((one) => JSON.stringify(one)).join(' → ')}`];
  const time =
    last?.stopDate === undefined
      ? []
      : [`${renderDuration(last.stopDate - last.startDate).padStart(10)}  ${last.status}`];
  return [...head, ...lines, ...time, ...status];
}

/** What the activities printed for these instances. */
function renderLogs(executions: readonly RecordedExecution[], activities: readonly AnyDouble[]): readonly string[] {
  const names = executions.map(({ name }) => name);
  const lines = activities.flatMap(({ path, calls }) =>
    calls
      .filter(
        ({ log, idempotencyKey }) => log.trim() !== '' && names.some((name) => idempotencyKey?.startsWith(`${name}/`)),
      )
      .flatMap(({ log }) =>
        log
          .trimEnd()
          .split('\n')
          .map((line) => `  ${path.replace(/\/Function$/, '')}: ${line}`),
      ),
  );
  return lines.length === 0 ? [] : ['What its activities printed:', ...lines.slice(-SHOWN_LINES)];
}
