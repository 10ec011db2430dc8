import { type CaseSet, type ExecutionCase, recordedOn } from './cases.js';
import { type ExecutionScore, scoreExecution } from './score.js';
import { compareTestState, compareValidation } from './score-api.js';

/** Since then AWS links the exit of a distributed Map to the start of its run, and its context object counts redrives: an older history is not today's. */
const TODAY_SINCE = '2024-11-01';

/** Runs every case. Reports each deviation with its reason; gives the scores: a number of cases, or that number and how many there are. */
export async function scoreAll(cases: CaseSet, report: (line: string) => void): Promise<object> {
  const executions = { outcome: 0, strict: 0, eventTypes: 0, fullHistory: 0 };
  const ages = { current: [0, 0], older: [0, 0] };
  for (const recorded of cases.executions) {
    const score = await scoreExecution(recorded);
    for (const measure of ['outcome', 'strict', 'eventTypes', 'fullHistory'] as const)
      if (score[measure]) executions[measure]++;
    const age = isOlder(recorded) ? ages.older : ages.current;
    age[0]! += score.fullHistory ? 1 : 0;
    age[1]!++;
    if (score.deviation !== undefined) {
      const recordedThen = isOlder(recorded) ? `  (recorded on ${recordedOn(recorded)}, before November 2024)` : '';
      report(`${missed(score)}  ${recorded.name}${recordedThen}\n    ${score.deviation}`);
    }
  }
  let choiceVectors = 0;
  for (const recorded of cases.choiceVectors) {
    const score = await scoreExecution(recorded);
    if (score.strict) choiceVectors++;
    else report(`choice vector  ${recorded.name}\n    ${score.deviation}`);
  }
  return {
    executions: cases.executions.length,
    ...executions,
    fullHistorySinceNovember2024: ages.current,
    fullHistoryBeforeNovember2024: ages.older,
    choiceVectors: [choiceVectors, cases.choiceVectors.length],
    testState: [await count('TestState', cases.testState, compareTestState, report), cases.testState.length],
    validation: [await count('validation', cases.validation, compareValidation, report), cases.validation.length],
  };
}

function isOlder(recorded: ExecutionCase): boolean {
  const date = recordedOn(recorded);
  return date !== undefined && date < TODAY_SINCE;
}

/** How many cases are as on AWS; the others are reported. */
async function count<T extends { readonly name: string }>(
  kind: string,
  cases: readonly T[],
  compare: (recorded: T) => Promise<string | undefined>,
  report: (line: string) => void,
): Promise<number> {
  let passed = 0;
  for (const recorded of cases) {
    const deviation = await compare(recorded);
    if (deviation === undefined) passed++;
    else report(`${kind}  ${recorded.name}\n    ${deviation}`);
  }
  return passed;
}

function missed(score: ExecutionScore): string {
  if (!score.outcome) return 'outcome';
  if (!score.strict) return 'cause';
  return score.eventTypes ? 'event details' : 'event types';
}
