import {
  type Cloud,
  type CloudService,
  renderJson,
  ServiceError,
  type ServiceRequest,
  type ServiceResponse,
} from '../../cloud/service.js';
import { Mailbox, type ReceivedMail } from './mailbox.js';
import { renderMailHtml, renderMailList, renderMailPage, renderNoMail } from './mailbox-pages.js';

/** Pages of our own: styles in the page, frames and forms of this server, nothing else. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A mail's HTML: no scripts, no network, no forms; links open outside of the frame. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'";

/**
 * The mailbox: what SES and SNS would have mailed, as a page at `/mailbox` and as JSON.
 *
 * - `GET /mailbox/messages`: all mails, the oldest first, each `{ id, from, to, subject, text, html, links, sentAt }`;
 * - `GET /mailbox/messages/<id>`: one;
 * - `DELETE /mailbox/messages`: forget them.
 *
 * Each new mail is told to the person at the terminal, with its links.
 */
export class MailboxService implements CloudService {
  readonly names = ['mailbox'];
  readonly mailbox = new Mailbox();
  readonly pages = { mailbox: (request: ServiceRequest) => this.answer(request) };

  constructor(cloud: Cloud) {
    this.mailbox.onMail(({ to, subject, links }) => {
      cloud.notify([`Mail to ${to.join(', ')}: ${subject}`, ...links.map((link) => `  ${link}`)].join('\n'));
    });
  }

  private async answer({ method, path }: ServiceRequest): Promise<ServiceResponse> {
    const [first, second, ...rest] = path.split('/').slice(2);
    if (rest.length > 0) return renderPage(renderNoMail(), 404);
    if (first === 'messages') return this.answerJson(method, second);
    if (method === 'POST' && first === 'clear') {
      this.mailbox.clear();
      return { status: 303, headers: { location: '/mailbox' } };
    }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
    return this.answerPage(first, second);
  }

  private answerJson(method: string, id: string | undefined): ServiceResponse {
    if (method === 'DELETE' && id === undefined) {
      this.mailbox.clear();
      return { status: 204 };
    }
    if (method !== 'GET') return { status: 405, headers: { allow: 'GET, DELETE' } };
    if (id === undefined) return json(this.mailbox.list());
    const mail = this.mailbox.tryFind(id);
    return mail === undefined ? renderJson({ message: 'No such mail' }, 404, 'application/json') : json(mail);
  }

  private answerPage(id: string | undefined, part: string | undefined): ServiceResponse {
    if (id === undefined || id === '') return renderPage(renderMailList(this.mailbox.list()));
    const mail = this.mailbox.tryFind(id);
    if (mail === undefined || (part !== undefined && part !== 'html')) return renderPage(renderNoMail(), 404);
    if (part === undefined) return renderPage(renderMailPage(mail));
    return renderPage(renderMailHtml(mail.html ?? ''), 200, MAIL_POLICY);
  }
}

/** The mailbox of a cloud. */
export function mailboxOf(cloud: Cloud): Mailbox {
  const service = cloud.tryService('mailbox');
  if (service instanceof MailboxService) return service.mailbox;
  throw new ServiceError('ServiceUnavailable', 'This cloud has no mailbox.', 503);
}

function json(body: ReceivedMail | readonly ReceivedMail[]): ServiceResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

function renderPage(body: string, status = 200, policy = PAGE_POLICY): ServiceResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}
