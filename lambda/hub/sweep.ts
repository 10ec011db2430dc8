import { connectHub } from '../../lib/hub/connect.js';
import type { Hub } from '../../lib/hub/hub.js';
import { runSweep } from '../../lib/hub/outbox/run-sweep.js';

let hub: Hub | undefined;

export async function handler(): Promise<void> {
  hub ??= connectHub();
  await runSweep(hub, (line) => process.stdout.write(`${line}\n`));
}
