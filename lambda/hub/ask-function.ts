import type { ApprovalRequest, ApprovalResult } from '../../lib/contract/approval.js';
import type { MailSettings } from '../../lib/contract/approval-environment.js';
import type { ApprovalDependencies } from '../../lib/hub/approvals/approval-desk.js';
import { serveApprovalRequest } from '../../lib/hub/approvals/ask.js';
import { connectDesk, type MailSettingsBy } from '../../lib/hub/approvals/connect-desk.js';
import type { Mailer } from '../../lib/hub/mail/mailer.js';

/** The Lambda handler that asks for approvals. Each way of sending mail has an entry of its own, so that no function carries the clients of the others. */
export function askFunction<By extends MailSettings['by']>(connectMailer: (settings: MailSettingsBy<By>) => Mailer) {
  let desk: ApprovalDependencies | undefined;
  return async (request: ApprovalRequest): Promise<ApprovalResult | null> => {
    desk ??= connectDesk(connectMailer);
    return serveApprovalRequest(desk, request);
  };
}
