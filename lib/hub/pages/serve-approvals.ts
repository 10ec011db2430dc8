import { MAX_COMMENT_LENGTH } from '../../contract/approval.js';
import { decideApproval, type GivenDecision, type Visit, visitApproval } from '../approvals/visit.js';
import { answerBare, type PageAnswer } from '../html/page.js';
import type { Hub } from '../hub.js';
import { approvalPage, problemPage } from './approval-pages.js';

/** The part of API Gateway's HTTP API event (payload format 2.0) that the pages read. */
export interface PageEvent {
  readonly rawPath: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly domainName?: string;
    readonly http: { readonly method: string; readonly sourceIp?: string; readonly userAgent?: string };
  };
}

/** What is kept of those who decide, and shown afterwards. */
export interface ApprovalPrivacy {
  /** @default true */
  readonly recordVisitors?: boolean;
  /** @default - without end */
  readonly showDecidedSeconds?: number;
}

/**
 * Serves a link of an approval. GET and HEAD show, and change nothing; only POST with the form of the page decides. Whatever happens, the answer is a page
 * that tells nothing of the inside.
 */
export async function serveApproval(hub: Hub, event: PageEvent, privacy: ApprovalPrivacy = {}): Promise<PageAnswer> {
  try {
    return await serve(hub, event, privacy);
  } catch (error) {
    console.error(JSON.stringify({ level: 'ERROR', error: describeForLog(error) }));
    return problemPage(
      503,
      {
        badge: 'Not available just now',
        title: 'Please try again',
        text: 'The page can’t be shown just now. If you decided, open the link once more to see whether your decision was recorded.',
      },
      { 'retry-after': '5' },
    );
  }
}

async function serve(hub: Hub, event: PageEvent, privacy: ApprovalPrivacy): Promise<PageAnswer> {
  const visit = async (): Promise<Visit> => hideOld(hub, await visitApproval(hub, link), privacy);
  const link = event.pathParameters?.['link'] ?? event.rawPath.slice(event.rawPath.lastIndexOf('/') + 1);
  switch (event.requestContext.http.method) {
    case 'GET':
      return approvalPage(await visit());
    case 'HEAD':
      return { ...approvalPage(await visit()), body: '' };
    case 'POST':
      return decide(hub, link, event, privacy);
    case 'OPTIONS':
      return answerBare(204, { allow: ALLOWED });
    default:
      return problemPage(
        405,
        { title: 'Not like this', text: 'Open the link in your mail to decide.' },
        { allow: ALLOWED },
      );
  }
}

const ALLOWED = 'GET, HEAD, POST, OPTIONS';

/** What is settled for longer than it is to be shown is like what there isn't. */
function hideOld(hub: Hub, visit: Visit, { showDecidedSeconds = Number.POSITIVE_INFINITY }: ApprovalPrivacy): Visit {
  const settled = visit.state === 'unknown' ? undefined : visit.approval.settled;
  return settled !== undefined && hub.now() > settled.at + showDecidedSeconds * 1000 ? { state: 'unknown' } : visit;
}

async function decide(hub: Hub, link: string, event: PageEvent, privacy: ApprovalPrivacy): Promise<PageAnswer> {
  if (!comesFromOurPage(event)) {
    return problemPage(403, {
      title: 'This came from another site',
      text: 'A decision is taken on the page itself only: open the link in your mail.',
    });
  }
  const form = readForm(event, privacy);
  if ('refused' in form) return form.refused;
  const outcome = await decideApproval(hub, link, form);
  // Seen anew by GET: going back or reloading never posts a second time.
  if (outcome.counts) return answerBare(303, { location: link });
  return approvalPage(hideOld(hub, outcome.visit, privacy), true);
}

/**
 * Whether a POST was made by our own page, or by no page at all. The link is the secret, which another site can't know; this keeps out what has learnt it
 * all the same. Our pages send no referrer, so browsers that don't know `Sec-Fetch-Site` give them the origin `null`.
 */
function comesFromOurPage({ headers = {}, requestContext }: PageEvent): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = headers['origin'];
  if (origin === undefined || origin === 'null') return true;
  const ours = [headers['host'], requestContext.domainName];
  return URL.canParse(origin) && ours.includes(new URL(origin).host);
}

type Form = GivenDecision | { readonly refused: PageAnswer };

const FIELDS = ['decision', 'comment'];

function readForm(event: PageEvent, { recordVisitors = true }: ApprovalPrivacy): Form {
  const type = event.headers?.['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return refuse(415, 'Unknown form', 'Please decide with the buttons of the page.');
  }
  const fields = tryReadFields(event);
  const decision = fields?.get('decision');
  if (fields === undefined || (decision !== 'approve' && decision !== 'reject')) {
    return refuse(400, 'Incomplete form', 'Please go back, and press Approve or Reject.');
  }
  const comment = (fields.get('comment') ?? '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  if (comment.length > MAX_COMMENT_LENGTH) {
    return refuse(413, 'The comment is too long', `Please shorten it to ${MAX_COMMENT_LENGTH} characters.`);
  }
  return {
    approved: decision === 'approve',
    comment: comment === '' ? null : comment,
    from: recordVisitors ? visitorOf(event) : { address: null, userAgent: null },
  };
}

function visitorOf({ headers, requestContext: { http } }: PageEvent): GivenDecision['from'] {
  const userAgent = headers?.['user-agent'] ?? http.userAgent;
  return { address: http.sourceIp ?? null, userAgent: userAgent?.slice(0, 300) ?? null };
}

/** The form's fields: ours only, each once. */
function tryReadFields({ body = '', isBase64Encoded }: PageEvent): URLSearchParams | undefined {
  const text = isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body;
  const fields = new URLSearchParams(text);
  const names = [...fields.keys()];
  const isOurs = names.every((name) => FIELDS.includes(name)) && new Set(names).size === names.length;
  return isOurs ? fields : undefined;
}

function refuse(status: number, title: string, text: string): { readonly refused: PageAnswer } {
  return { refused: problemPage(status, { title, text }) };
}

function describeForLog(error: unknown): unknown {
  return error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : String(error);
}
