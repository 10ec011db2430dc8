import { connectHub } from '../../lib/hub/connect.js';
import type { Hub } from '../../lib/hub/hub.js';
import { applyStatusChange } from '../../lib/hub/lifecycle/status-change.js';
import { readStatusEvent, type StatusEvent } from '../../lib/hub/workers/status-event.js';

let hub: Hub | undefined;

export async function handler(event: StatusEvent): Promise<void> {
  hub ??= connectHub();
  await applyStatusChange(hub, readStatusEvent(event));
}
