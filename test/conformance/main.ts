import { resolve } from 'node:path';
import { type CaseSet, tryReadCases } from './cases.js';
import { type ExecutionScore, scoreExecution } from './score.js';
import { compareTestState, compareValidation } from './score-api.js';

/**
 * `npm run conformance [-- --cases DIR] [--json]`: runs every recorded case in the engine and says how it compares with AWS. Lists each deviation with its
 * reason; the last line is one JSON object. `--json` prints that line alone. Exit code 2 when there are no cases.
 */
async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--cases');
  const folder = resolve(__dirname, '../..', at >= 0 ? (args[at + 1] ?? '') : '../shared/conformance');
  const quiet = args.includes('--json');
  const cases = tryReadCases(folder);
  if (cases === undefined) {
    console.error(
      `conformance: expected recorded cases (executions.*.json, …) in ${folder}, found none; say where they are with --cases DIR`,
    );
    return 2;
  }
  console.log(JSON.stringify(await scoreAll(cases, quiet ? () => {} : console.log)));
  return 0;
}

async function scoreAll(cases: CaseSet, report: (line: string) => void): Promise<object> {
  const executions = { outcome: 0, strict: 0, eventTypes: 0, fullHistory: 0 };
  for (const recorded of cases.executions) {
    const score = await scoreExecution(recorded);
    for (const measure of ['outcome', 'strict', 'eventTypes', 'fullHistory'] as const)
      if (score[measure]) executions[measure]++;
    if (score.deviation !== undefined) report(`${missed(score)}  ${recorded.name}\n    ${score.deviation}`);
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
    choiceVectors: [choiceVectors, cases.choiceVectors.length],
    testState: [await count('TestState', cases.testState, compareTestState, report), cases.testState.length],
    validation: [await count('validation', cases.validation, compareValidation, report), cases.validation.length],
  };
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

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
