import { timingSafeEqual } from 'node:crypto';
import { STUDIO_TOKEN_HEADER } from '../../contract/studio.js';
import { renderJson, type ServiceRequest, type ServiceResponse } from '../cloud/service.js';

type Asked = Pick<ServiceRequest, 'method' | 'headers' | 'path'>;

/** Studio's own origin. Its pages answer nowhere else: the app's own pages are on 127.0.0.1, another origin, and read nothing of it. */
export function studioOrigin(endpoint: string): string {
  return endpoint.replace('//127.0.0.1:', '//localhost:');
}

/** Whether a request came to Studio's host name. */
export function isAtStudio({ headers }: Pick<Asked, 'headers'>, endpoint: string): boolean {
  return `http://${headers['host']}` === studioOrigin(endpoint);
}

/** Why a request is refused; undefined when it may pass. A write needs the token that only Studio's page has. */
export function refusalOf(request: Asked, endpoint: string, token: string): ServiceResponse | undefined {
  if (!isAtStudio(request, endpoint)) return refuse(421, `Studio answers on ${studioOrigin(endpoint)} only.`);
  if (!isFromOwnPage(request)) return refuse(403, 'Studio takes no requests from pages of other origins.');
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  return equals(request.headers[STUDIO_TOKEN_HEADER] ?? '', token)
    ? undefined
    : refuse(
        403,
        `A write needs the header ${STUDIO_TOKEN_HEADER}; reload the page if the local cloud was started again.`,
      );
}

/** Whether no page of another origin, port included, made a browser send this. */
export function isFromOwnPage({ method, headers }: Pick<Asked, 'method' | 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && method === 'GET';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigates) return false;
  const origin = headers['origin'];
  return origin === undefined || origin === `http://${headers['host']}`;
}

function refuse(status: number, message: string): ServiceResponse {
  return renderJson({ message }, status, 'application/json');
}

function equals(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
