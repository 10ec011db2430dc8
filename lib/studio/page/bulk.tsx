import { useState } from 'preact/hooks';
import { isFinished } from '../../contract/runtime-status.js';
import type { StudioRow } from '../../contract/studio.js';
import { instancePath, post } from './api.js';
import { visible } from './format.js';
import { refresh } from './live.js';
import { Dialog } from './parts/dialog.js';
import { tell } from './parts/toasts.js';
import { picked } from './picked.js';

interface BulkAction {
  readonly name: 'terminate' | 'rewind' | 'restart' | 'purge';
  readonly label: string;
  fits(row: StudioRow): boolean;
}

const ACTIONS: readonly BulkAction[] = [
  { name: 'terminate', label: 'Terminate', fits: ({ status }) => !isFinished(status) && status !== 'ContinuedAsNew' },
  { name: 'rewind', label: 'Rewind', fits: ({ status }) => status === 'Failed' || status === 'Terminated' },
  { name: 'restart', label: 'Restart', fits: ({ status }) => isFinished(status) },
  { name: 'purge', label: 'Purge', fits: ({ status }) => isFinished(status) },
];

/** How many calls run side by side. */
const AT_ONCE = 8;

/** What may be done with the picked rows; it says how many it hits before it does. */
export function BulkBar({ shown }: { readonly shown: readonly StudioRow[] }) {
  const [asked, ask] = useState<BulkAction | undefined>(undefined);
  const chosen = shown.filter(({ key }) => picked.value.has(key));
  if (chosen.length === 0) return null;
  return (
    <div class="bulk">
      <b>{chosen.length} picked</b>
      <button type="button" class="small" onClick={() => pickAll(shown)}>
        Pick all {shown.length}
      </button>
      <button type="button" class="small" onClick={() => pickAll([])}>
        Pick none
      </button>
      <span class="grow" />
      {ACTIONS.map((action) => (
        <button
          key={action.name}
          type="button"
          class={action.name === 'terminate' || action.name === 'purge' ? 'small danger' : 'small'}
          disabled={!chosen.some((row) => action.fits(row))}
          onClick={() => ask(action)}
        >
          {action.label}
        </button>
      ))}
      {asked === undefined ? null : <BulkDialog action={asked} rows={chosen} close={() => ask(undefined)} />}
    </div>
  );
}

function pickAll(rows: readonly StudioRow[]): void {
  picked.value = new Set(rows.map(({ key }) => key));
}

interface BulkDialogProps {
  readonly action: BulkAction;
  readonly rows: readonly StudioRow[];
  close(): void;
}

interface Progress {
  readonly done: number;
  readonly failed: readonly string[];
}

/** Does it to each, a few at once; what is refused is kept, and the others go on. */
async function actOnAll(name: string, targets: readonly StudioRow[], tellProgress: (progress: Progress) => void) {
  const failed: string[] = [];
  let done = 0;
  const queue = [...targets];
  const work = async () => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      try {
        await post(instancePath(row.key, name), { reason: 'terminated in Studio' });
      } catch (error) {
        failed.push(`${row.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
      done++;
      tellProgress({ done, failed: [...failed] });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  refresh();
  return failed.length;
}

/** The rows are those that were picked when it opened: what a filter does meanwhile widens nothing. */
function BulkDialog({ action, rows, close }: BulkDialogProps) {
  const [targets] = useState(() => rows.filter((row) => action.fits(row)));
  const [progress, setProgress] = useState<Progress | undefined>();
  const start = async () => {
    setProgress({ done: 0, failed: [] });
    if ((await actOnAll(action.name, targets, setProgress)) > 0) return;
    tell(`${action.label}: ${targets.length} of ${targets.length} done`);
    picked.value = new Set();
    close();
  };
  return (
    <Dialog title={`${action.label} ${targets.length} of ${rows.length} instances?`} close={close}>
      <ul class="targets">
        {targets.slice(0, 10).map(({ key, id, name }) => (
          <li key={key}>
            <code>{visible(id)}</code> {name}
          </li>
        ))}
        {targets.length > 10 ? <li>and {targets.length - 10} more</li> : null}
      </ul>
      {progress === undefined ? null : <ProgressView progress={progress} of={targets.length} />}
      <div class="dialog-end">
        <button type="button" onClick={close}>
          {progress === undefined ? 'Cancel' : 'Close'}
        </button>
        <button type="button" class="primary" disabled={progress !== undefined} onClick={() => void start()}>
          {action.label} {targets.length}
        </button>
      </div>
    </Dialog>
  );
}

function ProgressView({ progress, of }: { readonly progress: Progress; readonly of: number }) {
  return (
    <>
      <progress aria-label="Progress" max={of} value={progress.done} />
      <p role="status">
        {progress.done} of {of}, {progress.failed.length} refused
      </p>
      <ul class="targets">
        {progress.failed.slice(0, 20).map((text) => (
          <li key={text} class="error-name">
            {text}
          </li>
        ))}
      </ul>
    </>
  );
}
