import { connectHub } from '../../lib/hub/connect';
import { type AwaitEventRequest, awaitEvent } from '../../lib/hub/events';
import type { Hub } from '../../lib/hub/hub';

let hub: Hub | undefined;

export async function handler(request: AwaitEventRequest): Promise<void> {
  hub ??= connectHub();
  await awaitEvent(hub, request);
}
