import { tryOwn } from '../../asl/language/json.js';
import { DurableStepsError } from '../../errors.js';

/** What an HTTP request got. */
export interface HttpAnswer<Body = unknown> {
  /** Where it came from: another place than asked for, when the app redirected. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed, when the answer says that it is JSON; else the text. */
  readonly body: Body;
  readonly text: string;
  /** The answer as it came, for files. */
  readonly bytes: Uint8Array;
}

/** Does an HTTP request, and lets what it sets off happen before it resolves. */
export type Requester = (url: string, init?: RequestInit) => Promise<HttpAnswer>;

/** The value of each field of a form, by name. */
export type FormFields = Readonly<Record<string, string>>;

/** A page as a person sees it in a browser without JavaScript: status, text, a form to submit. */
export class WebPage {
  constructor(
    private readonly answer: HttpAnswer,
    private readonly request: Requester,
  ) {}

  /** Where it is, after redirects. */
  get url(): string {
    return this.answer.url;
  }

  get status(): number {
    return this.answer.status;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.answer.headers;
  }

  get html(): string {
    return this.answer.text;
  }

  /** What can be read on it, in one line. */
  get text(): string {
    return readableText(this.html);
  }

  /** Whether it has a form: an approval that is still open has one. */
  get hasForm(): boolean {
    return findForm(this.html) !== undefined;
  }

  /** Submits its first form: the fields as they are, overwritten by these. Gives the page that comes back, redirects followed. */
  async submit(fields: FormFields = {}): Promise<WebPage> {
    const form = findForm(this.html);
    if (form === undefined) {
      throw new DurableStepsError('NoForm', {
        where: this.url,
        expected: 'a page with a form',
        got: `${this.status}: ${this.text.slice(0, 300)}`,
      });
    }
    const target = new URL(form.action ?? this.url, this.url).href;
    const data = new URLSearchParams({ ...form.fields, ...fields });
    if (form.method !== 'post') return openPage(this.request, `${target.split('?')[0]}?${data}`);
    return new WebPage(await this.request(target, { method: 'POST', body: data }), this.request);
  }

  /** Approves on an approval page. */
  approve(fields: FormFields = {}): Promise<WebPage> {
    return this.submit({ decision: 'approve', ...fields });
  }

  /** Rejects on an approval page. */
  reject(fields: FormFields = {}): Promise<WebPage> {
    return this.submit({ decision: 'reject', ...fields });
  }
}

/** Opens a page with GET. */
export async function openPage(request: Requester, url: string): Promise<WebPage> {
  return new WebPage(await request(url), request);
}

interface Form {
  readonly action: string | undefined;
  readonly method: string;
  readonly fields: FormFields;
}

function findForm(html: string): Form | undefined {
  const match = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  if (match === null) return undefined;
  const [, head = '', content = ''] = match;
  const inputs = [...content.matchAll(/<input\b([^>]*)>/gi)].flatMap(([, attributes = '']) => {
    const name = attribute(attributes, 'name');
    return name === undefined ? [] : [[name, attribute(attributes, 'value') ?? ''] as const];
  });
  const areas = [...content.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi)].flatMap(
    ([, attributes = '', text = '']) => {
      const name = attribute(attributes, 'name');
      return name === undefined ? [] : [[name, unescapeHtml(text)] as const];
    },
  );
  const method = (attribute(head, 'method') ?? 'get').toLowerCase();
  return { action: attribute(head, 'action'), method, fields: Object.fromEntries([...inputs, ...areas]) };
}

function attribute(text: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(text);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value === undefined ? undefined : unescapeHtml(value);
}

function readableText(html: string): string {
  const visible = html.replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]+>/g, ' ');
  return unescapeHtml(visible).replace(/\s+/g, ' ').trim();
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return tryOwn(ENTITIES, name) ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
