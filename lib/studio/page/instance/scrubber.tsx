import { useEffect } from 'preact/hooks';
import type { TraceEvent } from '../../../contract/studio.js';
import { dayAndTime, visible } from '../format.js';
import { Icon, type IconName } from '../parts/icons.js';
import { address } from '../router.js';

interface ScrubberProps {
  readonly events: readonly TraceEvent[];
  /** How many events are shown. */
  readonly at: number;
  readonly isLive: boolean;
  /** Shows the moment after so many events; undefined for now. */
  go(at: number | undefined): void;
}

/** Time travel: the page shows the moment after the event that it stands at. Arrow keys step. */
export function Scrubber({ events, at, isLive, go }: ScrubberProps) {
  const last = events.length;
  const to = (target: number) => go(target >= last ? undefined : Math.max(1, target));
  useArrowKeys((by) => to((Number(address.peek().query.get('at')) || last) + by));
  const event = events[at - 1];
  const step = (icon: IconName, label: string, target: number) => (
    <button
      type="button"
      class="quiet"
      aria-label={label}
      disabled={target < 1 || target > last || target === at}
      onClick={() => to(target)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div class={isLive ? 'scrubber' : 'scrubber is-past'}>
      {step('first', 'First event', 1)}
      {step('back', 'Event before', at - 1)}
      {step('chevron', 'Next event', at + 1)}
      {step('last', 'Last event', last)}
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={event === undefined ? '' : `event ${at} of ${last}, ${event.type}`}
        min={1}
        max={Math.max(1, last)}
        value={at}
        onInput={(input) => to(Number(input.currentTarget.value))}
      />
      <span class="scrubber-text">
        <b>
          {at} of {last}
        </b>{' '}
        {event === undefined ? '' : `${visible(event.type)} · ${dayAndTime(event.time)}`}
      </span>
      {isLive ? null : (
        <button type="button" class="small" onClick={() => go(undefined)}>
          Back to now
        </button>
      )}
    </div>
  );
}

/** Keys may come faster than the page is drawn: each steps from where the address is by then. */
function useArrowKeys(step: (by: number) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      step(event.key === 'ArrowLeft' ? -1 : 1);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [step]);
}
