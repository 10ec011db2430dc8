import { mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Instance, TestEnvironment } from '../../lib/testing/index.js';
import { ApprovalsStack } from './approvals-app.js';
import { describeInBrowser, launchBrowser } from './browser.js';

jest.setTimeout(180_000);

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';

describeInBrowser('a person with a browser', () => {
  const stack = new ApprovalsStack(new App());
  let browser: Browser;
  let env: TestEnvironment;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    env = await TestEnvironment.create(stack, { time: '2026-03-01T08:00:00Z' });
  });
  afterAll(async () => {
    await browser?.close();
    await env?.close();
  });
  beforeEach(() => env.reset());
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });

  async function newPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      viewport: { width: 900, height: 860 },
      ...options,
    });
    contexts.push(context);
    return context.newPage();
  }

  /** Starts an instance over HTTP, and waits until somebody is asked. */
  async function begin(instanceId: string, approvers: readonly string[] = [ANN]): Promise<Instance> {
    const started = await env.api(stack.api.httpApi).post(`/orchestrations/publish/${instanceId}`, {
      location: `s3://videos/${instanceId}.mp4`,
      approvers,
    });
    expect(started.status).toBe(202);
    const instance = env.instance(stack.publish, instanceId);
    await instance.waiting();
    return instance;
  }

  const linkOf = async (to: string) => (await env.mail({ to })).links.find((link) => link.includes('/approvals/'))!;

  /** Kept where `SCREENSHOTS` says, to be looked at. */
  async function keep(page: Page, name: string): Promise<void> {
    const directory = process.env['SCREENSHOTS'];
    if (directory === undefined) return;
    mkdirSync(directory, { recursive: true });
    await page.screenshot({ path: path.join(directory, `${name}.png`), fullPage: true });
  }

  test('reads the mail in the mailbox, follows its link, approves with a comment: the instance completes', async () => {
    const instance = await begin('holiday');
    const page = await newPage();
    await page.goto(`${env.cloud.endpoint}/mailbox`);
    await keep(page, '1-mailbox');
    await page.getByRole('link', { name: 'Publish s3://videos/holiday.mp4?' }).click();
    await keep(page, '2-mail');
    const opened = page.context().waitForEvent('page');
    await page.frameLocator('iframe').getByRole('link', { name: 'Review and decide' }).click();
    const approval = await opened;
    await approval.waitForLoadState();
    await keep(approval, '3-question');
    expect(await approval.getByRole('heading', { level: 1 }).textContent()).toBe('Publish s3://videos/holiday.mp4?');
    await approval.getByLabel('Comment').fill('Nice colours.\nGo ahead!');
    await approval.getByRole('button', { name: 'Approve' }).click();
    await approval.getByText('Thank you.').waitFor();
    await keep(approval, '4-approved');
    expect(await instance.completed()).toEqual({ published: true, by: ANN, why: 'Nice colours.\nGo ahead!' });
    const status = await env.api(stack.api.httpApi).get('/instances/holiday');
    expect(status.body).toMatchObject({ runtimeStatus: 'Completed', output: { published: true } });
  });

  test('rejects by keyboard alone', async () => {
    const instance = await begin('keyboard');
    const page = await newPage({ javaScriptEnabled: true });
    await page.goto(await linkOf(ANN));
    await page.keyboard.press('Tab');
    await page.keyboard.type('Too dark');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await keep(page, '5-keyboard');
    await page.keyboard.press('Enter');
    await page.getByText('You rejected this').waitFor();
    await keep(page, '6-rejected');
    expect(await instance.completed()).toEqual({ published: false, by: ANN, why: 'rejected' });
  });

  test('goes back after deciding: the page shows the decision, and there is nothing to press', async () => {
    const instance = await begin('back');
    const page = await newPage();
    await page.goto(await linkOf(ANN));
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Thank you.').waitFor();
    await page.goBack();
    await page.reload();
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.textContent('main')).toContain('ann@example.com approved on Sunday 1 March 2026');
    expect(await instance.completed()).toMatchObject({ published: true });
  });

  test('clicks twice, from a page that was open twice: the second click is told that it is decided', async () => {
    const instance = await begin('twice');
    const [first, second] = [await newPage(), await newPage()];
    for (const page of [first, second]) await page.goto(await linkOf(ANN));
    await first.getByRole('button', { name: 'Approve' }).click();
    await first.getByText('Thank you.').waitFor();
    const answer = second.waitForResponse((response) => response.request().method() === 'POST');
    await second.getByRole('button', { name: 'Reject' }).click();
    expect((await answer).status()).toBe(409);
    await second.getByText('The first one counts.').waitFor();
    await keep(second, '7-decided-before');
    expect(await instance.completed()).toMatchObject({ published: true });
  });

  test('two people decide at the same moment: one decision', async () => {
    const instance = await begin('race', [ANN, BOB]);
    const pages = [await newPage(), await newPage()] as const;
    await pages[0].goto(await linkOf(ANN));
    await pages[1].goto(await linkOf(BOB));
    await Promise.all([
      pages[0].getByRole('button', { name: 'Approve' }).click(),
      pages[1].getByRole('button', { name: 'Reject' }).click(),
    ]);
    const texts = await Promise.all(pages.map((page) => page.locator('ol li').allTextContents()));
    expect(texts[0]).toHaveLength(1);
    expect(texts[1]).toEqual(texts[0]);
    const output = await instance.completed();
    expect([
      { published: true, by: ANN },
      { published: false, by: BOB },
    ]).toContainEqual({
      published: (output as { published: boolean }).published,
      by: (output as { by: string }).by,
    });
  });

  test('comes too late', async () => {
    const instance = await begin('late');
    const page = await newPage();
    await page.goto(await linkOf(ANN));
    await env.advance({ hours: 24 });
    const answer = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Approve' }).click();
    expect((await answer).status()).toBe(410);
    await page.getByText('The time to decide ended').waitFor();
    await keep(page, '8-expired');
    expect(await instance.completed()).toMatchObject({ published: false, why: 'timedOut' });
  });

  test('finds a page of its own for a terminated instance and for a link that leads nowhere', async () => {
    const instance = await begin('gone');
    await instance.terminate('no longer wanted');
    await instance.finished();
    const page = await newPage();
    const link = await linkOf(ANN);
    expect((await page.goto(link))?.status()).toBe(410);
    await keep(page, '9-withdrawn');
    expect((await page.goto(`${link.slice(0, -1)}x`))?.status()).toBe(404);
    await keep(page, '10-unknown');
  });

  test('another site’s form does not decide, and no site can frame the page', async () => {
    const instance = await begin('forged');
    const link = await linkOf(ANN);
    const page = await newPage({ javaScriptEnabled: true });
    // Another site on this machine: pages of others the local gateway refuses before the approvals page sees them.
    await page.route('http://localhost:1/', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('http://localhost:1/');
    await page.setContent(
      `<form method="post" action="${link}"><input name="decision" value="approve"><button>Win a prize</button></form><iframe src="${link}"></iframe>`,
    );
    const framed = page.frames().find((frame) => frame !== page.mainFrame());
    expect(await framed?.locator('form').count()).toBe(0);
    const answer = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByRole('button', { name: 'Win a prize' }).click();
    expect((await answer).status()).toBe(403);
    await page.getByText('This came from another site').waitFor();
    expect(instance.status).toBe('Running');
  });

  test('finds it readable on a phone and in the dark, without an error of the page’s policy', async () => {
    await begin('phone', [ANN, BOB]);
    const link = await linkOf(BOB);
    for (const [name, options] of [
      ['11-phone', { viewport: { width: 360, height: 740 }, javaScriptEnabled: true }],
      ['12-dark', { colorScheme: 'dark', javaScriptEnabled: true }],
    ] as const) {
      const page = await newPage(options);
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(link);
      await keep(page, name);
      expect(errors).toEqual([]);
      const width = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
      expect(width[0]).toBeLessThanOrEqual(width[1] ?? 0);
      expect(await page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth")).toBe('600px');
    }
  });
});
