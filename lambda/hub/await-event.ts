import { connectHub } from '../../lib/hub/connect.js';
import type { Hub } from '../../lib/hub/hub.js';
import { type AwaitEventRequest, awaitEvent } from '../../lib/hub/operations/events.js';

let hub: Hub | undefined;

export async function handler(request: AwaitEventRequest): Promise<void> {
  hub ??= connectHub();
  await awaitEvent(hub, request);
}
