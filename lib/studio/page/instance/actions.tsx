import { useState } from 'preact/hooks';
import { isFinished } from '../../../contract/runtime-status.js';
import type { StudioCapability, StudioInstance } from '../../../contract/studio.js';
import { instancePath, post } from '../api.js';
import { config, refresh } from '../live.js';
import { Dialog } from '../parts/dialog.js';
import { JsonField, useJson } from '../parts/json-field.js';
import { tell } from '../parts/toasts.js';
import { go, href } from '../router.js';

type DialogName = 'terminate' | 'restart' | 'raise';

/** What may be done with an instance: what its host allows and its status makes sensible. */
export function InstanceActions({ instance }: { readonly instance: StudioInstance }) {
  const [asked, ask] = useState<DialogName | undefined>();
  const { status, hub } = instance;
  const can = (capability: StudioCapability) => config.value?.capabilities.includes(capability) === true;
  const isOver = isFinished(status);
  const close = () => ask(undefined);
  return (
    <div class="actions">
      {can('raise') && hub && !isOver ? (
        <button type="button" onClick={() => ask('raise')}>
          Raise event
        </button>
      ) : null}
      {can('rewind') && (status === 'Failed' || status === 'Terminated') ? (
        <button type="button" onClick={() => void act(instance, 'rewind', {}, 'Goes on from where it failed')}>
          Rewind
        </button>
      ) : null}
      {can('restart') && isOver ? (
        <button type="button" onClick={() => ask('restart')}>
          Restart
        </button>
      ) : null}
      {can('terminate') && !isOver && status !== 'ContinuedAsNew' ? (
        <button type="button" class="danger" onClick={() => ask('terminate')}>
          Terminate
        </button>
      ) : null}
      {asked === 'raise' ? <RaiseDialog instance={instance} close={close} /> : null}
      {asked === 'restart' ? <RestartDialog instance={instance} close={close} /> : null}
      {asked === 'terminate' ? <TerminateDialog instance={instance} close={close} /> : null}
    </div>
  );
}

/** Does it, tells what came of it, and leads to the instance that it made. @returns whether it was done */
async function act({ key }: StudioInstance, action: string, body: object, done: string): Promise<boolean> {
  try {
    const answer = await post<{ readonly key: string }>(instancePath(key, action), body);
    tell(done);
    refresh();
    if (answer.key !== '' && answer.key !== key) go(href(['instance', answer.key]));
    return true;
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error), 'bad');
    return false;
  }
}

interface ActionDialogProps {
  readonly instance: StudioInstance;
  close(): void;
}

function TerminateDialog({ instance, close }: ActionDialogProps) {
  const [reason, setReason] = useState('');
  const start = async () => {
    if (await act(instance, 'terminate', { reason }, 'Terminated')) close();
  };
  return (
    <Dialog title="Terminate this instance?" close={close}>
      <label class="field">
        Reason
        <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <DialogEnd label="Terminate" close={close} start={start} />
    </Dialog>
  );
}

function RestartDialog({ instance, close }: ActionDialogProps) {
  const original = JSON.stringify(instance.input, null, 2);
  const input = useJson(original);
  const isEdited = input.text !== original;
  const start = async () => {
    const body = isEdited ? { input: input.value } : {};
    if (await act(instance, 'restart', body, 'Started anew')) close();
  };
  return (
    <Dialog title="Restart with this input" close={close}>
      <JsonField label="Input" field={input} />
      <p class="soft">{isEdited ? 'Another input starts a new instance.' : 'It starts from the beginning.'}</p>
      <DialogEnd label="Restart" close={close} start={start} disabled={input.problem !== undefined} />
    </Dialog>
  );
}

function RaiseDialog({ instance, close }: ActionDialogProps) {
  const awaited = instance.waits.flatMap(({ kind, name }) => (kind === 'event' && name !== undefined ? [name] : []));
  const [name, setName] = useState(awaited[0] ?? '');
  const payload = useJson('null');
  const start = async () => {
    if (await act(instance, 'raise', { name, payload: payload.value }, `${name} raised`)) close();
  };
  return (
    <Dialog title="Raise an event" close={close}>
      <label class="field">
        Name
        <input list="awaited" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <datalist id="awaited">
          {awaited.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      {awaited.length === 0 ? <p class="soft">It waits for no event now: this one is kept until it does.</p> : null}
      <JsonField label="Payload" field={payload} />
      <DialogEnd label="Raise" close={close} start={start} disabled={name === '' || payload.problem !== undefined} />
    </Dialog>
  );
}

interface DialogEndProps {
  readonly label: string;
  readonly disabled?: boolean;
  close(): void;
  start(): Promise<void>;
}

function DialogEnd({ label, disabled = false, close, start }: DialogEndProps) {
  const [isBusy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    void start().finally(() => setBusy(false));
  };
  return (
    <div class="dialog-end">
      <button type="button" onClick={close}>
        Cancel
      </button>
      <button type="button" class="primary" disabled={disabled || isBusy} onClick={run}>
        {label}
      </button>
    </div>
  );
}
