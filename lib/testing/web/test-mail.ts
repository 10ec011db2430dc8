import { DurableStepsError } from '../../errors.js';
import type { ReceivedMail } from '../../local/services/mailbox/mailbox.js';
import { type FormFields, openPage, type Requester, type WebPage } from './web-page.js';

/** Which mail: each given part has to fit; a text, when it is contained. */
export interface MailFilter {
  /** One of its recipients. */
  readonly to?: string;
  readonly subject?: string | RegExp;
  /** Something in its text or HTML. */
  readonly containing?: string | RegExp;
}

/** A mail that the app sent, with what a recipient may do with it. */
export class TestMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** The plain text part; empty when it has none. */
  readonly text: string;
  /** The HTML part; empty when it has none. */
  readonly html: string;
  /** The web addresses in it, each once, in reading order. */
  readonly links: readonly string[];
  readonly sentAt: Date;

  constructor(
    mail: ReceivedMail,
    private readonly request: Requester,
  ) {
    const { from, to, subject, text = '', html = '', links, sentAt } = mail;
    this.from = from;
    this.to = to;
    this.subject = subject;
    this.text = text;
    this.html = html;
    this.links = links;
    this.sentAt = new Date(sentAt);
  }

  /** Opens its first link, or the first that matches, with GET: as a person does, or a mail scanner. */
  async open(matching: string | RegExp = ''): Promise<WebPage> {
    const link = this.links.find((one) => fits(one, matching));
    if (link !== undefined) return openPage(this.request, link);
    throw new DurableStepsError('NoLink', {
      where: `the mail "${this.subject}" to ${this.to.join(', ')}`,
      expected: `a link${matching === '' ? '' : ` that matches ${String(matching)}`}`,
      got: this.links.length === 0 ? 'none' : this.links.join(', '),
    });
  }

  /** Opens its approval page and presses Approve. Gives the page that comes back. */
  async approve(fields: FormFields = {}): Promise<WebPage> {
    return (await this.open('/approvals/')).approve(fields);
  }

  /** Opens its approval page and presses Reject. */
  async reject(fields: FormFields = {}): Promise<WebPage> {
    return (await this.open('/approvals/')).reject(fields);
  }
}

/** Whether a mail is one that is looked for. */
export function mailFits({ to, subject, text = '', html = '' }: ReceivedMail, filter: MailFilter): boolean {
  return (
    (filter.to === undefined || to.includes(filter.to)) &&
    (filter.subject === undefined || fits(subject, filter.subject)) &&
    (filter.containing === undefined || fits(text, filter.containing) || fits(html, filter.containing))
  );
}

function fits(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}
