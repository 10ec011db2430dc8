import { MAX_WAIT_SECONDS } from '../../contract/hub-limits.js';
import type { Hub } from '../hub.js';
import { isOver, type WholeInstance } from '../store/instance-record.js';
import { readInstance } from './instance-status.js';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 2_000;

/** Reads an instance until it has finished, or so many seconds have passed (25 at most); then as it is. */
export async function waitForCompletion(hub: Hub, instanceId: string, seconds: number): Promise<WholeInstance> {
  const until = hub.now() + Math.min(seconds, MAX_WAIT_SECONDS) * 1000;
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    const whole = await readInstance(hub, instanceId);
    const left = until - hub.now();
    if (isOver(whole.record) || left <= 0) return whole;
    await hub.sleep(Math.min(pause, left));
  }
}
