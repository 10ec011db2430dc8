import { randomUUID } from 'node:crypto';
import { tryOwn } from '../../asl/language/json.js';
import { isFromOwnPage } from '../studio/guard.js';
import type { Callers } from './callers.js';
import { type HttpRequest, isLocalHost } from './http-server.js';
import {
  type CloudService,
  DEVELOPER,
  type PageHandler,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from './service.js';

/** What the router asks of the cloud. */
export interface RouterSurroundings {
  readonly callers: Callers;
  readonly region: string;
  now(): number;
  tryService(name: string): CloudService | undefined;
  /** The page handler of a first path segment. */
  tryPage(segment: string): PageHandler | undefined;
  renderIndex(request: HttpRequest): ServiceResponse | Promise<ServiceResponse>;
  warn(line: string): void;
}

/** Whose request it is, by its signature. */
interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** Signing names of services that are reached by their pages. */
const PAGE_OF_SERVICE: Readonly<Record<string, string>> = { 'execute-api': 'apis' };

/**
 * Leads a request to its service.
 *
 * A signed request goes by the service of its credential scope; an unsigned one by its host (`<apiId>.execute-api.localhost`) or by the first segment of
 * its path. A browser on a foreign site gets nothing that a signature or the mailbox guards.
 */
export async function route(request: HttpRequest, cloud: RouterSurroundings): Promise<ServiceResponse> {
  const headers = { date: new Date(cloud.now()).toUTCString(), 'x-amzn-requestid': randomUUID() };
  const response = await answer(request, cloud);
  return { ...response, headers: { ...headers, ...response.headers } };
}

async function answer(request: HttpRequest, cloud: RouterSurroundings): Promise<ServiceResponse> {
  const signature = readSignature(request);
  if (signature !== undefined && tryOwn(PAGE_OF_SERVICE, signature.service) === undefined) {
    if (isForeignBrowser(request)) return refuseForeign(request);
    return answerService(request, signature, cloud);
  }
  const page = readPage(request);
  const handler = cloud.tryPage(page);
  const caller = signature === undefined ? DEVELOPER : cloud.callers.find(signature.accessKeyId);
  const region = signature?.region ?? cloud.region;
  if (handler !== undefined) {
    if (page === 'apis' && opensBesideStudio(request)) return leadToAppOrigin(request);
    // An API has its own rules for browsers (CORS, authorizers); every other page is for this machine only.
    if (page !== 'apis' && (isForeignBrowser(request) || !isFromOwnPage(request))) return refuseForeign(request);
    return guarded(() => handler({ ...request, service: page, region, caller }), page, cloud);
  }
  if (request.path === '/' && request.method === 'GET') return cloud.renderIndex(request);
  if (request.headers['x-amz-target'] !== undefined) {
    return renderJson({ __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }, 403);
  }
  return renderJson({ message: `Nothing answers ${request.method} ${request.path} here.` }, 404, 'application/json');
}

async function answerService(
  request: HttpRequest,
  signature: Signature,
  cloud: RouterSurroundings,
): Promise<ServiceResponse> {
  const service = cloud.tryService(signature.service);
  if (service?.api === undefined) {
    const message =
      service === undefined
        ? `The local cloud has no service "${signature.service}".`
        : `The local cloud has no API of "${signature.service}": what it has comes from the template.`;
    return renderJson({ __type: 'UnsupportedServiceException', message, Message: message }, 501);
  }
  const full: ServiceRequest = {
    ...request,
    service: signature.service,
    region: signature.region,
    caller: cloud.callers.find(signature.accessKeyId),
  };
  try {
    return await service.api.answer(full);
  } catch (error) {
    const known = error instanceof ServiceError ? error : internalFailure(error, signature.service, cloud);
    return service.api.renderError(known, full);
  }
}

async function guarded(
  answerPage: () => Promise<ServiceResponse>,
  page: string,
  cloud: RouterSurroundings,
): Promise<ServiceResponse> {
  try {
    return await answerPage();
  } catch (error) {
    const known = error instanceof ServiceError ? error : internalFailure(error, page, cloud);
    return renderJson({ message: known.message }, known.status, 'application/json');
  }
}

function internalFailure(error: unknown, where: string, cloud: RouterSurroundings): ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  cloud.warn(`${where}: ${error instanceof Error ? (error.stack ?? message) : message}`);
  return new ServiceError('InternalFailure', message, 500);
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or in a presigned query. */
function readSignature({ headers, query }: HttpRequest): Signature | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(headers['authorization'] ?? '')?.[1];
  const [accessKeyId, , region, service, terminator] = (inHeader ?? query.get('X-Amz-Credential') ?? '').split('/');
  if (accessKeyId === undefined || region === undefined || service === undefined || terminator !== 'aws4_request')
    return undefined;
  return { accessKeyId, region, service };
}

/** The page that a request is for: HTTP APIs have host names of their own, everything else goes by the first segment of the path. */
function readPage({ headers, path }: HttpRequest): string {
  return /^[a-z0-9]+\.execute-api\./i.test(headers['host'] ?? '') ? 'apis' : (path.split('/')[1] ?? '');
}

/** Whether a page of the app is about to be shown on Studio's origin, whose token its scripts could read. */
function opensBesideStudio({ method, headers }: HttpRequest): boolean {
  const shows = headers['sec-fetch-mode'] === 'navigate' || (headers['accept'] ?? '').includes('text/html');
  return method === 'GET' && shows && /^localhost(:\d+)?$/i.test(headers['host'] ?? '');
}

function leadToAppOrigin({ path, query, headers }: HttpRequest): ServiceResponse {
  const host = (headers['host'] ?? '').replace(/^localhost/i, '127.0.0.1');
  const search = query.size === 0 ? '' : `?${query}`;
  return { status: 307, headers: { location: `http://${host}${path}${search}`, 'cache-control': 'no-store' } };
}

/** A request that a web page of another site made the browser send. */
function isForeignBrowser({ headers }: HttpRequest): boolean {
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') return true;
  const origin = headers['origin'];
  return origin !== undefined && !isLocalHost(origin.replace(/^https?:\/\//, ''));
}

function refuseForeign({ headers }: HttpRequest): ServiceResponse {
  const message = `The local cloud takes no requests from web pages of other sites (${headers['origin'] ?? 'cross-site'}).`;
  return renderJson({ __type: 'ForbiddenOrigin', message }, 403);
}
