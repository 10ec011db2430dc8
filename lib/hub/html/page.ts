import { createHash } from 'node:crypto';
import { type Html, html } from './html.js';
import { STYLE } from './style.js';

/** A page as an HTTP answer, in API Gateway's payload format 2.0. */
export interface PageAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a page shows. */
export interface HtmlPage {
  readonly status: number;
  /** Of the window, and of a mail program's preview: tells nothing of the question. */
  readonly title: string;
  readonly body: Html;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');

/** Headers of every answer: nothing is loaded, framed, cached, indexed, or told to other sites. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_DIGEST}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

/** Renders a page. */
export function renderPage({ status, title, body, headers }: HtmlPage): PageAnswer {
  const document = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>`;
  return {
    statusCode: status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...HEADERS, ...headers },
    body: `<!doctype html>\n${document.text}${STYLE}</style>\n</head>\n<body>\n<main>\n${body.text}\n</main>\n</body>\n</html>\n`,
  };
}

/** An answer without a page, with the same headers. */
export function answerBare(statusCode: number, headers: Readonly<Record<string, string>>): PageAnswer {
  return { statusCode, headers: { ...HEADERS, ...headers }, body: '' };
}
