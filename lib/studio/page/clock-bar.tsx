import { useEffect, useState } from 'preact/hooks';
import type { StudioClock, StudioClockMove } from '../../contract/studio.js';
import { post, read } from './api.js';
import { dayAndTime, duration, visible } from './format.js';
import { config, hostTime, refresh, rows } from './live.js';
import { tell } from './parts/toasts.js';

const STEPS = [
  { label: '+1 min', ms: 60_000 },
  { label: '+1 h', ms: 3_600_000 },
  { label: '+1 d', ms: 86_400_000 },
] as const;

/** The clock of a host whose time can be moved: what it says, why it stands still, what is due next. */
export function ClockBar() {
  return config.value?.capabilities.includes('clock') === true ? <VirtualTime /> : null;
}

function VirtualTime() {
  const [clock, setClock] = useState<StudioClock | undefined>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    read<StudioClock>('clock').then(setClock, () => undefined);
  }, [hostTime.value, rows.value]);
  if (clock === undefined) return null;
  const move = async (by: StudioClockMove) => {
    setBusy(true);
    try {
      setClock(await post<StudioClock>('clock', by));
      refresh();
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    } finally {
      setBusy(false);
    }
  };
  const { now, next, holds } = clock;
  return (
    <section class="clock-bar" aria-label="Clock">
      <b>{dayAndTime(now)}</b> virtual time
      {holds.length === 0 ? null : <span class="soft">stands still: {holds.map(visible).join(', ')}</span>}
      <span class="grow" />
      {STEPS.map(({ label, ms }) => (
        <button key={label} type="button" class="small" disabled={isBusy} onClick={() => void move({ advance: ms })}>
          {label}
        </button>
      ))}
      <button
        type="button"
        class="small"
        disabled={isBusy || next === undefined}
        onClick={() => void move({ toNext: true })}
      >
        {next === undefined ? 'Nothing is due' : `To what is due in ${duration(next - now)}`}
      </button>
    </section>
  );
}
