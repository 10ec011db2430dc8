import { App } from 'aws-cdk-lib';
import { PDFDocument } from 'pdf-lib';
import { HubStack } from '../../bin/demos/hub.js';
import { ProcessOrderStack } from '../../bin/demos/process-order.js';
import type { Order } from '../../lambda/order-processing/order.js';
import { ApiAuth } from '../../lib/index.js';
import { TestEnvironment } from '../../lib/testing/index.js';

jest.setTimeout(60_000);

const app = new App();
const { hub } = new HubStack(app, 'Hub');
const stack = new ProcessOrderStack(app, 'ProcessOrder', { hub, adminKeySha256: ApiAuth.digestOf('s3cret') });
const { saveOrder, setState, createPdf, sendMail } = stack.activities;
let env: TestEnvironment;

beforeAll(async () => {
  env = await TestEnvironment.create(stack);
  await startHub();
});
afterAll(() => env.close());
afterEach(() => env.reset());

const administrator = (key: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`admin:${key}`).toString('base64')}` },
});
const customer = { name: 'Ada', email: 'ada@example.com' };
const book = { sku: 'book', title: 'A Book', price: 40 };
const licence = { sku: 'licence', title: 'A Licence', price: 1500 };

/** The first instance of an environment starts the threads of the hub's functions; later ones find them running. */
async function startHub(): Promise<void> {
  stubActivities();
  const instance = await env.start(stack.processOrder, { orderId: 'o-0', customer, items: [licence] });
  await instance.waiting();
  await instance.terminate('all is running');
  env.reset();
}

function stubActivities(): void {
  env.stub(saveOrder, ({ orderId, items }) => ({ orderId, total: items.reduce((sum, { price }) => sum + price, 0) }));
  env.stub(setState, () => null);
  env.stub(createPdf, ({ orderId, item }) => ({ title: item.title, key: `${orderId}/${item.sku}` }));
  env.stub(sendMail, () => ({ messageId: 'm-1' }));
}

describe('the orchestration, its activities stubbed', () => {
  beforeEach(stubActivities);

  function place(orderId: string, ...items: Order['items']) {
    return env.start(stack.processOrder, { orderId, customer, items }, { instanceId: orderId });
  }

  test('saves the order before anything else', async () => {
    await place('o-1', book);
    expect(env.activity(saveOrder).inputs).toEqual([{ orderId: 'o-1', customer, items: [book] }]);
  });

  test('delivers a small order at once: a PDF per item, and a mail', async () => {
    const instance = await place('o-2', book, { ...book, sku: 'book2' });
    expect(await instance.completed()).toEqual({
      Status: 'Success',
      Downloads: [
        { title: 'A Book', key: 'o-2/book' },
        { title: 'A Book', key: 'o-2/book2' },
      ],
    });
    expect(env.activity(sendMail).inputs).toMatchObject([{ kind: 'success', customer }]);
    expect(env.activity(setState).inputs.map(({ state }) => state)).toEqual(['Completed']);
  });

  test('delivers a large order once it is approved', async () => {
    const instance = await place('o-3', licence);
    expect(await instance.waiting()).toHaveLength(1);
    expect(instance.customStatus).toBe('waiting for approval');
    await env.advance({ seconds: 179 });
    await instance.raiseEvent('OrderApproval', { approved: true, by: 'Grace' });
    expect(await instance.completed()).toMatchObject({ Status: 'Success' });
    expect(instance.customStatuses).toEqual(['waiting for approval', 'creating PDFs', 'completed']);
  });

  test.each([
    [
      'rejected',
      async (instance: { raiseEvent(name: string, payload: unknown): Promise<void> }) =>
        instance.raiseEvent('OrderApproval', { approved: false, by: 'Grace' }),
    ],
    ['not approved within 180 s', () => env.advance({ seconds: 180 })],
  ])('refuses a large order that is %s', async (_what, act) => {
    const instance = await place(`o-${_what}`, licence);
    await act(instance);
    expect(await instance.completed()).toEqual({ Status: 'NotApproved' });
    expect(env.activity(sendMail).inputs).toMatchObject([{ kind: 'not-approved' }]);
    expect(env.activity(createPdf).callCount).toBe(0);
  });

  test('reports a problem when a PDF fails', async () => {
    env.activity(createPdf).failOnCall(2, { name: 'PdfFailed', message: 'out of ink' });
    const instance = await place('o-5', book, { ...book, sku: 'book2' });
    expect(await instance.completed()).toEqual({ Status: 'Problem', Message: 'out of ink' });
    expect(env.activity(sendMail).inputs).toMatchObject([{ kind: 'problem' }]);
  });

  test('tries a mail three times, 30 s apart, before it reports a problem', async () => {
    const mail = env.activity(sendMail).failOnCalls(1, 3, 'MessageRejected');
    const instance = await place('o-6', book);
    expect(await instance.completed()).toMatchObject({ Status: 'Problem' });
    expect(mail.inputs.map(({ kind }) => kind)).toEqual(['success', 'success', 'success', 'problem']);
    expect(mail.calls.map(({ at }) => at.getTime() - mail.calls[0]!.at.getTime())).toEqual([0, 30_000, 60_000, 60_000]);
  });
});

describe('the whole demo', () => {
  test('a customer orders in the shop and downloads a PDF of their own', async () => {
    const shop = await env.open(`${env.api(stack.shopApi).url}/`);
    expect(shop.text).toContain('Durable Functions Explained');
    const order = await place(customer, 'durable-functions');
    await (await instanceOf(order)).completed();
    const page = await env.open(order);
    expect(page.text).toContain('Ada, €39.00: Completed');
    const mail = await env.mail({ to: 'ada@example.com' });
    expect(mail.subject).toMatch(/^Your order [0-9a-f-]{36} is ready$/);
    const answer = await env.api(stack.shopApi).get(mail.links[0]!);
    expect(answer.headers['content-type']).toBe('application/pdf');
    const pdf = await PDFDocument.load(answer.bytes);
    expect(pdf.getTitle()).toBe('Durable Functions Explained');
    expect(pdf.getPageCount()).toBe(1);
  });

  test('an administrator approves a large order on a page, once', async () => {
    const order = await place(customer, 'site-licence');
    expect((await env.open(order)).text).toContain('AwaitingApproval (waiting for approval)');
    const admin = await env.open(`${env.api(stack.shopApi).url}/admin`, administrator('s3cret'));
    expect(admin.text).toContain('Approve Reject');
    const after = await admin.submit();
    expect(after).toMatchObject({ status: 200, url: admin.url });
    expect(await (await instanceOf(order)).completed()).toMatchObject({ Status: 'Success' });
    expect((await env.open(admin.url, administrator('s3cret'))).text).not.toContain('Approve');
    const again = await admin.submit();
    expect(again.status).toBe(410);
    expect(again.text).toContain('no longer waits');
    expect((await env.open(order)).text).toContain('Site Licence, 100 Readers');
  });

  test('the administrator’s pages are shut without the key, and take nothing from another site', async () => {
    const order = await place(customer, 'site-licence');
    const shop = env.api(stack.shopApi);
    const decide = `/admin/orders/${order.split('/').at(-1)}/approve`;
    const attempts = [undefined, administrator('wrong'), { headers: { authorization: 'Basic !' } }];
    for (const options of attempts) {
      const [shown, decided] = [await shop.get('/admin', options), await shop.post(decide, undefined, options)];
      expect([shown.status, decided.status]).toEqual([401, 401]);
      expect(shown.headers['www-authenticate']).toMatch(/^Basic /);
      expect(shown.text).not.toContain(customer.name);
    }
    const { headers } = administrator('s3cret');
    for (const foreign of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])
      expect((await shop.post(decide, undefined, { headers: { ...headers, ...foreign } })).status).toBe(403);
    expect((await env.open(order)).text).toContain('AwaitingApproval');
  });

  test('a large order that nobody approves is refused by mail', async () => {
    const order = await place({ name: 'Eve', email: 'eve@example.com' }, 'site-licence');
    await env.advance({ minutes: 3 });
    expect(await (await instanceOf(order)).completed()).toEqual({ Status: 'NotApproved' });
    expect((await env.mail({ to: 'eve@example.com' })).subject).toContain('was not approved');
    expect((await env.open(order)).text).toContain('NotApproved');
  });

  test('a name that the PDF font has no signs for becomes a problem, not a lost order', async () => {
    const order = await place({ name: '愛達', email: 'ada@example.com' }, 'step-functions');
    expect(await (await instanceOf(order)).completed()).toMatchObject({
      Status: 'Problem',
      Message: expect.stringContaining('WinAnsi cannot encode'),
    });
    expect((await env.mail({ to: 'ada@example.com' })).subject).toContain('A problem with your order');
  });

  test('the shop escapes what customers write, and refuses incomplete orders', async () => {
    const order = await place({ name: '<script>alert(1)</script>', email: 'x@example.com' }, 'step-functions');
    const page = await env.open(order);
    expect(page.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const shop = await env.open(`${env.api(stack.shopApi).url}/`);
    expect((await shop.submit({ name: 'Ada', email: 'ada' })).status).toBe(400);
  });

  /** Fills the shop's form in; gives the address of the order's page. */
  async function place({ name, email }: Order['customer'], sku: string): Promise<string> {
    const answer = await env.api(stack.shopApi).post('/orders', new URLSearchParams({ sku, name, email }));
    expect(answer.status).toBe(303);
    return answer.headers['location']!;
  }

  async function instanceOf(orderPage: string) {
    return env.instance(stack.processOrder, orderPage.split('/').at(-1)!);
  }
});
