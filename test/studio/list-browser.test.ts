import { describeInBrowser } from '../end-to-end/browser.js';
import { accessibilityFaults, begin, openStudio, studioForEach } from './studio-app.js';

jest.setTimeout(120_000);

describeInBrowser('the list of instances', () => {
  const studio = studioForEach();

  test('shows what runs as it starts, and keeps filters in the address over a reload', async () => {
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByText('Nothing has run yet').waitFor();
    begin(studio.cloud, 'Orders', 'order-1');
    begin(studio.cloud, 'Charges', 'charge-1', { fail: 'card expired' });
    await page.getByRole('link', { name: 'order-1' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'charge-1' }).getByText('PaymentDeclined').waitFor();
    await page.getByRole('button', { name: /^Failed/ }).click();
    await page.reload();
    await page.getByRole('link', { name: 'charge-1' }).waitFor();
    expect(await page.getByRole('link', { name: 'order-1' }).count()).toBe(0);
    expect(page.url()).toContain('status=Failed');
    expect(complaints).toEqual([]);
  });

  test('a click on a failed instance shows why it failed, and is accessible', async () => {
    begin(studio.cloud, 'Charges', 'charge-1', { fail: '<b>card expired</b>' });
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByRole('link', { name: 'charge-1' }).click();
    const reason = await page.getByRole('alert').textContent();
    expect(reason).toContain('PaymentDeclined in charge<b>card expired</b>');
    await page.getByText('failed · 3 s · 3 attempts').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('holds 2,000 rows with few elements, and finds one by its id', async () => {
    for (let number = 0; number < 2_000; number++) begin(studio.cloud, 'Charges', `bulk-${number}`);
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByRole('table', { name: 'Instances' }).waitFor();
    expect(await page.getByRole('table', { name: 'Instances' }).getAttribute('aria-rowcount')).toBe('2001');
    expect(await page.locator('*').count()).toBeLessThan(2_000);
    await page.keyboard.press('/');
    await page.keyboard.type('bulk-1777');
    await page.getByRole('link', { name: 'bulk-1777' }).waitFor();
    expect(await page.getByRole('table', { name: 'Instances' }).getAttribute('aria-rowcount')).toBe('2');
    expect(complaints).toEqual([]);
  });

  test('says why the app as it is written can’t run, until it can', async () => {
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByText('Nothing has run yet').waitFor();
    studio.cloud.showFailure('`Charge/Function`: expected code <b>');
    const alert = page.getByRole('alert').filter({ hasText: '`Charge/Function`: expected code <b>' });
    await alert.getByText('What ran before goes on').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await studio.cloud.update(studio.cloud.assembly.directory);
    await alert.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('shows hostile ids, errors and statuses as text', async () => {
    const evil = '<img src=x onerror=alert(1)>"\u202e';
    begin(studio.cloud, 'Charges', 'evil', { fail: evil, order: evil });
    const { page, complaints } = await openStudio(studio.browser, studio.cloud);
    await page.getByRole('link', { name: 'evil' }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('is accessible, %s, at 1280 and 320 pixels', async (colorScheme) => {
    begin(studio.cloud, 'Orders', 'order-1');
    begin(studio.cloud, 'Charges', 'charge-1', { fail: 'card expired' });
    for (const width of [1280, 320]) {
      const { page } = await openStudio(studio.browser, studio.cloud, '#/instances', {
        colorScheme,
        viewport: { width, height: 700 },
      });
      await page.getByRole('link', { name: 'charge-1' }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });
});
