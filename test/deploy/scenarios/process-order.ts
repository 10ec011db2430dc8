import type { Cloud } from '../cloud.js';
import type { Scenario } from '../scenario.js';

export const processOrder: readonly Scenario[] = [
  {
    fact: 'an order in the shop becomes a PDF, which the customer downloads',
    orchestrations: ['ProcessOrder/ProcessOrder'],
    run: async (cloud) => {
      const page = await place(cloud, 'step-functions');
      const completed = await readUntil(cloud, page, 'Completed');
      const file = /href="([^"]*\/downloads\/[^"]*)"/.exec(completed)?.[1] ?? '';
      const pdf = Buffer.from(await (await fetch(await absolute(cloud, file))).arrayBuffer());
      return pdf.subarray(0, 5).toString();
    },
    expected: '%PDF-',
  },
  {
    fact: 'a large order waits for an administrator, who approves it on a page',
    orchestrations: ['ProcessOrder/ProcessOrder'],
    run: async (cloud) => {
      const page = await place(cloud, 'site-licence');
      await readUntil(cloud, page, 'AwaitingApproval');
      const id = page.split('/').at(-1) ?? '';
      // The wait begins a moment after the page says so; an event raised before is kept.
      await fetch(`${await shopUrl(cloud)}/admin/orders/${id}/approve`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` },
        redirect: 'manual',
      });
      return (await readUntil(cloud, page, 'Completed')).includes('Site Licence');
    },
    expected: true,
  },
];

function shopUrl(cloud: Cloud): Promise<string> {
  return cloud.api('ProcessOrder/Shop');
}

/** Orders something. @returns the address of the order's page */
async function place(cloud: Cloud, sku: string): Promise<string> {
  const answer = await fetch(`${await shopUrl(cloud)}/orders`, {
    method: 'POST',
    body: new URLSearchParams({ sku, name: 'Ada', email: 'ada@example.com' }),
    redirect: 'manual',
  });
  const location = answer.headers.get('location');
  if (answer.status !== 303 || location === null) throw new Error(`order: ${answer.status} ${await answer.text()}`);
  return absolute(cloud, location);
}

function readUntil(cloud: Cloud, page: string, text: string): Promise<string> {
  return cloud.until(`"${text}" on the order's page`, 60, async () => {
    const html = await (await fetch(page)).text();
    return html.includes(text) ? html : undefined;
  });
}

/** The shop's links begin with the address that its stack was told; the emulator is reached at another one. */
async function absolute(cloud: Cloud, link: string): Promise<string> {
  const path = /\/(?:orders|downloads)\/.*$/.exec(link)?.[0] ?? link;
  return `${await shopUrl(cloud)}${path}`;
}
