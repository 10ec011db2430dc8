import { APPROVAL_ENVIRONMENT } from '../../lib/contract/approval-environment.js';
import { writeAudit } from '../../lib/hub/audit.js';
import { connectHub } from '../../lib/hub/connect.js';
import type { PageAnswer } from '../../lib/hub/html/page.js';
import type { Hub } from '../../lib/hub/hub.js';
import { type ApprovalPrivacy, type PageEvent, serveApproval } from '../../lib/hub/pages/serve-approvals.js';

let hub: Hub | undefined;

export async function handler(event: PageEvent): Promise<PageAnswer> {
  hub ??= connectHub({ audit: writeAudit });
  return serveApproval(hub, event, readPrivacy());
}

function readPrivacy(): ApprovalPrivacy {
  const seconds = process.env[APPROVAL_ENVIRONMENT.showDecidedSeconds];
  return {
    recordVisitors: process.env[APPROVAL_ENVIRONMENT.recordVisitors] !== 'false',
    ...(seconds === undefined ? {} : { showDecidedSeconds: Number(seconds) }),
  };
}
