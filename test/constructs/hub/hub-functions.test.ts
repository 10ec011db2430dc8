import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bundleAll } from '../../../lib/bundling/bundle.js';
import { hubEntry } from '../../../lib/bundling/package-root.js';
import { hubBundling } from '../../../lib/constructs/hub/hub-function.js';

jest.setTimeout(60_000);

const directory = path.dirname(hubEntry('start-instance'));
const names = readdirSync(directory)
  .filter((file) => /^export .*\bhandler\b/m.test(readFileSync(path.join(directory, file), 'utf8')))
  .map((file) => path.basename(file, '.ts'));

const MOST_KIB = 300;
/** Lambda's client can't be shaken down to the one operation that is used. Left to Lambda's runtime it would take longer to load. */
const MOST_KIB_WITH_LAMBDA_CLIENT = 325;

describe('each function of the hub', () => {
  let work: string;
  let files: ReadonlyMap<string, string>;

  beforeAll(() => {
    // Away from any node_modules, as on Lambda: what is left out of a bundle must not be missed when it loads.
    work = mkdtempSync(path.join(tmpdir(), 'durable-steps-hub-'));
    const requests = names.map((name) => ({
      owner: name,
      entry: hubEntry(name),
      handler: 'handler',
      options: hubBundling(name),
    }));
    const bundles = bundleAll(requests, work);
    files = new Map(names.map((name, index) => [name, path.join(bundles[index]?.directory ?? '', 'index.mjs')]));
  });
  afterAll(() => rmSync(work, { recursive: true }));

  test.each(names)('%s is small, and loads with nothing beside it', (name) => {
    const file = files.get(name) ?? '';
    const most = name === 'ask-approval-by-function' ? MOST_KIB_WITH_LAMBDA_CLIENT : MOST_KIB;
    expect(statSync(file).size).toBeLessThanOrEqual(most * 1024);
    const script = `console.log(typeof (await import(${JSON.stringify(file)})).handler)`;
    const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      cwd: work,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    expect(loaded).toBe('function\n');
  });
});
