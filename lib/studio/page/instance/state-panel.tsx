import { useEffect, useState } from 'preact/hooks';
import type { StudioEventData, StudioLogs, StudioNode } from '../../../contract/studio.js';
import type { StateSummary } from '../../model/steps.js';
import type { TraceSpan } from '../../model/trace.js';
import { instancePath, read } from '../api.js';
import { clockTime, duration, inline, visible } from '../format.js';
import { config } from '../live.js';
import { JsonBlock } from '../parts/json.js';
import { VirtualList } from '../parts/virtual-list.js';
import { href } from '../router.js';
import { readFailure } from './failure.js';
import { stateText } from './graph.js';
import { spanTone } from './span-tone.js';
import { VariablesView } from './variables.js';

interface StatePanelProps {
  readonly instance: string;
  readonly node: StudioNode | undefined;
  readonly summary: StateSummary;
  /** The visit that is looked at, by the event that began it. */
  readonly visit: number | undefined;
  choose(visit: number): void;
  close(): void;
}

/** Everything about one state: what it was given, what it did, what it gave, what it printed. */
export function StatePanel({ instance, node, summary, visit, choose, close }: StatePanelProps) {
  const span = summary.spans.find(({ id }) => id === visit) ?? mostTelling(summary);
  return (
    <aside class="panel" aria-label={`State ${visible(summary.name)}`}>
      <div class="panel-head">
        <h2>{visible(summary.name)}</h2>
        <button type="button" class="quiet" aria-label="Close the state" onClick={close}>
          ×
        </button>
      </div>
      <p class={`panel-about tone-${spanTone(summary.status)}`}>
        <b class="tone-text">{stateText(summary)}</b>
      </p>
      {node?.activity === undefined ? null : (
        <p class="soft">
          Activity <code>{visible(node.activity.path)}</code>
        </p>
      )}
      {summary.spans.length > 1 ? <Visits summary={summary} current={span} choose={choose} /> : null}
      <Failure span={span} />
      <Attempts span={span} />
      <SpanData instance={instance} span={span} />
    </aside>
  );
}

/** Of many visits, the one to begin with: the first that failed, else the last. */
function mostTelling({ spans }: StateSummary): TraceSpan {
  return spans.find(({ status }) => status === 'failed') ?? spans.at(-1)!;
}

interface VisitsProps {
  readonly summary: StateSummary;
  readonly current: TraceSpan;
  choose(visit: number): void;
}

/** The visits of a state in a Map or a loop: failed ones first, and found by what they failed with. */
function Visits({ summary: { spans }, current, choose }: VisitsProps) {
  const [text, setText] = useState('');
  const wanted = text.toLowerCase();
  const shown = spans
    .map((span, index) => ({ span, title: visitTitle(span, index) }))
    .filter(({ span, title }) => `${title} ${span.status} ${span.error ?? ''}`.toLowerCase().includes(wanted))
    .sort((one, other) => Number(other.span.status === 'failed') - Number(one.span.status === 'failed'));
  return (
    <div class="visits">
      <input
        type="search"
        aria-label="Filter visits"
        placeholder={`${spans.length} visits: number, status or error`}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="visit-list" role="table" aria-label="Visits" aria-rowcount={shown.length}>
        <VirtualList
          items={shown}
          rowHeight={28}
          label="Visits"
          keyOf={({ span }) => span.id}
          render={({ span, title }) => (
            <span role="cell" class={`visit tone-${spanTone(span.status)}${span === current ? ' is-active' : ''}`}>
              <button type="button" class="plain" aria-pressed={span === current} onClick={() => choose(span.id)}>
                {title}
              </button>
              <span class="tone-text">{span.status}</span> {inline(span.error ?? '', 30)}
            </span>
          )}
        />
      </div>
    </div>
  );
}

/** `[3]` for an item of a Map, `round 2` for a loop. */
function visitTitle(span: TraceSpan, index: number): string {
  const indices: string[] = [];
  for (let at = span.parent; at !== undefined; at = at.parent)
    if (at.index !== undefined) indices.unshift(`[${at.index}]`);
  return indices.length > 0 ? indices.join(' ') : `round ${index + 1}`;
}

function Failure({ span: { error, cause } }: { readonly span: TraceSpan }) {
  if (error === undefined) return null;
  const { message, frames } = readFailure(cause ?? '', config.value?.root);
  return (
    <div class="why">
      <b class="error-name">{visible(error)}</b>
      <pre>{visible([message, ...frames].join('\n'))}</pre>
    </div>
  );
}

function Attempts({ span: { attempts } }: { readonly span: TraceSpan }) {
  if (attempts.length === 0) return null;
  return (
    <ol class="attempts" aria-label="Attempts">
      {attempts.map(({ number, status, start, end, error, child }) => (
        <li key={number} class={`tone-${status === 'done' ? 'done' : status === 'failed' ? 'failed' : 'waiting'}`}>
          <b class="tone-text">{status}</b> {clockTime(start)}
          {end === undefined ? '' : `, ${duration(end - start)}`}
          {error === undefined ? '' : `, ${visible(error)}`}
          {child === undefined ? null : (
            <>
              {' '}
              <a href={href(['instance', child])}>child</a>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

interface Loaded {
  readonly entered: StudioEventData;
  readonly asked?: StudioEventData;
  readonly left?: StudioEventData;
  readonly logs: StudioLogs;
}

/** Data is asked for when it is looked at: a history doesn't carry it. */
function SpanData({ instance, span }: { readonly instance: string; readonly span: TraceSpan }) {
  const [loaded, setLoaded] = useState<Loaded | undefined>();
  const { id, exit, name } = span;
  const scheduled = span.attempts.at(-1)?.scheduled;
  useEffect(() => {
    let isCurrent = true;
    const data = (event: number) => read<StudioEventData>(instancePath(instance, `events/${event}/data`));
    const load = async (): Promise<Loaded> => ({
      entered: await data(id),
      ...(scheduled === undefined ? {} : { asked: await data(scheduled) }),
      ...(exit === undefined ? {} : { left: await data(exit) }),
      logs: await read<StudioLogs>(instancePath(instance, `logs?state=${encodeURIComponent(name)}`)),
    });
    load().then(
      (next) => isCurrent && setLoaded(next),
      () => isCurrent && setLoaded(undefined),
    );
    return () => {
      isCurrent = false;
    };
  }, [instance, id, exit, scheduled, span.status]);
  if (loaded === undefined) return <p class="soft">Loading …</p>;
  const { entered, asked, left, logs } = loaded;
  return (
    <>
      <JsonBlock title="Input" value={entered.input} />
      <JsonBlock title="Arguments" value={asked?.parameters} />
      <JsonBlock title="Result" value={left?.output} />
      <VariablesView before={entered.variables ?? {}} assigned={left?.assigned ?? {}} />
      {logs.lines.length === 0 ? null : (
        <div class="json-block">
          <h3>Logs</h3>
          <pre class="log">
            {logs.lines
              .map(({ t, text, attempt }) => `${clockTime(t)} #${attempt} ${visible(text.trimEnd())}`)
              .join('\n')}
          </pre>
        </div>
      )}
    </>
  );
}
