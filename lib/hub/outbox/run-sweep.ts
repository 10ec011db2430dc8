import type { Hub } from '../hub.js';
import { tryRenderMetrics } from './metrics.js';
import { sweep } from './sweep.js';

/**
 * One sweep on behalf of the schedule: tells the metrics, and fails when an entry was given up, so that Lambda counts an error and puts the event, with the error's message, into the
 * dead-letter queue.
 *
 * @param print writes a line to standard output as it is
 */
export async function runSweep(hub: Hub, print: (line: string) => void): Promise<void> {
  const report = await sweep(hub);
  const metrics = tryRenderMetrics(hub.settings.tableName, hub.now(), report);
  if (metrics !== undefined) print(metrics);
  if (report.given.length > 0) throw new Error(`given up after too many attempts: ${report.given.join('; ')}`);
}
