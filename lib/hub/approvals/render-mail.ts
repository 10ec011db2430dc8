import { MAX_SUBJECT_LENGTH } from '../../contract/approval.js';
import type { MAIL_PLACEHOLDERS, MailKind, MailMessage, MailTemplates } from '../../contract/approval-environment.js';
import { escapeHtml, type Html, html } from '../html/html.js';
import { oneLine, showApprover } from '../printable.js';
import type { Approval } from './approval.js';
import { detailLines, showTime } from './approval-text.js';
import { DEFAULT_TEMPLATES } from './default-templates.js';

/** What a mail is about. */
export interface MailContent {
  readonly kind: MailKind;
  readonly idempotencyKey: string;
  readonly approver: string;
  readonly link: string;
  readonly approval: Approval;
}

type Values = Readonly<Record<(typeof MAIL_PLACEHOLDERS)[number], string>>;

/** Renders a mail: the user's templates where there are any, else the built-in ones. */
export function renderMail(content: MailContent, templates: MailTemplates = {}): MailMessage {
  const { kind, approval, approver, link, idempotencyKey } = content;
  const template = { ...DEFAULT_TEMPLATES[kind], ...templates[kind] };
  const values: Values = {
    subject: oneLine(approval.subject),
    details: '',
    requestedBy: oneLine(approval.requestedBy ?? approval.orchestration),
    approver: showApprover(oneLine(approver)),
    deadline: showTime(approval.deadline),
    link,
  };
  const plain = { ...values, details: textDetails(approval) };
  const escaped = { ...mapValues(values, escapeHtml), details: htmlDetails(approval).text };
  return {
    idempotencyKey,
    kind,
    to: approver,
    subject: shorten(oneLine(fill(template.subject, values))),
    text: fill(template.text, plain).replace(/\n{3,}/g, '\n\n'),
    html: fill(template.html, escaped),
    link,
  };
}

function fill(template: string, values: Values): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? values[name as keyof Values] : whole,
  );
}

function mapValues(values: Values, map: (text: string) => string): Values {
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, map(text)])) as unknown as Values;
}

function shorten(text: string): string {
  const signs = [...text];
  return signs.length <= MAX_SUBJECT_LENGTH + 20 ? text : `${signs.slice(0, MAX_SUBJECT_LENGTH + 19).join('')}…`;
}

function textDetails({ details }: Approval): string {
  return detailLines(details)
    .map(({ label, value }) => (label === '' ? quoted(value) : `${label}: ${value}`))
    .join('\n');
}

/** A text of the workflow's own stands apart from what the hub says, line by line: none of it can pass for the line with the link. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function htmlDetails({ details }: Approval): Html {
  const lines = detailLines(details);
  if (lines.length === 0) return html``;
  const cell = 'padding:6px 0;vertical-align:top;border-top:1px solid #dcdfe4';
  return html`<table role="presentation" style="width:100%;border-collapse:collapse">${lines.map(({ label, value }) =>
    label === ''
      ? html`<tr><td style="${cell};white-space:pre-wrap">${value}</td></tr>`
      : html`<tr><th scope="row" style="${cell};padding-right:16px;text-align:left;font-weight:600">${label}</th><td style="${cell};white-space:pre-wrap">${value}</td></tr>`,
  )}</table>`;
}
