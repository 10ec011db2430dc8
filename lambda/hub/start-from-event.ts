import { HUB_ENVIRONMENT } from '../../lib/contract/hub-environment.js';
import { connectHub } from '../../lib/hub/connect.js';
import type { Hub } from '../../lib/hub/hub.js';
import { readStarter, type Starter, startFromEvent } from '../../lib/hub/workers/start-from-event.js';

let connected: { readonly hub: Hub; readonly starter: Starter } | undefined;

export async function handler(event: unknown): Promise<unknown> {
  connected ??= { hub: connectHub(), starter: readStarter(process.env[HUB_ENVIRONMENT.starter]) };
  return startFromEvent(connected.hub, connected.starter, event);
}
