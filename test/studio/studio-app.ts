import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { VirtualClock } from '../../lib/clock.js';
import type { LocalCloud, LocalCloudOptions } from '../../lib/local/cloud/local-cloud.js';
import { launchBrowser } from '../end-to-end/browser.js';
import { closeAll, inlineFunction, invoke, startApp, stateMachine } from '../local/local-app.js';

/** What an activity may be asked to do: fail, print, answer. */
const WORK = `
exports.handler = async (event) => {
  console.log('working on', JSON.stringify(event.item ?? event.order ?? null));
  if (event.fail) { const error = new Error(event.fail); error.name = 'PaymentDeclined'; throw error; }
  return { ok: true, amount: 12, item: event.item ?? null };
};`;

const RETRY = [{ ErrorEquals: ['PaymentDeclined'], MaxAttempts: 2, IntervalSeconds: 1 }];

/** An order: priced, charged with retries, waited for; a caught failure; a Map of items. */
const ORDERS = {
  Comment: 'Charges an order',
  QueryLanguage: 'JSONata',
  StartAt: 'price',
  States: {
    price: invoke('Work', { Next: 'large?', Assign: { amount: '{% $states.result.Payload.amount %}' } }),
    'large?': {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.amount > 100 %}', Next: 'refuse' }],
      Default: 'pack',
    },
    pack: {
      Type: 'Map',
      Items: '{% [1, 2, 3] %}',
      ItemProcessor: { StartAt: 'wrap', States: { wrap: { Type: 'Pass', End: true } } },
      Next: 'cool',
    },
    cool: { Type: 'Wait', Seconds: 3600, Next: 'done' },
    done: { Type: 'Succeed' },
    refuse: { Type: 'Fail', Error: 'TooLarge', Cause: 'more than 100' },
  },
};

const CHARGES = {
  QueryLanguage: 'JSONata',
  StartAt: 'begin',
  States: {
    begin: { Type: 'Pass', Next: 'charge', Assign: { customer: 'Ada' } },
    charge: invoke('Work', { Next: 'done', Retry: RETRY }),
    done: { Type: 'Succeed' },
  },
};

/** The app that Studio's tests look at. */
export function startStudioApp(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  return startApp(
    {
      Work: inlineFunction(WORK),
      Orders: stateMachine(ORDERS),
      Charges: stateMachine(CHARGES),
    },
    { clock: new VirtualClock({ start: new Date('2026-03-01T12:00:00Z') }), ...options },
  );
}

/** Starts an execution, by the orchestration's id. @returns its key in Studio */
export function begin(cloud: LocalCloud, id: string, name: string, input: unknown = {}): string {
  const { stateMachineArn } = cloud.orchestration(id);
  const { executionArn } = cloud.stepFunctions.startExecution({ stateMachineArn, name, input: JSON.stringify(input) });
  return executionArn.split(':').slice(6).join(':');
}

/** A page of Studio that remembers what a browser complained of. */
export async function openStudio(
  browser: Browser,
  cloud: LocalCloud,
  hash = '#/instances',
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${cloud.listen().studio}${hash}`);
  return { page, complaints };
}

/** What axe finds against WCAG 2.2 A and AA, as one line each. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  const script = `${axe.source}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`;
  // By the protocol, not by a script element: the page's policy would refuse that.
  const session = await page.context().newCDPSession(page);
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `(async () => { ${script.replace(/; axe\.run/, '; return axe.run')} .then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).slice(0, 4).join(' | ')))) })()`,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return JSON.parse(String(result.value)) as readonly string[];
}

/** A browser for all tests of a block, and the app of Studio's tests, started anew for each. */
export function studioForEach(): { readonly browser: Browser; readonly cloud: LocalCloud } {
  let browser: Browser | undefined;
  let cloud: LocalCloud | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    cloud = await startStudioApp();
  });
  afterEach(closeAll);
  return {
    get browser() {
      return browser!;
    },
    get cloud() {
      return cloud!;
    },
  };
}
