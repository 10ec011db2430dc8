import { MAX_REFUSAL_LENGTH, RECIPIENT_REFUSED } from '../../contract/approval.js';
import type { MailMessage } from '../../contract/approval-environment.js';
import { errorName } from '../hub-error.js';

/** Sends mail, by whatever way. */
export interface Mailer {
  /** Why an approver can't be reached at all, or undefined if they can. */
  refusal(approver: string): string | undefined;
  /**
   * Sends one mail. Called again with the same message when it isn't known to have been sent.
   *
   * @throws RecipientRefused when no repetition reaches this recipient; whatever else it throws may pass
   */
  send(message: MailMessage): Promise<void>;
}

/** The provider refuses this recipient for good. */
export class RecipientRefused extends Error {
  override readonly name = RECIPIENT_REFUSED;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_REFUSAL_LENGTH), options);
  }
}

/** Sends, and tells an error of one of these names as a refusal of the recipient. */
export async function refusingBy(permanent: ReadonlySet<string>, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof Error) || !permanent.has(errorName(error))) throw error;
    throw new RecipientRefused(`${error.name}: ${error.message}`, { cause: error });
  }
}
