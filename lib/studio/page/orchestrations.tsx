import { useEffect, useState } from 'preact/hooks';
import type { StudioDefinition, StudioOrchestration } from '../../contract/studio.js';
import { post, read } from './api.js';
import { visible } from './format.js';
import { Graph } from './instance/graph.js';
import { config, refresh, rows } from './live.js';
import { JsonBlock } from './parts/json.js';
import { JsonField, useJson } from './parts/json-field.js';
import { tell } from './parts/toasts.js';
import { address, go, href, setQuery } from './router.js';

/** The orchestrations of the app: what each is, as it is deployed now, and a form to start one. */
export function OrchestrationsPage({ name }: { readonly name: string | undefined }) {
  const all = config.value?.orchestrations;
  if (all === undefined) return <p class="empty">Loading …</p>;
  const shown = name === undefined ? all[0] : all.find((one) => one.name === name);
  return (
    <section class="orchestrations">
      <nav aria-label="Orchestrations">
        <h1>Orchestrations</h1>
        <ul>
          {all.map((one) => (
            <li key={one.name}>
              <a href={href(['orchestrations', one.name])} aria-current={one === shown ? 'page' : undefined}>
                {visible(one.name)} <Counts name={one.name} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {shown === undefined ? (
        <p class="empty">
          {name === undefined ? 'The app has no orchestrations.' : `There is no orchestration ${visible(name)}.`}
        </p>
      ) : (
        <OrchestrationView key={shown.name} orchestration={shown} />
      )}
    </section>
  );
}

function Counts({ name }: { readonly name: string }) {
  const mine = rows.value.filter((row) => row.name === name);
  const failed = mine.filter(({ status }) => status === 'Failed').length;
  if (mine.length === 0) return null;
  return (
    <span class="soft">
      {mine.length}
      {failed === 0 ? '' : `, ${failed} failed`}
    </span>
  );
}

function OrchestrationView({ orchestration }: { readonly orchestration: StudioOrchestration }) {
  const { name, description, type, hub } = orchestration;
  const [definition, setDefinition] = useState<StudioDefinition | undefined>();
  const [selected, select] = useState<string | undefined>();
  const isStarting = address.value.query.get('start') === '1';
  const configured = config.value;
  useEffect(() => {
    read<StudioDefinition>(`orchestrations/${encodeURIComponent(name)}/graph`).then(setDefinition, (error: unknown) =>
      tell(error instanceof Error ? error.message : String(error), 'bad'),
    );
  }, [name, configured]);
  return (
    <div class="orchestration">
      <div class="instance-head">
        <div>
          <h2>{visible(name)}</h2>
          <p class="soft">
            {type === 'EXPRESS' ? 'Express' : 'Standard'}
            {hub ? '' : ', without a task hub'} · <a href={href(['instances'], { name })}>its instances</a>
          </p>
          {description === undefined ? null : <p>{visible(description)}</p>}
        </div>
        {configured?.capabilities.includes('start') === true ? (
          <button
            type="button"
            class="primary"
            aria-expanded={isStarting}
            onClick={() => setQuery({ start: isStarting ? undefined : '1' })}
          >
            Start
          </button>
        ) : null}
      </div>
      {isStarting ? <StartForm orchestration={orchestration} /> : null}
      {definition === undefined ? null : (
        <>
          <div class="view">
            <Graph graph={definition.graph} states={new Map()} selected={selected} select={select} />
          </div>
          {selected === undefined ? null : (
            <JsonBlock title={`State ${visible(selected)}`} value={stateOf(definition.definition, selected)} />
          )}
          <JsonBlock title="Definition" value={definition.definition} />
        </>
      )}
    </div>
  );
}

function StartForm({ orchestration: { name, hub, lastInput } }: { readonly orchestration: StudioOrchestration }) {
  const input = useJson(lastInput === undefined ? '{}' : laidOut(lastInput));
  const [id, setId] = useState('');
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      const { key } = await post<{ readonly key: string }>(`orchestrations/${encodeURIComponent(name)}/start`, {
        input: input.value,
        ...(id === '' ? {} : { id }),
      });
      refresh();
      go(href(['instance', key]));
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="start-form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <JsonField label="Input" field={input} />
      <label class="field">
        {hub ? 'Instance id' : 'Execution name'} (made up when empty)
        <input value={id} onInput={(event) => setId(event.currentTarget.value)} />
      </label>
      <div class="dialog-end">
        <button type="submit" class="primary" disabled={input.problem !== undefined || isBusy}>
          Start {visible(name)}
        </button>
      </div>
    </form>
  );
}

function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A state of a definition, wherever it is nested. */
function stateOf(part: unknown, name: string): unknown {
  if (typeof part !== 'object' || part === null) return undefined;
  const { States } = part as { readonly States?: Readonly<Record<string, unknown>> };
  if (States !== undefined && Object.hasOwn(States, name)) return States[name];
  for (const inner of Object.values(part)) {
    const found = stateOf(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
