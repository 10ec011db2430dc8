import type { MailTemplates } from '../../contract/approval-environment.js';
import type { Hub } from '../hub.js';
import type { Mailer } from '../mail/mailer.js';

/** What asking for approvals needs beyond the hub. */
export interface ApprovalDependencies {
  readonly hub: Hub;
  readonly mailer: Mailer;
  readonly templates: MailTemplates;
  /** Public URL of the pages, without a slash at the end. */
  readonly baseUrl: string;
  /** The id of a link: 256 fresh random bits, in base64url. */
  readonly newLinkId: () => string;
}
