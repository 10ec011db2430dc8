import type { RuntimeStatus } from '../../../contract/runtime-status.js';
import type { StudioRow } from '../../../contract/studio.js';
import { Icon, type IconName } from './icons.js';

/** The tones in which states and instances are shown. */
export type Tone = 'done' | 'failed' | 'running' | 'waiting' | 'stopped' | 'again';

const TONES: Readonly<Record<RuntimeStatus, Tone>> = {
  Pending: 'waiting',
  Running: 'running',
  ContinuedAsNew: 'again',
  Completed: 'done',
  Failed: 'failed',
  Terminated: 'stopped',
};

/** A status that the page doesn't know is shown as it came. */
export function toneOf(status: string): Tone {
  return Object.hasOwn(TONES, status) ? TONES[status as RuntimeStatus] : 'waiting';
}

/** A status: sign, word and colour. */
export function Status({ status }: { readonly status: StudioRow['status'] }) {
  const tone = toneOf(status);
  return (
    <span class={`status tone-${tone}`}>
      <span class={tone === 'running' ? 'sign turning' : 'sign'}>
        <Icon name={tone satisfies IconName} size={14} />
      </span>
      {status === 'ContinuedAsNew' ? 'Continued' : status}
    </span>
  );
}
