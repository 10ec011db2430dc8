import { signal } from '@preact/signals';
import { later } from '../timers.js';

interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly text: string;
}

const toasts = signal<readonly Toast[]>([]);
let count = 0;

/** Tells what came of an action, for a while. */
export function tell(text: string, tone: Toast['tone'] = 'good'): void {
  const id = ++count;
  toasts.value = [...toasts.value.slice(-3), { id, tone, text }];
  later(tone === 'good' ? 5_000 : 15_000, () => dismiss(id));
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div key={id} class={`toast is-${tone}`}>
          <span>{text}</span>
          <button type="button" class="quiet" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
