import { connectHub } from '../../lib/hub/connect';
import type { Hub } from '../../lib/hub/hub';
import { applyStatusChange } from '../../lib/hub/status-change';
import { readStatusEvent, type StatusEvent } from '../../lib/hub/status-event';

let hub: Hub | undefined;

export async function handler(event: StatusEvent): Promise<void> {
  hub ??= connectHub();
  await applyStatusChange(hub, readStatusEvent(event));
}
