import type { Json, JsonObject } from '../../lib/asl/language/json.js';
import { DurableStepsError } from '../../lib/errors.js';
import type { ExecutionCase } from './cases.js';
import { matches } from './match.js';
import { type CaseRun, flatten, runCase } from './run-case.js';

/** The four measures of a recorded execution, and how it deviates from the strictest one that it misses. */
export interface ExecutionScore {
  readonly outcome: boolean;
  readonly strict: boolean;
  readonly eventTypes: boolean;
  readonly fullHistory: boolean;
  readonly deviation?: string;
}

/** Runs a case and measures it. A case without a history is measured by outcome and cause only. */
export async function scoreExecution(recorded: ExecutionCase): Promise<ExecutionScore> {
  try {
    return compare(recorded, await runCase(recorded));
  } catch (error) {
    if (!(error instanceof Error) || error instanceof DurableStepsError) throw error;
    return {
      outcome: false,
      strict: false,
      eventTypes: false,
      fullHistory: false,
      deviation: `threw ${error.name}: ${error.message}`,
    };
  }
}

function compare(recorded: ExecutionCase, { execution, history }: CaseRun): ExecutionScore {
  const bindings = new Map<string, string>();
  const { expected } = recorded;
  const output = execution.output === undefined ? undefined : (JSON.parse(execution.output) as Json);
  const outcome =
    expected.status === execution.status &&
    (expected.status !== 'SUCCEEDED' || matches(expected.output, output, bindings)) &&
    (expected.status !== 'FAILED' || matches(expected.error, execution.error, bindings));
  const strict = outcome && matches(expected.cause, execution.cause, bindings);
  const differing =
    recorded.history === undefined ? undefined : findDifference(recorded, history.map(flatten), bindings);
  const deviation = !strict
    ? `expected ${brief({ ...expected })}, got ${brief({ status: execution.status, output, error: execution.error, cause: execution.cause })}`
    : differing?.text;
  return {
    outcome,
    strict,
    eventTypes: differing?.inTypes !== true,
    fullHistory: differing === undefined,
    ...(deviation !== undefined && { deviation }),
  };
}

/** In a sorted section of a Parallel state these were lost by the recorder. */
const LOST_BY_SORTING = new Set(['ParallelStateSucceeded', 'ParallelStateFailed', 'ParallelStateExited']);

function findDifference(
  recorded: ExecutionCase,
  actual: readonly JsonObject[],
  bindings: Map<string, string>,
): { readonly inTypes: boolean; readonly text: string } | undefined {
  const expected = recorded.history ?? [];
  if (recorded.historyOrder === 'parallel-sections-sorted') {
    const [a, b] = [sortedTypes(expected), sortedTypes(actual)];
    return a === b ? undefined : { inTypes: true, text: `events: expected ${a}, got ${b}` };
  }
  const types = (events: readonly JsonObject[]) => events.map(({ type }) => String(type));
  const at = types(expected).findIndex((type, index) => actual[index]?.['type'] !== type);
  if (at >= 0 || expected.length !== actual.length) {
    const index = at >= 0 ? at : expected.length;
    return {
      inTypes: true,
      text: `event ${index + 1}: expected ${brief(expected[index])}, got ${brief(actual[index])}`,
    };
  }
  const differing = expected.findIndex((event, index) => !matches(event, actual[index], bindings));
  if (differing < 0) return undefined;
  return {
    inTypes: false,
    text: `event ${differing + 1}: expected ${brief(expected[differing])}, got ${brief(actual[differing])}`,
  };
}

function sortedTypes(events: readonly JsonObject[]): string {
  return events
    .map(({ type }) => String(type))
    .filter((type) => !LOST_BY_SORTING.has(type))
    .sort()
    .join(' ');
}

/** A value as JSON, cut to a readable length. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 700 ? `${text.slice(0, 700)}…` : text;
}
