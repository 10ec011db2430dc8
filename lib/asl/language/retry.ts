import { itemsOf, type Json, objectsOf } from './json.js';
import type { StatesError } from './states-error.js';

/** A compiled `Retry` entry. */
export interface RetryPolicy {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

/** Reads a state's `Retry`. */
export function readRetryPolicies(retry: Json | undefined): readonly RetryPolicy[] {
  return objectsOf(retry).map((entry) => ({
    errors: itemsOf(entry['ErrorEquals']).map(String),
    intervalSeconds: numberOr(entry['IntervalSeconds'], 1),
    maxAttempts: numberOr(entry['MaxAttempts'], 3),
    backoffRate: numberOr(entry['BackoffRate'], 2),
    maxDelaySeconds: numberOr(entry['MaxDelaySeconds'], Number.POSITIVE_INFINITY),
    fullJitter: entry['JitterStrategy'] === 'FULL',
  }));
}

/** How long to wait before retry number `attempt` (0 for the first), in seconds; `random` is in `[0, 1)`. */
export function retryDelaySeconds(policy: RetryPolicy, attempt: number, random: () => number): number {
  const delay = Math.min(policy.intervalSeconds * policy.backoffRate ** attempt, policy.maxDelaySeconds);
  return policy.fullJitter ? delay * random() : delay;
}

/** Failures that nothing retries or catches. */
const UNCATCHABLE: ReadonlySet<string> = new Set(['States.Runtime']);

/**
 * Whether an `ErrorEquals` names this failure.
 *
 * The developer guide says that `States.ALL` does not match `States.DataLimitExceeded`; recordings show that it does when the data is a task's result.
 */
export function matchesError(names: readonly string[], { error, source }: StatesError): boolean {
  if (error !== undefined && UNCATCHABLE.has(error)) return false;
  const general = error !== 'States.DataLimitExceeded' || source === 'task';
  for (const name of names) {
    if (name === error) return true;
    if (name === 'States.ALL' && general) return true;
    if (name === 'States.TaskFailed' && general && error !== 'States.Timeout') return true;
    if (name === 'States.HeartbeatTimeout' && source === 'heartbeat') return true;
  }
  return false;
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
