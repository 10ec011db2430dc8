import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const scripts = path.resolve(__dirname, '../../scripts');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'ci-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
}

function run(script: string, ...args: readonly string[]): { readonly status: number | null; readonly lines: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(scripts, script), ...args], {
    encoding: 'utf8',
  });
  return { status, lines: `${stdout}${stderr}`.trim().split('\n') };
}

describe('the sum of the parts', () => {
  const sum = () => run('sum-results.mjs', directory);

  test("adds jest's tests, counted checks, and one for a part that doesn't count", () => {
    write({
      'install.status': '0\n',
      'install.log': '',
      'jest.status': '0\n',
      'jest.log': '',
      'jest.json': JSON.stringify({
        numPassedTests: 10,
        numFailedTests: 0,
        numRuntimeErrorTestSuites: 0,
        numPendingTests: 1,
        numTodoTests: 1,
      }),
      'deploy.status': '0\n',
      'deploy.log': 'checks: 1 passed, 0 failed, 0 skipped\nchecks: 5 passed, 0 failed, 3 skipped\n',
      'lint.status': '0\n',
      'lint.log': 'Checked 700 files\n',
      'conformance.skipped': 'the recordings are not there\n',
    });
    expect(sum()).toEqual({
      status: 0,
      lines: ['conformance skipped: the recordings are not there', 'tests: 16 passed, 0 failed, 6 skipped'],
    });
  });

  test('counts a failure of a part that counted none itself', () => {
    write({
      'jest.status': '1\n',
      'jest.log': 'the report was never written',
      'lint.status': '0\n',
      'lint.log': '',
    });
    expect(sum()).toEqual({ status: 1, lines: ['jest failed', 'tests: 1 passed, 1 failed, 0 skipped'] });
  });

  test('counts a test suite that could not run', () => {
    write({
      'jest.status': '1\n',
      'jest.log': '',
      'jest.json': JSON.stringify({
        numPassedTests: 3,
        numFailedTests: 0,
        numRuntimeErrorTestSuites: 1,
        numPendingTests: 0,
        numTodoTests: 0,
      }),
    });
    expect(sum()).toEqual({ status: 1, lines: ['jest failed', 'tests: 3 passed, 1 failed, 0 skipped'] });
  });

  test('fails when nothing was tested', () => {
    write({ 'install.status': '0\n', 'install.log': '' });
    expect(sum()).toEqual({ status: 1, lines: ['tests: 0 passed, 0 failed, 0 skipped'] });
  });
});

describe('the scores', () => {
  const check = (scores: object, minimum: object) => {
    write({ scores: `a table\n${JSON.stringify(scores)}\n`, 'minimum.json': JSON.stringify(minimum) });
    return run('check-scores.mjs', path.join(directory, 'scores'), path.join(directory, 'minimum.json'));
  };

  test('may rise', () => {
    expect(check({ executions: [98, 100], choice: 5 }, { executions: 97, choice: 5 }).status).toBe(0);
  });

  test('may neither fall nor go missing', () => {
    expect(check({ executions: [96, 100] }, { executions: 97, choice: 5 })).toEqual({
      status: 1,
      lines: ['executions: expected at least 97, got [96,100]', 'choice: expected at least 5, got undefined'],
    });
  });
});
