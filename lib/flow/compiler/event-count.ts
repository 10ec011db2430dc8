import type { Retrier } from '../language/retry.js';
import type { States } from './machine.js';
import type { ChoiceRule, State } from './state.js';

/** The most events that an execution's history may have; beyond, it fails and nothing can catch that. */
export const longestHistory = 25_000;

/** Events of states that do more than be entered and exited: what one attempt adds. A distributed Map has those of its map run. */
const eventsOfAttempt: Readonly<Record<string, number>> = { Task: 3, Map: 2, Parallel: 2 };
const eventsOfMapRun = 4;

/** Events of an inline Map for each item, besides those of the item's states. */
const eventsOfItem = 2;

/** At most how many events one run through some states makes, without retries; branches of a Choice are all counted, items that nobody knows yet are not. */
export function countEvents({ States }: States): number {
  return Object.values(States).reduce((sum, state) => sum + eventsOf(state, () => 1), 0);
}

/** The same, where everything is tried as often as it may be. */
export function countEventsWithRetries({ States }: States): number {
  return Object.values(States).reduce((sum, state) => sum + eventsOf(state, attemptsOf), 0);
}

function eventsOf(state: State, attempts: (state: State) => number): number {
  if (state.Type === 'Fail') return 1;
  const sum = (states: States) =>
    Object.values(states.States).reduce((events, inner) => events + eventsOf(inner, attempts), 0);
  const branches = branchesOf(state).reduce((events, branch) => events + sum(branch), 0);
  const items = inlineItems(state);
  const each = items === undefined ? 0 : (listLength(state) ?? 0) * (sum(items) + eventsOfItem);
  const attempt = isDistributed(state) ? eventsOfMapRun : (eventsOfAttempt[state.Type] ?? 0);
  return 2 + attempts(state) * (attempt + branches + each + (isWaiting(state) ? 1 : 0));
}

/** Integrations that wait have one more event, when the job was submitted. */
function isWaiting({ Resource }: State): boolean {
  return typeof Resource === 'string' && /\.(sync|sync:2|waitForTaskToken)$/.test(Resource);
}

function attemptsOf({ Retry }: State): number {
  const retriers = (Retry as readonly Retrier[] | undefined) ?? [];
  return retriers.reduce((attempts, { MaxAttempts }) => attempts + (MaxAttempts ?? 3), 1);
}

/** Whether it is known at synthesis how many events a run makes at most: no inline Map over a list that only the running workflow knows, and no loop. */
export function isBounded(states: States): boolean {
  if (hasLoop(states)) return false;
  return Object.values(states.States).every((state) => {
    const items = inlineItems(state);
    if (items !== undefined && (listLength(state) === undefined || !isBounded(items))) return false;
    return branchesOf(state).every(isBounded);
  });
}

function hasLoop({ States }: States): boolean {
  const finished = new Set<string>();
  const open = new Set<string>();
  const visit = (name: string): boolean => {
    if (open.has(name)) return true;
    const state = States[name];
    if (state === undefined || finished.has(name)) return false;
    open.add(name);
    const loops = nextOf(state).some(visit);
    open.delete(name);
    finished.add(name);
    return loops;
  };
  return Object.keys(States).some(visit);
}

function nextOf(state: State): readonly string[] {
  const ways = [state, ...(state.Catch ?? []), ...((state['Choices'] as readonly ChoiceRule[] | undefined) ?? [])];
  return [...ways.map(({ Next }) => Next), state['Default'] as string | undefined].filter((name) => name !== undefined);
}

function branchesOf(state: State): readonly States[] {
  return (state['Branches'] as readonly States[] | undefined) ?? [];
}

function isDistributed(state: State): boolean {
  const { ProcessorConfig } = (state['ItemProcessor'] ?? {}) as {
    readonly ProcessorConfig?: { readonly Mode?: string };
  };
  return ProcessorConfig?.Mode === 'DISTRIBUTED';
}

/** What an inline Map does with each item; a hand-written one may have the older name for it. */
function inlineItems(state: State): States | undefined {
  if (isDistributed(state)) return undefined;
  return (state['ItemProcessor'] ?? state['Iterator']) as States | undefined;
}

function listLength({ Items }: State): number | undefined {
  return Array.isArray(Items) ? Items.length : undefined;
}
