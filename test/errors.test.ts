import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { DurableStepsError, ERROR_CODES, WORKFLOW_ERRORS } from '../lib/errors.js';
import { HUB_ERRORS } from '../lib/hub/hub-error.js';

const root = path.resolve(__dirname, '..');
const troubleshooting = readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8');
/** The cells of the page that name codes. */
const explained = troubleshooting.split('\n').flatMap((line) => {
  const cell = /^\| (`[^|]+) \|/.exec(line)?.[1] ?? '';
  return [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code!);
});

describe('the codes of our errors', () => {
  test('each is explained in docs/troubleshooting.md, once', () => {
    const counts = ERROR_CODES.map((code) => [code, explained.filter((other) => other === code).length] as const);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });

  test('each is raised somewhere', () => {
    const sources = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'errors.ts')
      .map((name) => readFileSync(path.join(root, 'lib', name), 'utf8'))
      .join('\n');
    expect(ERROR_CODES.filter((code) => !new RegExp(`['\\s]${code}\\b[':]`).test(sources))).toEqual([]);
  });

  test('each error that a workflow fails with by this package is explained, once', () => {
    const counts = WORKFLOW_ERRORS.map((name) => [name, explained.filter((other) => other === name).length] as const);
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });

  test('what the local cloud can’t run always says how to go on without', () => {
    // @ts-expect-error the fix is missing
    const error = new DurableStepsError('UnsupportedResource', { where: 'a', expected: 'b', got: 'c' });
    expect(error.message).toBe('`a`: expected b, got c');
  });

  test('each stands in the list once', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });

  test("the page tells the hub's with the HTTP status that they are answered with", () => {
    const untold = Object.entries(HUB_ERRORS).filter(
      ([code, status]) => !troubleshooting.includes(`| \`${code}\` | ${status} |`),
    );
    expect(untold).toEqual([]);
  });
});
