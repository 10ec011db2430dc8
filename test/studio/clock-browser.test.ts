import type { Browser } from 'playwright-core';
import { RealClock, VirtualClock } from '../../lib/clock.js';
import type { LocalCloud } from '../../lib/local/cloud/local-cloud.js';
import { describeClock, moveClock } from '../../lib/local/studio/clock-moves.js';
import { describeInBrowser, launchBrowser } from '../end-to-end/browser.js';
import { closeAll } from '../local/local-app.js';
import { accessibilityFaults, begin, openStudio, startStudioApp } from './studio-app.js';

jest.setTimeout(120_000);

describeInBrowser('the clock', () => {
  let browser: Browser;
  let cloud: LocalCloud;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(closeAll);

  test('says why time stands still, and moves it to what is due, or by so much', async () => {
    cloud = await startStudioApp();
    cloud.clock.hold('an answer');
    begin(cloud, 'Orders', 'order-1');
    const { page, complaints } = await openStudio(browser, cloud);
    const clock = page.getByRole('region', { name: 'Clock' });
    await clock.getByText('stands still: an answer').waitFor();
    await page.getByRole('row').filter({ hasText: 'order-1' }).getByText('Running').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await clock.getByRole('button', { name: 'To what is due in 1 h' }).click();
    await page.getByRole('row').filter({ hasText: 'order-1' }).getByText('Completed').waitFor();
    await clock.getByRole('button', { name: 'Nothing is due' }).waitFor();
    const before = cloud.clock.now();
    await clock.getByRole('button', { name: '+1 d' }).click();
    await clock.getByText('Mar 2').waitFor();
    expect(cloud.clock.now() - before).toBe(86_400_000);
    expect(complaints).toEqual([]);
  });

  test('is not there for a host in real time', async () => {
    const clock = new RealClock();
    cloud = await startStudioApp({ clock });
    const { page } = await openStudio(browser, cloud);
    await page.getByText('Nothing has run yet').waitFor();
    expect(await page.getByRole('region', { name: 'Clock' }).count()).toBe(0);
    clock.close();
  });
});

test('real time, and time by no span, is not moved', async () => {
  const real = new RealClock();
  expect(describeClock(real)).toMatchObject({ mode: 'real', holds: [] });
  await expect(moveClock(real, { advance: 1 })).rejects.toThrow(/--virtual/);
  real.close();
  const clock = new VirtualClock({ start: 0 });
  for (const advance of [0, -1, 1.5, '1', null, 1e12])
    await expect(moveClock(clock, { advance })).rejects.toThrow(/expected whole milliseconds/);
  expect(clock.now()).toBe(0);
});
