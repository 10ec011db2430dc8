import { countEventsWithRetries, isBounded, longestHistory } from '../../compiler/event-count.js';
import type { States } from '../../compiler/machine.js';
import type { AnyStep, Site } from '../../compiler/step.js';
import { inOwnExecution } from './own-execution.js';

/** A poll, and how often one history holds it. */
export interface PollBudget {
  readonly poll: AnyStep;
  /** How many polls surely fit into one history, with room for what else the execution does. */
  readonly perHistory: number;
}

/** Events of a turn besides the poll's: a Choice and a Wait. */
const eventsOfTurn = 4;

/**
 * How a loop polls so that its history can't overflow, which nothing could catch. A poll whose length only the running workflow knows, such as a fan-out over a list
 * that an activity gives, runs in an execution of its own: for the loop, it costs the same whatever it does.
 */
export function budgetPolls(site: Site, poll: AnyStep): PollBudget {
  const states = lookAt(site, poll);
  if (!isBounded(states)) return budgetPolls(site, inOwnExecution(poll));
  const each = countEventsWithRetries(states) + eventsOfTurn;
  return { poll, perHistory: Math.max(1, Math.floor((longestHistory * 0.8) / each)) };
}

function lookAt(site: Site, poll: AnyStep): States {
  return site.compilation.aside(() => {
    const scope = site.scope.aside();
    poll.compile({ ...site, scope, name: poll.stepName, input: { kind: 'template', template: null } });
    return { StartAt: '', States: Object.fromEntries(scope.states) };
  });
}
