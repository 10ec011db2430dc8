import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { type BundlingOptions, bundleAll } from '../../lib/bundling/bundle.js';
import { hubEntry } from '../../lib/bundling/package-root.js';
import { hubBundling } from '../../lib/constructs/hub/hub-function.js';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { makeContractApp } from '../end-to-end/contract-app.js';
import { type Bench, cost, type Figure, rate } from './bench.js';

const root = path.resolve(__dirname, '../..');
const REPEATS = 5;
const STARTS = 300;
const READS = 1_000;
const AT_ONCE = 10;

/**
 * The task hub: what each of its functions weighs and how long it takes to load (peer: the same with the SDK left to `node_modules`, as Lambda's runtime would bring it), and how many requests
 * the HTTP API answers on the local cloud, functions in worker threads and DynamoDB in process.
 */
export const benches: readonly Bench[] = [
  { name: 'hub-functions', run: () => inWorkDirectory(measureFunctions) },
  { name: 'hub-http', run: () => inWorkDirectory(measureHttp) },
];

/** Below the package, so that packages left out of a bundle are found. */
async function inWorkDirectory(measure: (work: string) => Promise<readonly Figure[]>): Promise<readonly Figure[]> {
  mkdirSync(path.join(root, 'cdk.out'), { recursive: true });
  const work = mkdtempSync(path.join(root, 'cdk.out', 'bench-'));
  try {
    return await measure(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function measureFunctions(work: string): Promise<readonly Figure[]> {
  const directory = path.dirname(hubEntry('start-instance'));
  const names = readdirSync(directory)
    .filter((file) => /^export .*\bhandler\b/m.test(readFileSync(path.join(directory, file), 'utf8')))
    .map((file) => path.basename(file, '.ts'));
  const bundled = bundle(work, names, hubBundling);
  const external = bundle(work, names, () => ({ external: ['@aws-sdk/*', '@smithy/*'] }));
  return names.flatMap((name, index) => {
    const file = bundled[index] ?? '';
    return [
      cost(`hub-function-size ${name}`, statSync(file).size / 1024, 'KiB'),
      cost(`hub-function-load ${name}`, loadTime(file), 'ms', loadTime(external[index] ?? '')),
    ];
  });
}

function bundle(work: string, names: readonly string[], options: (name: string) => BundlingOptions): readonly string[] {
  const requests = names.map((name) => ({
    owner: name,
    entry: hubEntry(name),
    handler: 'handler',
    options: options(name),
  }));
  return bundleAll(requests, work).map(({ directory }) => path.join(directory, 'index.mjs'));
}

/** Milliseconds to load a module in a fresh process: the best of several. */
function loadTime(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - start);`;
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  return Math.min(...Array.from({ length: REPEATS }, () => Number(run())));
}

async function measureHttp(work: string): Promise<readonly Figure[]> {
  const directory = path.join(work, 'app');
  makeContractApp(directory, { rateLimit: 100_000, burstLimit: 100_000 }).synth();
  const cloud = await LocalCloud.load(directory);
  try {
    const [url = ''] = Object.values(cloud.listen().apis);
    const start = (index: number) => send(`${url}/orchestrations/echo/bench-${index}`, 'POST');
    const read = (index: number) => send(`${url}/instances/bench-${index % STARTS}`, 'GET');
    await start(0);
    await read(0);
    return [...(await load('hub-start', STARTS, start)), ...(await load('hub-status', READS, read))];
  } finally {
    await cloud.close();
  }
}

async function send(url: string, method: string): Promise<void> {
  const response = await fetch(url, { method, ...(method === 'POST' ? { body: '{"n":1}' } : {}) });
  await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
}

/** Requests per second with ten at once, and the time that 99 in 100 stay below. */
async function load(name: string, count: number, act: (index: number) => Promise<void>): Promise<readonly Figure[]> {
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const work = async () => {
    for (let index = next++; index < count; index = next++) {
      const sent = performance.now();
      await act(index);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - began) / 1000;
  const p99 = times.sort((a, b) => a - b)[Math.floor(count * 0.99)] ?? 0;
  return [rate(`${name}-rate`, count / seconds, '1/s'), cost(`${name}-p99`, p99, 'ms')];
}
