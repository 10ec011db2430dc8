import { useMemo, useRef } from 'preact/hooks';
import type { StudioGraph, StudioInstance, StudioNode, TraceEvent } from '../../../contract/studio.js';
import { type StateSummary, summarize } from '../../model/steps.js';
import { Trace } from '../../model/trace.js';
import { dayAndTime, duration, visible } from '../format.js';
import { hostTime } from '../live.js';
import { JsonBlock } from '../parts/json.js';
import { Status } from '../parts/status.js';
import { address, href, setQuery } from '../router.js';
import { InstanceActions } from './actions.js';
import { Events } from './events.js';
import { Graph } from './graph.js';
import { Scrubber } from './scrubber.js';
import { StatePanel } from './state-panel.js';
import { TimelineView } from './timeline.js';
import { useInstance, type Watched } from './watched.js';
import { Why } from './why.js';

const VIEWS = [
  { name: 'graph', label: 'Graph' },
  { name: 'timeline', label: 'Timeline' },
  { name: 'events', label: 'Events' },
  { name: 'data', label: 'Input and output' },
] as const;

/** One instance: why it failed, what it did and does, and how it stood at any moment. */
export function InstanceView({ id }: { readonly id: string }) {
  const { watched, refusal } = useInstance(id);
  if (watched === undefined) {
    return (
      <p class="empty" role={refusal === undefined ? undefined : 'alert'}>
        {refusal ?? 'Loading …'}
      </p>
    );
  }
  return <Loaded watched={watched} />;
}

/** A moment of an instance: how it stood after so many events. */
interface Moment {
  readonly at: number;
  readonly isLive: boolean;
  readonly now: number;
  readonly trace: Trace;
  readonly states: ReadonlyMap<string, StateSummary>;
}

/** A moment that was looked at last: a step forward goes on from there. */
interface Past {
  readonly events: readonly TraceEvent[];
  readonly trace: Trace;
  at: number;
}

function stepTo(from: Past | undefined, events: readonly TraceEvent[], at: number): Past {
  const past = from?.events === events && from.at <= at ? from : { events, trace: new Trace(), at: 0 };
  for (; past.at < at; past.at++) past.trace.add(events[past.at]!);
  return past;
}

function useMoment(watched: Watched, given: number): Moment {
  const { instance, events } = watched;
  const isLive = !(given >= 1 && given < events.length);
  const at = isLive ? events.length : given;
  const past = useRef<Past | undefined>(undefined);
  if (!isLive) past.current = stepTo(past.current, events, at);
  const trace = isLive ? watched.trace : past.current!.trace;
  const last = events[at - 1]?.time ?? 0;
  const now = isLive ? Math.max(instance.ended ?? hostTime.value, last) : last;
  const states = useMemo(() => summarize(trace, now), [trace, at, now]);
  return { at, isLive, now, trace, states };
}

/** What is looked at is in the address: a link leads to the same state at the same moment. */
function select(state: string, visit?: number): void {
  setQuery({ state, visit: visit === undefined ? undefined : String(visit) });
}

function goTo(event: number | undefined): void {
  setQuery({ at: event === undefined ? undefined : String(event) });
}

function Loaded({ watched }: { readonly watched: Watched }) {
  const { query } = address.value;
  const { instance, events, definition } = watched;
  const moment = useMoment(watched, Number(query.get('at')));
  const summary = moment.states.get(query.get('state') ?? '');
  return (
    <section class="instance-page">
      <Head instance={instance} />
      {moment.isLive ? <Why instance={instance} trace={moment.trace} select={(name) => select(name)} /> : null}
      <Tabs current={viewOf(query)} />
      <div class={summary === undefined ? 'views' : 'views has-panel'}>
        <div class="view" id="view" role="tabpanel" aria-labelledby={`tab-${viewOf(query)}`}>
          <View watched={watched} moment={moment} />
        </div>
        {summary === undefined ? null : (
          <StatePanel
            instance={instance.key}
            node={nodeOf(definition.graph, summary.name)}
            summary={summary}
            visit={Number(query.get('visit')) || undefined}
            choose={(visit) => select(summary.name, visit)}
            close={() => setQuery({ state: undefined, visit: undefined })}
          />
        )}
      </div>
      <Scrubber events={events} at={moment.at} isLive={moment.isLive} go={goTo} />
    </section>
  );
}

