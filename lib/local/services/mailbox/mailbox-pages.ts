import { splitLinks } from './links.js';
import type { ReceivedMail } from './mailbox.js';

/** The list of mails, the newest first. */
export function renderMailList(mails: readonly ReceivedMail[]): string {
  const rows = [...mails].reverse().map(
    ({ id, from, to, subject, sentAt }) =>
      `<li><a href="/mailbox/${id}"><strong>${escapeHtml(subject || '(no subject)')}</strong></a>
<span>to ${escapeHtml(to.join(', '))}, from ${escapeHtml(from)}, <time datetime="${sentAt}">${renderTime(sentAt)}</time></span></li>`,
  );
  const list = rows.length === 0 ? '<p>No mail yet.</p>' : `<ol class="mails">${rows.join('')}</ol>`;
  const clear = '<form method="post" action="/mailbox/clear"><button>Delete all</button></form>';
  return page(
    'Mailbox',
    `<h1>Mailbox</h1>
<p>Mails that the app sent here instead of to their recipients. <a href="/mailbox">Look again</a></p>
${list}${rows.length === 0 ? '' : clear}`,
  );
}

/** One mail: its text with clickable addresses, and its HTML in a sandboxed frame. */
export function renderMailPage({ id, from, to, subject, text, html, sentAt }: ReceivedMail): string {
  const frame =
    html === undefined
      ? ''
      : `<h2>HTML</h2><iframe title="HTML part of the mail" src="/mailbox/${id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`;
  const plain = text === undefined ? '' : `<h2>Text</h2><pre>${renderText(text)}</pre>`;
  return page(
    subject || '(no subject)',
    `<p><a href="/mailbox">All mails</a></p>
<h1>${escapeHtml(subject || '(no subject)')}</h1>
<dl><dt>From</dt><dd>${escapeHtml(from)}</dd><dt>To</dt><dd>${escapeHtml(to.join(', '))}</dd>
<dt>Sent</dt><dd><time datetime="${sentAt}">${renderTime(sentAt)}</time></dd></dl>
${frame}${plain}`,
  );
}

export function renderNoMail(): string {
  return page(
    'No such mail',
    '<h1>No such mail</h1><p>It was deleted, or it never was. <a href="/mailbox">All mails</a></p>',
  );
}

/** The mail's own HTML; its links open in a new tab. */
export function renderMailHtml(html: string): string {
  return `<!doctype html><base target="_blank">${html}`;
}

function renderText(text: string): string {
  return splitLinks(text)
    .map((part, index) =>
      index % 2 === 0
        ? escapeHtml(part)
        : `<a href="${escapeHtml(part)}" target="_blank" rel="noopener noreferrer">${escapeHtml(part)}</a>`,
    )
    .join('');
}

function renderTime(sentAt: string): string {
  return `${sentAt.slice(0, 10)} ${sentAt.slice(11, 19)} UTC`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { line-height: 1.2; overflow-wrap: anywhere; }
.mails { list-style: none; padding: 0; }
.mails li { border-top: 1px solid color-mix(in srgb, currentcolor 25%, transparent); padding: .75rem 0; }
.mails span { display: block; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
iframe { width: 100%; height: 32rem; border: 1px solid currentcolor; background: #fff; }
button { font: inherit; padding: .4rem 1rem; }
`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · durable-steps</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>`;
}
