// node scripts/sum-results.mjs DIRECTORY: adds up what the parts of `.ci/run` left there, and prints `tests: N passed, N failed, N skipped` as its last line.
//
// `NAME.status` is a part's exit status and `NAME.log` its output; a line `checks: N passed, N failed, N skipped` counts, and a part without one counts as one.
// `jest.json` is jest's own report; `NAME.skipped` is the reason why a part didn't run. Installing counts only when it fails.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const PREPARATIONS = ['install', 'debian'];
const NOTHING = { passed: 0, failed: 0, skipped: 0 };

function main(directory) {
  const names = readdirSync(directory);
  const partsOf = (ending) =>
    names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
  const read = (name) => readFileSync(path.join(directory, name), 'utf8');

  const ran = partsOf('.status').map((name) => {
    const failed = Number(read(`${name}.status`)) !== 0;
    if (failed) console.log(`${name} failed`);
    return withFailure(count(directory, name, read), failed);
  });
  const skipped = partsOf('.skipped').map((name) => {
    console.log(`${name} skipped: ${read(`${name}.skipped`).trim()}`);
    return { ...NOTHING, skipped: 1 };
  });

  const total = [...ran, ...skipped].reduce(add, NOTHING);
  console.log(`tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** What a part counted of itself. */
function count(directory, name, read) {
  if (name === 'jest' && existsSync(path.join(directory, 'jest.json'))) return countJest(JSON.parse(read('jest.json')));
  const counted = [...read(`${name}.log`).matchAll(/^checks: (\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (counted !== undefined) {
    const [passed, failed, skipped] = counted.slice(1).map(Number);
    return { passed, failed, skipped };
  }
  const passed = !PREPARATIONS.includes(name) && Number(read(`${name}.status`)) === 0;
  return { ...NOTHING, passed: passed ? 1 : 0 };
}

function countJest(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** A part that failed has at least one failure, whatever it counted. */
function withFailure(counts, failed) {
  return failed && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

main(process.argv[2]);
