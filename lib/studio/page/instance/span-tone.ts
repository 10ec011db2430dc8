import type { TraceSpanStatus } from '../../model/trace.js';
import type { IconName } from '../parts/icons.js';

/** Each status of a step has a tone and a sign of its own, and is said in words too. */
const TONES = {
  running: 'running',
  waiting: 'waiting',
  retrying: 'again',
  done: 'done',
  caught: 'caught',
  failed: 'failed',
  stopped: 'stopped',
} as const satisfies Readonly<Record<TraceSpanStatus, IconName>>;

/** The tone, which is the name of its sign too. */
export function spanTone(status: TraceSpanStatus): (typeof TONES)[TraceSpanStatus] {
  return TONES[status];
}
