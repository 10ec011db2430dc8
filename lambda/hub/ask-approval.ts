import type { ApprovalRequest, ApprovalResult } from '../../lib/contract/approval';
import type { ApprovalDesk } from '../../lib/hub/approvals/approval-desk';
import { serveApprovalRequest } from '../../lib/hub/approvals/ask';
import { connectDesk } from '../../lib/hub/approvals/connect-desk';

let desk: ApprovalDesk | undefined;

export async function handler(request: ApprovalRequest): Promise<ApprovalResult | null> {
  desk ??= connectDesk();
  return serveApprovalRequest(desk, request);
}
