import type { Retrier } from '../language/retry.js';
import type { States } from './machine.js';
import type { State } from './state.js';

/** The most events that an execution's history may have; beyond, it fails and nothing can catch that. */
export const longestHistory = 25_000;

/** Events of a state that runs once: entered and exited, and what is between. */
const eventsByType: Readonly<Record<string, number>> = { Task: 5, Map: 4, Parallel: 4, Succeed: 2, Fail: 1 };

/** At most how many events one run through some states makes, without retries; branches of a Choice are all counted. */
export function countEvents({ States }: States): number {
  return Object.values(States).reduce((sum, state) => sum + eventsOf(state), 0);
}

function eventsOf(state: State): number {
  const branches = (state['Branches'] as States[] | undefined) ?? [];
  const inside = branches.reduce((sum, branch) => sum + countEvents(branch), 0);
  return (eventsByType[state.Type] ?? 2) + inside + (isWaiting(state) ? 1 : 0);
}

/** Integrations that wait have one more event, when the job was submitted. */
function isWaiting({ Resource }: State): boolean {
  return typeof Resource === 'string' && /\.(sync|sync:2|waitForTaskToken)$/.test(Resource);
}

/** At most how many events the retries of some states make in one run. */
export function countRetryEvents({ States }: States): number {
  return Object.values(States).reduce((sum, state) => {
    const retriers = (state['Retry'] as readonly Retrier[] | undefined) ?? [];
    return sum + retriers.reduce((events, { MaxAttempts }) => events + 3 * (MaxAttempts ?? 3), 0);
  }, 0);
}
