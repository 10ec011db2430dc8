/** Environment variables of the hub's approval function. */
export const APPROVAL_ENVIRONMENT = {
  /** Public URL of the pages, without a slash at the end. */
  baseUrl: 'DURABLE_HUB_APPROVAL_URL',
  /** `false`: it isn't recorded from where somebody decides. */
  recordVisitors: 'DURABLE_HUB_RECORD_VISITORS',
  /** Seconds for which a settled approval is shown. */
  showDecidedSeconds: 'DURABLE_HUB_SHOW_DECIDED_SECONDS',
  /** JSON: {@link MailSettings}. */
  mail: 'DURABLE_HUB_MAIL',
  /** Templates that replace the built-in ones: JSON of {@link MailTemplates}, deflated, in base64. */
  mailTemplates: 'DURABLE_HUB_MAIL_TEMPLATES',
} as const;

/** How the hub sends mail. */
export type MailSettings =
  | {
      readonly by: 'ses';
      readonly from: string;
      readonly replyTo?: readonly string[];
      readonly configurationSet?: string;
    }
  | { readonly by: 'sns'; readonly topicArn: string }
  | { readonly by: 'function'; readonly functionName: string };

/** Why a mail is sent. */
export type MailKind = 'request' | 'reminder' | 'escalation';

/** A template: text with placeholders, `{{subject}}` for one. What it leaves out is built in. */
export interface MailTemplate {
  readonly subject?: string;
  readonly text?: string;
  /** Values are escaped. */
  readonly html?: string;
}

/** Templates by what they are for. */
export type MailTemplates = { readonly [Kind in MailKind]?: MailTemplate };

/** What a template may contain in `{{…}}`. */
export const MAIL_PLACEHOLDERS = ['subject', 'details', 'requestedBy', 'approver', 'deadline', 'link'] as const;

/** One mail, as an activity that sends the hub's mail receives it. */
export interface MailMessage {
  /** The same for every attempt to send this mail: give it to a provider that sends once per key. */
  readonly idempotencyKey: string;
  readonly kind: MailKind;
  /** The approver: an e-mail address, or whatever name the workflow uses. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Where the approver decides. */
  readonly link: string;
}
