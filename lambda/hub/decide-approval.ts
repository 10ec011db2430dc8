import { connectHub } from '../../lib/hub/connect';
import type { Hub } from '../../lib/hub/hub';
import type { PageAnswer } from '../../lib/hub/pages/page';
import { type PageEvent, serveApproval } from '../../lib/hub/pages/serve-approvals';

let hub: Hub | undefined;

export async function handler(event: PageEvent): Promise<PageAnswer> {
  hub ??= connectHub();
  return serveApproval(hub, event);
}
