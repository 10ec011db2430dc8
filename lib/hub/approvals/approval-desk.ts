import type { MailTemplates } from '../../contract/approval-environment';
import type { Hub } from '../hub';
import type { Mailer } from '../mail/mailer';

/** What asking for approvals needs beyond the hub. */
export interface ApprovalDesk {
  readonly hub: Hub;
  readonly mailer: Mailer;
  readonly templates: MailTemplates;
  /** Public URL of the pages, without a slash at the end. */
  readonly baseUrl: string;
  /** 256 fresh random bits, in base64url. */
  readonly newSeed: () => string;
}
