import type { VirtualClock } from '../../lib/clock.js';
import { describeInBrowser } from '../end-to-end/browser.js';
import { accessibilityFaults, begin, openStudio, studioForEach } from './studio-app.js';

jest.setTimeout(120_000);

describeInBrowser('an instance', () => {
  const studio = studioForEach();

  const settled = () => (studio.cloud.clock as VirtualClock).settled();
  const open = (key: string, query = '') =>
    openStudio(studio.browser, studio.cloud, `#/instance/${encodeURIComponent(key)}${query}`);
  const state = (page: Awaited<ReturnType<typeof open>>['page'], name: string) =>
    page.getByRole('button', { name: new RegExp(`^${name}`) });

  test('from the list, two clicks lead to the reason of a failure, its input and what it printed', async () => {
    begin(studio.cloud, 'Charges', 'charge-1', { fail: 'card expired', order: 'A7' });
    await settled();
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByRole('link', { name: 'charge-1' }).click();
    await page.getByRole('alert').getByRole('button', { name: 'charge' }).click();
    const panel = page.getByRole('complementary', { name: 'State charge' });
    await panel.getByText('failed · 3 s · 3 attempts').waitFor();
    await panel.getByText('"card expired"').first().waitFor();
    await panel.getByText('#3 working on "A7"').waitFor();
    expect(await panel.getByRole('list', { name: 'Attempts' }).getByRole('listitem').count()).toBe(3);
    await panel.getByText('customer').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('the graph shows what was done, what goes on and what was never reached', async () => {
    const key = begin(studio.cloud, 'Orders', 'order-1', { amount: 5 });
    await settled();
    const { page, complaints } = await open(key);
    expect(await state(page, 'price').textContent()).toContain('done');
    expect(await state(page, 'wrap').textContent()).toContain('3 done');
    await page.getByRole('button', { name: 'refuse Fail not reached' }).waitFor();
    await state(page, 'wrap').click();
    const panel = page.getByRole('complementary', { name: 'State wrap' });
    await panel.getByRole('button', { name: '[2]' }).click();
    await panel.getByText('3', { exact: true }).first().waitFor();
    expect(page.url()).toContain('state=wrap');
    await page.getByRole('button', { name: 'Close pack' }).click();
    expect(await state(page, 'wrap').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('the slider and the arrow keys show how it stood at any moment', async () => {
    const key = begin(studio.cloud, 'Orders', 'order-1');
    await settled();
    const { page, complaints } = await open(key);
    await state(page, 'done').waitFor();
    await page.getByRole('slider', { name: 'Moment' }).fill('2');
    await page.waitForFunction('location.hash.includes("at=2")');
    expect(await state(page, 'price').textContent()).toContain('running');
    await page.getByRole('button', { name: 'done not reached' }).waitFor();
    await page.evaluate('document.activeElement.blur()');
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight');
    await state(page, 'price').filter({ hasText: 'done' }).waitFor();
    expect(page.url()).toContain('at=6');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('button', { name: /^done done/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the timeline has a bar for each step, and the events say what happened when', async () => {
    const key = begin(studio.cloud, 'Orders', 'order-1');
    await settled();
    const { page, complaints } = await open(key, '?view=timeline');
    const table = page.getByRole('table', { name: 'Timeline' });
    await table.getByRole('row').filter({ hasText: 'cool' }).getByText('1 h', { exact: true }).waitFor();
    expect(await table.locator('rect.bar').count()).toBeGreaterThan(8);
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('searchbox', { name: 'Filter events' }).fill('wait');
    await page.getByRole('row').filter({ hasText: 'WaitStateExited' }).getByText('1 h').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('what runs is shown as it goes on, and is started again with another input', async () => {
    const key = begin(studio.cloud, 'Orders', 'order-1');
    const { page, complaints } = await open(key, '?view=data');
    await settled();
    await page.getByText('Completed').waitFor();
    await page.getByRole('button', { name: 'Restart' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Input' }).fill('{"amount": ');
    await dialog.getByText('Line 1, column').waitFor();
    expect(await dialog.getByRole('button', { name: 'Restart' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Input' }).fill('{"amount": 500}');
    await dialog.getByRole('button', { name: 'Restart' }).click();
    await page.getByText('Completed').waitFor();
    await page.getByRole('tab', { name: 'Input and output' }).click();
    await page.getByText('500').waitFor();
    expect(complaints).toEqual([]);
  });

  test('hostile names, errors and data are text', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const key = begin(studio.cloud, 'Charges', 'evil', { fail: evil, order: evil, [evil]: evil });
    await settled();
    for (const view of ['graph', 'timeline', 'events', 'data']) {
      const { page, complaints } = await open(key, `?view=${view}&state=charge`);
      await page.getByRole('complementary').getByText(evil).first().waitFor();
      expect(await page.locator('img').count()).toBe(0);
      expect(complaints).toEqual([]);
    }
  });

  test.each(['light', 'dark'] as const)('is accessible, %s, at 1280 and 320 pixels', async (colorScheme) => {
    const key = begin(studio.cloud, 'Orders', 'order-1');
    await settled();
    for (const width of [1280, 320]) {
      for (const view of ['graph', 'timeline', 'events', 'data']) {
        const hash = `#/instance/${encodeURIComponent(key)}?view=${view}&state=price`;
        const { page } = await openStudio(studio.browser, studio.cloud, hash, {
          colorScheme,
          viewport: { width, height: 700 },
        });
        await page.getByRole('complementary').getByText('Result').waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    }
  });

  test('an instance that there isn’t is said so', async () => {
    const { page } = await open('nobody');
    await page.getByRole('alert').getByText('There is no instance "nobody" here.').waitFor();
  });
});

describeInBrowser('an orchestration', () => {
  const studio = studioForEach();

  test('is drawn, tells a state’s definition, and is started with an input', async () => {
    const { page, complaints } = await openStudio(studio.browser, studio.cloud, '#/orchestrations/Orders');
    await page.getByText('Charges an order', { exact: true }).waitFor();
    await page.getByRole('button', { name: /^cool/ }).click();
    await page.getByText('3600').first().waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('textbox', { name: 'Input' }).fill('{"amount": 700}');
    await page.getByRole('textbox', { name: /Execution name/ }).fill('big-1');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start Orders' }).click();
    await page.getByRole('heading', { name: 'big-1' }).waitFor();
    expect(studio.cloud.stepFunctions.listExecutions(studio.cloud.orchestration('Orders')).executions).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  test('can’t be started with text that is no JSON, and says what the cloud refused', async () => {
    const { page } = await openStudio(studio.browser, studio.cloud, '#/orchestrations/Orders?start=1');
    await page.getByRole('textbox', { name: 'Input' }).fill('{amount}');
    await page.getByText(/Line 1, column 2/).waitFor();
    expect(await page.getByRole('button', { name: 'Start Orders' }).isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Input' }).fill('{}');
    await page.getByRole('textbox', { name: /Execution name/ }).fill('a b/c');
    await page.getByRole('button', { name: 'Start Orders' }).click();
    await page.getByText(/InvalidName/).waitFor();
  });
});
