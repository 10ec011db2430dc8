import type { MailKind, MailTemplate } from '../../contract/approval-environment.js';

const LEAD: Readonly<Record<MailKind, string>> = {
  request: '{{requestedBy}} asks for your decision.',
  reminder: '{{requestedBy}} still waits for your decision.',
  escalation: '{{requestedBy}} asks for your decision, since nobody has decided so far. Yours settles it.',
};

const TITLE: Readonly<Record<MailKind, string>> = {
  request: '{{subject}}',
  reminder: 'Reminder: {{subject}}',
  escalation: 'Escalated: {{subject}}',
};

/** The built-in templates. Mail programs know little CSS: styles stand in the elements, and nothing is loaded from outside. */
export const DEFAULT_TEMPLATES: Readonly<Record<MailKind, Required<MailTemplate>>> = {
  request: template('request'),
  reminder: template('reminder'),
  escalation: template('escalation'),
};

function template(kind: MailKind): Required<MailTemplate> {
  return { subject: TITLE[kind], text: text(LEAD[kind]), html: page(LEAD[kind]) };
}

function text(lead: string): string {
  return `${lead}

{{subject}}

{{details}}

Open this page to approve or reject, until {{deadline}}:
{{link}}

The link is yours alone: whoever has it can decide in your name. Opening it decides nothing yet.
`;
}

function page(lead: string): string {
  const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{subject}}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f5f7;color:#1b1f24;${font};font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto;padding:28px 32px;background:#ffffff;border:1px solid #dcdfe4;border-radius:12px">
<p style="margin:0 0 8px;color:#57606a;font-size:14px">${lead}</p>
<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3">{{subject}}</h1>
{{details}}
<p style="margin:24px 0"><a href="{{link}}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#1f5fd0;color:#ffffff;font-weight:600;text-decoration:none">Review and decide</a></p>
<p style="margin:0 0 16px;font-size:14px;color:#57606a">Until {{deadline}}. If the button doesn't work, open this address:<br><a href="{{link}}" style="color:#1f5fd0;word-break:break-all">{{link}}</a></p>
<p style="margin:0;padding-top:16px;border-top:1px solid #dcdfe4;font-size:13px;color:#57606a">The link is yours alone: whoever has it can decide in your name. Opening it decides nothing yet.</p>
</div>
</body>
</html>
`;
}
