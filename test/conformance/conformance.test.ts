import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecutionCase, tryReadCases } from './cases.js';
import { matches } from './match.js';
import { scoreExecution } from './score.js';
import { scoreAll } from './score-all.js';

const HISTORY: NonNullable<ExecutionCase['history']> = [
  { id: 1, prev: 0, type: 'ExecutionStarted', input: { a: 1 } },
  { id: 2, prev: 0, type: 'PassStateEntered', input: { a: 1 }, name: 'S' },
  { id: 3, prev: 2, type: 'PassStateExited', name: 'S', output: { a: 1 } },
  { id: 4, prev: 3, type: 'ExecutionSucceeded', output: { a: 1 } },
];

const PASS_CASE: ExecutionCase = {
  name: 'own/pass',
  workflowType: 'STANDARD',
  definition: { StartAt: 'S', States: { S: { Type: 'Pass', End: true } } },
  input: { a: 1 },
  expected: { status: 'SUCCEEDED', output: { a: 1 } },
  history: HISTORY,
};

describe('the comparison with a recording', () => {
  const match = (expected: never, actual: never) => matches(expected, actual, new Map());

  it.each<[unknown, unknown, boolean]>([
    ['«date»', 5, true],
    ['«date»', { a: 1 }, true],
    ['x-«id»-y', 'x-12-y', true],
    ['x-«id»-y', 'x--y', false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [[1, 2], [1, 2, 3], false],
    ['{"a": 1}', '{"a":1}', true],
    ['{"a": 1}', '{"a":2}', false],
    ['"a"', '"b"', false],
    [{ $json: { a: 1 } }, '{ "a": 1 }', true],
    [{ $text: 'plain' }, 'plain', true],
    [{ $text: 'plain' }, 'other', false],
    [1, '1', false],
    [null, undefined, false],
  ])('%j with %j: %s', (expected, actual, same) => {
    expect(match(expected as never, actual as never)).toBe(same);
  });

  it('takes an indexed wildcard for the same text everywhere, and another one for anything', () => {
    expect(match(['«uuid:1»', '«uuid:1»'] as never, ['a', 'a'] as never)).toBe(true);
    expect(match(['«uuid:1»', '«uuid:1»'] as never, ['a', 'b'] as never)).toBe(false);
    expect(match(['«date»', '«date»'] as never, ['a', 'b'] as never)).toBe(true);
  });
});

describe('the score of a case', () => {
  it('is full when outcome, cause and history are the same', async () => {
    expect(await scoreExecution(PASS_CASE)).toEqual({
      outcome: true,
      strict: true,
      eventTypes: true,
      fullHistory: true,
    });
  });

  it('falls with each thing that differs, and says which', async () => {
    const wrongPrevious = {
      ...PASS_CASE,
      history: HISTORY.map((event) => ({ ...event, prev: event.id === 4 ? 1 : event.prev })),
    };
    expect(await scoreExecution(wrongPrevious)).toMatchObject({
      strict: true,
      eventTypes: true,
      fullHistory: false,
      deviation: expect.stringContaining('event 4'),
    });
    const missing = { ...PASS_CASE, history: HISTORY.slice(0, 3) };
    expect(await scoreExecution(missing)).toMatchObject({ strict: true, eventTypes: false, fullHistory: false });
    const wrongOutput = { ...PASS_CASE, expected: { status: 'SUCCEEDED', output: { a: 2 } } };
    expect(await scoreExecution(wrongOutput)).toMatchObject({ outcome: false, strict: false });
    const refused = { ...PASS_CASE, definition: {} };
    expect(await scoreExecution(refused)).toMatchObject({
      outcome: false,
      deviation: expect.stringContaining('InvalidDefinition'),
    });
  });
});

describe('the score of all', () => {
  it('counts the histories of before November 2024 apart, and names their dates', async () => {
    const from = (recorded: string, more: object = {}) => ({ ...PASS_CASE, ...more, source: { recorded } });
    const outdated = { history: HISTORY.map((event) => ({ ...event, prev: event.id === 4 ? 1 : event.prev })) };
    const lines: string[] = [];
    const scores = await scoreAll(
      {
        executions: [
          from('31-10-2024, 10:00:00', outdated),
          from('31-10-2024, 10:00:00'),
          from('01-11-2024, 10:00:00'),
          PASS_CASE,
        ],
        choiceVectors: [],
        testState: [],
        validation: [],
      },
      (line) => lines.push(line),
    );
    expect(scores).toMatchObject({
      executions: 4,
      fullHistory: 3,
      fullHistorySinceNovember2024: [2, 2],
      fullHistoryBeforeNovember2024: [1, 2],
    });
    expect(lines).toEqual([expect.stringMatching(/^event details {2}own\/pass {2}\(recorded on 2024-10-31, before/)]);
  });
});

describe('the cases of a folder', () => {
  it('are read by the names of their files; an empty folder has none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cases-'));
    try {
      expect(tryReadCases(folder)).toBeUndefined();
      expect(tryReadCases(join(folder, 'missing'))).toBeUndefined();
      writeFileSync(
        join(folder, 'executions.own.json'),
        JSON.stringify({ format: 1, kind: 'execution', cases: [PASS_CASE] }),
      );
      expect(tryReadCases(folder)).toMatchObject({
        executions: [PASS_CASE],
        choiceVectors: [],
        testState: [],
        validation: [],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
