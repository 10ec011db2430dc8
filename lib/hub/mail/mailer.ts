import type { MailMessage } from '../../contract/approval-environment.js';

/** Sends mail, by whatever way. */
export interface Mailer {
  /** Why an approver can't be reached at all, or undefined if they can. */
  refusal(approver: string): string | undefined;
  /** Sends one mail. Called again with the same message when it isn't known to have been sent. */
  send(message: MailMessage): Promise<void>;
}
