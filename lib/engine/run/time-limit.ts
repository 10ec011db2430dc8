import type { Clock } from '../../clock.js';
import type { Execution } from '../model/execution.js';

/** An execution takes no longer than this: five minutes, or a year. */
const LONGEST_SECONDS = { EXPRESS: 300, STANDARD: 365 * 86_400 } as const;

/** Sets the timer that ends an execution when its machine's `TimeoutSeconds`, or the longest time that AWS allows, are over. */
export function limitTime(execution: Execution, clock: Clock, end: () => void): void {
  const { type, timeoutSeconds: own } = execution.machine;
  const longest = LONGEST_SECONDS[type];
  const due = clock.now() + Math.min(own ?? longest, longest) * 1000;
  // Virtual time does not run through a whole year for the sake of an execution that waits for nothing else.
  execution.cancelTimeout = clock.at(due, end, { background: type === 'STANDARD' && own === undefined });
}
