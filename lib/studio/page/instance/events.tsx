import { useMemo, useState } from 'preact/hooks';
import type { TraceEvent } from '../../../contract/studio.js';
import type { Trace } from '../../model/trace.js';
import { duration, inline, visible } from '../format.js';
import { VirtualList } from '../parts/virtual-list.js';

interface EventsProps {
  readonly events: readonly TraceEvent[];
  readonly trace: Trace;
  /** The event that is looked at: the last one of the moment shown. */
  readonly at: number;
  go(event: number): void;
}

const ROW_HEIGHT = 28;

/** The history, event by event. */
export function Events({ events, trace, at, go }: EventsProps) {
  const [text, setText] = useState('');
  const shown = useMemo(() => events.filter((event) => holds(event, text.toLowerCase())), [events, text]);
  const start = events[0]?.time ?? 0;
  return (
    <div class="events">
      <div class="timeline-head">
        <input
          type="search"
          placeholder="Type, state or error"
          aria-label="Filter events"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span>
          {shown.length} of {events.length} events
        </span>
      </div>
      <div class="timeline-table" role="table" aria-label="Events" aria-rowcount={shown.length + 1}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} class="event-row event-head">
            <span role="columnheader">#</span>
            <span role="columnheader">After</span>
            <span role="columnheader">Event</span>
            <span role="columnheader">State</span>
          </div>
        </div>
        <VirtualList
          items={shown}
          rowHeight={ROW_HEIGHT}
          label="Events"
          keyOf={({ id }) => id}
          shown={shown.findIndex(({ id }) => id === at)}
          render={(event) => (
            <Row
              event={event}
              state={event.name ?? trace.spanOf(event.id)?.name ?? ''}
              after={event.time - start}
              isActive={event.id === at}
              go={go}
            />
          )}
        />
      </div>
    </div>
  );
}

interface RowProps {
  readonly event: TraceEvent;
  readonly state: string;
  readonly after: number;
  readonly isActive: boolean;
  go(event: number): void;
}

function Row({ event: { id, type, more }, state, after, isActive, go }: RowProps) {
  const error = more?.error;
  return (
    <div class={`event-row${isActive ? ' is-active' : ''}${error === undefined ? '' : ' is-bad'}`} role="presentation">
      <span role="cell">{id}</span>
      <span role="cell">{duration(after)}</span>
      <span role="cell">
        <button type="button" class="plain" onClick={() => go(id)}>
          {visible(type)}
        </button>
      </span>
      <span role="cell">
        {inline(state, 60)}
        {error === undefined ? '' : ` ${inline(error, 60)}`}
      </span>
    </div>
  );
}

function holds({ type, name = '', more }: TraceEvent, text: string): boolean {
  return text === '' || [type, name, more?.error ?? ''].some((part) => part.toLowerCase().includes(text));
}