function viewOf(query: URLSearchParams): (typeof VIEWS)[number]['name'] {
  return VIEWS.find(({ name }) => name === query.get('view'))?.name ?? 'graph';
}

function View({ watched, moment }: { readonly watched: Watched; readonly moment: Moment }) {
  const { query } = address.value;
  const { instance, events, definition } = watched;
  const { trace, states, at, isLive, now } = moment;
  const selected = query.get('state') ?? undefined;
  switch (viewOf(query)) {
    case 'graph':
      return <Graph graph={definition.graph} states={states} selected={selected} select={(name) => select(name)} />;
    case 'timeline':
      return (
        <TimelineView
          trace={trace}
          events={isLive ? events : events.slice(0, at)}
          now={now}
          selected={selected}
          select={(name, span) => select(name, span.id)}
        />
      );
    case 'events':
      return <Events events={events} trace={watched.trace} at={at} go={goTo} />;
    case 'data':
      return <Data instance={instance} />;
  }
}

function Head({ instance }: { readonly instance: StudioInstance }) {
  const { id, name, status, created, ended, updated, generations, parent, customStatus, children } = instance;
  return (
    <div class="instance-head">
      <div>
        <h1>
          {visible(id)} <Status status={status} />
        </h1>
        <p class="soft">
          <a href={href(['orchestrations', name])}>{visible(name)}</a> · started {dayAndTime(created)} ·{' '}
          {duration((ended ?? updated) - created)}
          {parent === undefined ? null : (
            <>
              {' · '}
              <a href={href(['instance', parent])}>its parent</a>
            </>
          )}
          {children.map(({ key, state }) => (
            <span key={key}>
              {' · '}
              <a href={href(['instance', key])}>child of {visible(state)}</a>
            </span>
          ))}
          {generations.length < 2
            ? null
            : generations.map((one) => (
                <span key={one.key}>
                  {' · '}
                  <a href={href(['instance', one.key])} aria-current={one.key === instance.key ? 'page' : undefined}>
                    run {one.generation}
                  </a>
                </span>
              ))}
        </p>
        {customStatus === undefined ? null : (
          <p>
            Says <code>{visible(typeof customStatus === 'string' ? customStatus : JSON.stringify(customStatus))}</code>
          </p>
        )}
        <Waits instance={instance} />
      </div>
      <InstanceActions instance={instance} />
    </div>
  );
}

const WAITS = {
  event: 'for the event',
  approval: 'for an approval',
  timer: 'for its time',
  child: 'for its child',
  callback: 'for an answer',
} as const;

function Waits({ instance: { waits } }: { readonly instance: StudioInstance }) {
  if (waits.length === 0) return null;
  return (
    <p class="tone-waiting">
      <b class="tone-text">Waits</b>{' '}
      {waits
        .map(
          ({ kind, state, name }) =>
            `${WAITS[kind]}${name === undefined ? '' : ` ${visible(name)}`} in ${visible(state)}`,
        )
        .join(', ')}
    </p>
  );
}

function Tabs({ current }: { readonly current: string }) {
  return (
    <div class="tabs" role="tablist" aria-label="Views">
      {VIEWS.map(({ name, label }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={current === name}
          aria-controls="view"
          onClick={() => setQuery({ view: name === 'graph' ? undefined : name })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Data({ instance }: { readonly instance: StudioInstance }) {
  return (
    <div class="data">
      <JsonBlock title="Input" value={instance.input} />
      <JsonBlock title="Output" value={instance.output} />
      <JsonBlock title="Custom status" value={instance.customStatus} />
    </div>
  );
}

/** A state of the definition, wherever it is nested. */
function nodeOf(graph: StudioGraph, name: string): StudioNode | undefined {
  for (const node of graph.nodes) {
    if (node.name === name) return node;
    for (const branch of node.branches ?? []) {
      const found = nodeOf(branch, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
