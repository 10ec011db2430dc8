import type { StudioLogLine } from '../../contract/studio.js';
import type { StudioCloud } from './studio-cloud.js';

/** The most pieces of output that are kept, of all runs together. */
const MOST_LINES = 20_000;

/** What activities print, by the run and the state that called them; the oldest go first when memory is full. */
export class Logs {
  private readonly byExecution = new Map<string, StudioLogLine[]>();
  private count = 0;

  constructor(cloud: StudioCloud) {
    cloud.functions.onLog(({ task }, text) => {
      if (task === undefined) return;
      const { executionArn, state, attempt } = task;
      const lines = this.byExecution.get(executionArn) ?? [];
      this.byExecution.set(executionArn, lines);
      lines.push({ t: cloud.clock.now(), text, state, attempt });
      this.count++;
      this.forget();
    });
  }

  of(executionArn: string, state?: string, attempt?: number): readonly StudioLogLine[] {
    return (this.byExecution.get(executionArn) ?? []).filter(
      (line) => (state === undefined || line.state === state) && (attempt === undefined || line.attempt === attempt),
    );
  }

  private forget(): void {
    while (this.count > MOST_LINES) {
      const [oldest] = this.byExecution.keys();
      if (oldest === undefined) return;
      this.count -= this.byExecution.get(oldest)?.length ?? 0;
      this.byExecution.delete(oldest);
    }
  }
}
