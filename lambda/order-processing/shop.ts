import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DurableClient, DurableStepsError } from '../../lib/client/index.js';
import type { Order, OrderDecision, OrderResult } from './order.js';
import { orderTable } from './order-table.js';
import { PRODUCTS, renderAdmin, renderMessage, renderOrder, renderShop } from './shop-pages.js';

type Answer = APIGatewayProxyStructuredResultV2;

interface Visit {
  readonly base: string;
  readonly form: URLSearchParams;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

const client = new DurableClient<{ 'process-order': { input: Order; output: OrderResult } }>();
const s3 = new S3Client({ forcePathStyle: true });

const ROUTES: Readonly<Record<string, (visit: Visit) => Promise<Answer>>> = {
  'GET /': async ({ base }) => page(renderShop(base)),
  'POST /orders': placeOrder,
  'GET /orders/{orderId}': showOrder,
  'GET /downloads/orders/{orderId}/{file}': download,
  'GET /admin': async ({ base }) => page(renderAdmin(base, await orderTable().list())),
  'POST /admin/orders/{orderId}/{decision}': decide,
};

/** The shop's web pages. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<Answer> => {
  const body =
    event.isBase64Encoded === true ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  const visit = {
    base: process.env['SHOP_URL'] ?? '',
    form: new URLSearchParams(body),
    parameters: event.pathParameters ?? {},
  };
  const route = ROUTES[event.routeKey];
  if (route === undefined) return page(renderMessage(visit.base, 'Not found', 'There is no such page.'), 404);
  if (event.requestContext.http.method === 'POST' && isFromElsewhere(event)) {
    return page(
      renderMessage(visit.base, 'Not from here', 'Orders and decisions are taken on the shop’s own pages.'),
      403,
    );
  }
  return event.rawPath.includes('/admin') && !isAdministrator(event) ? askForKey(visit) : route(visit);
};

/** A browser sends the key that it knows along with what another site's page posts. */
function isFromElsewhere({ headers, requestContext }: APIGatewayProxyEventV2): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  if (origin === undefined) return false;
  const ours = [headers['host'], requestContext.domainName];
  return !URL.canParse(origin) || !ours.includes(new URL(origin).host);
}

/** Any name, and the key as the password. The stack knows the key's digest alone. */
function isAdministrator({ headers }: APIGatewayProxyEventV2): boolean {
  const wanted = process.env['ADMIN_KEY_SHA256'] ?? '';
  const given = /^Basic (.+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (!/^[0-9a-f]{64}$/i.test(wanted) || given === undefined) return false;
  const text = Buffer.from(given, 'base64').toString('utf8');
  const digest = createHash('sha256')
    .update(text.slice(text.indexOf(':') + 1))
    .digest();
  return timingSafeEqual(digest, Buffer.from(wanted, 'hex'));
}

function askForKey({ base }: Visit): Answer {
  const { headers, ...rest } = page(
    renderMessage(base, 'For the administrator', 'These pages open with the key whose digest the stack was given.'),
    401,
  );
  return { ...rest, headers: { ...headers, 'www-authenticate': 'Basic realm="shop", charset="UTF-8"' } };
}

/** The order's id is random and long: who knows it may see the order. */
async function placeOrder({ base, form }: Visit): Promise<Answer> {
  const items = PRODUCTS.filter(({ sku }) => form.getAll('sku').includes(sku));
  const customer = { name: (form.get('name') ?? '').trim(), email: (form.get('email') ?? '').trim() };
  if (items.length === 0 || customer.name === '' || !/^[^\s@<>]+@[^\s@<>]+$/.test(customer.email)) {
    return page(renderMessage(base, 'Not ordered', 'Choose something, and give your name and mail address.'), 400);
  }
  const orderId = randomUUID();
  await client.start('process-order', { orderId, customer, items }, { instanceId: orderId });
  return { statusCode: 303, headers: { location: `${base}/orders/${orderId}` } };
}

async function showOrder({ base, parameters }: Visit): Promise<Answer> {
  const order = await orderTable().tryRead(parameters['orderId'] ?? '');
  if (order !== undefined) {
    const { customStatus } = await client.status(order.orderId);
    return page(renderOrder(base, order, typeof customStatus === 'string' ? customStatus : undefined));
  }
  return page(renderMessage(base, 'Order', 'This order is not there yet, or not at all. Look again in a moment.'), 404);
}

async function download({ base, parameters }: Visit): Promise<Answer> {
  const key = `orders/${parameters['orderId']}/${parameters['file']}`;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: process.env['DOWNLOADS_BUCKET'], Key: key }));
    const content = await Body?.transformToString('base64');
    return {
      statusCode: 200,
      headers: { 'content-type': 'application/pdf' },
      body: content ?? '',
      isBase64Encoded: true,
    };
  } catch (error) {
    if (!(error instanceof Error) || !['NoSuchKey', 'AccessDenied'].includes(error.name)) throw error;
    return page(renderMessage(base, 'Not found', 'There is no such download.'), 404);
  }
}

async function decide({ base, parameters }: Visit): Promise<Answer> {
  const { orderId = '', decision } = parameters;
  const payload: OrderDecision = { approved: decision === 'approve', by: 'the administrator' };
  try {
    await client.raiseEvent(orderId, 'OrderApproval', payload, 'decision-of-the-administrator');
    return { statusCode: 303, headers: { location: `${base}/admin` } };
  } catch (error) {
    if (!(error instanceof DurableStepsError)) throw error;
    return page(renderMessage(base, 'Too late', 'This order no longer waits for an approval.'), 410);
  }
}

function page(body: string, statusCode = 200) {
  return {
    statusCode,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    },
    body,
  };
}
