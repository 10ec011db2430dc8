import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Browser } from 'playwright-core';
import { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { launchBrowser } from '../end-to-end/browser.js';

const ROOT = path.resolve(__dirname, '../..');
const SIZE = { width: 1120, height: 640 };

/** `npm run pictures`: the pictures of Studio in README and docs, of the demo app as it runs; needs a browser and ffmpeg. */
async function main(): Promise<void> {
  const outdir = mkdtempSync(path.join(tmpdir(), 'durable-steps-pictures-'));
  const browser = await launchBrowser();
  let cloud: LocalCloud | undefined;
  try {
    const environment = { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false' };
    execFileSync(process.execPath, ['--import', 'tsx', 'bin/app.ts'], { cwd: ROOT, env: environment, stdio: 'ignore' });
    cloud = await LocalCloud.load(outdir, { onNotice: () => {} });
    const keys = await run(cloud);
    await shoot(browser, cloud, { name: 'studio', hash: '#/instances', until: 'order-1002' });
    const failed = `#/instance/${encodeURIComponent(keys['order-1002']!)}?state=price`;
    await shoot(browser, cloud, { name: 'studio-failure', hash: failed, until: 'an order needs at least one item' });
    const order = `#/instance/${encodeURIComponent(keys['order-2001']!)}`;
    await shoot(browser, cloud, { name: 'studio-graph', hash: order, until: 'approved', dark: true });
  } finally {
    await cloud?.close();
    await browser.close();
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Starts what the pictures show. @returns keys by id */
async function run(cloud: LocalCloud): Promise<Readonly<Record<string, string>>> {
  const order = JSON.parse(readFileSync(path.join(ROOT, 'lambda/order-processing/small-order.json'), 'utf8')) as object;
  const lines = [{ sku: 'desk', quantity: 2, unitPrice: 15_000 }];
  const customer = { country: 'DE' };
  const starts: readonly (readonly [orchestration: string, id: string, input: unknown])[] = [
    ['HelloSequence', 'hello-1', {}],
    ['PriceOrder', 'order-1001', { orderId: 'order-1001', customer, items: lines }],
    ['PriceOrder', 'order-1002', { orderId: 'order-1002', customer, items: [] }],
    ['PeriodicTask', 'clean-up', {}],
    ['ProcessOrder', 'order-2001', order],
    ['PhoneVerification', 'phone-7', { phoneNumber: '+4366012345678' }],
  ];
  const keys: Record<string, string> = {};
  for (const [orchestration, name, input] of starts) {
    const { stateMachineArn } = cloud.orchestration(orchestration);
    const text = JSON.stringify(input);
    const { executionArn } = cloud.stepFunctions.startExecution({ stateMachineArn, name, input: text });
    keys[name] = executionArn.split(':').slice(6).join(':');
  }
  return keys;
}

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** A text that is there when the picture can be taken. */
  readonly until: string;
  readonly dark?: boolean;
}

async function shoot(browser: Browser, cloud: LocalCloud, { name, hash, until, dark = false }: Shot): Promise<void> {
  const context = await browser.newContext({ viewport: SIZE, colorScheme: dark ? 'dark' : 'light' });
  const page = await context.newPage();
  await page.goto(`${cloud.listen().studio}${hash}`);
  await page.locator('main', { hasText: until }).waitFor();
  // What was started has come as far as it goes without a person.
  await page.waitForTimeout(8_000);
  const whole = path.join(tmpdir(), `${name}.png`);
  await page.screenshot({ path: whole });
  // A page has few colours: with a palette the picture is a quarter of its size.
  const filter = 'split[a][b];[a]palettegen=max_colors=128[p];[b][p]paletteuse=dither=none';
  const picture = path.join(ROOT, 'docs', 'pictures', `${name}.png`);
  execFileSync('ffmpeg', ['-y', '-loglevel', 'error', '-i', whole, '-vf', filter, picture]);
  rmSync(whole);
  await context.close();
}

void main();
