import { useMemo, useState } from 'preact/hooks';
import type { TraceEvent } from '../../../contract/studio.js';
import { rowsOf, type StepRow, type TimeScale, timeScale } from '../../model/steps.js';
import type { Trace, TraceSpan } from '../../model/trace.js';
import { clockTime, duration, inline, visible } from '../format.js';
import { VirtualList } from '../parts/virtual-list.js';
import { spanTone } from './span-tone.js';

interface TimelineProps {
  readonly trace: Trace;
  readonly events: readonly TraceEvent[];
  readonly now: number;
  readonly selected?: string | undefined;
  select(name: string, span: TraceSpan): void;
}

const ROW_HEIGHT = 30;
/** A Map of more items than this begins closed. */
const MOST_OPEN = 30;

/** Each step as a bar over time: its attempts, its waits, what is inside of it. */
export function TimelineView({ trace, events, now, selected, select }: TimelineProps) {
  const [turned, turn] = useTurned();
  const [isFolded, setFolded] = useState(true);
  const isClosed = (span: TraceSpan) => span.children.length > MOST_OPEN !== turned.has(span.id);
  const rows = rowsOf(trace.roots, isClosed);
  const end = trace.status === 'running' ? now : (events.at(-1)?.time ?? now);
  const scale = useMemo(
    () =>
      timeScale(
        events.map(({ time }) => time),
        end,
        isFolded,
      ),
    [events, end, isFolded],
  );
  return (
    <div class="timeline">
      <Head first={events[0]?.time ?? now} end={end} isFolded={isFolded} setFolded={setFolded} />
      <div class="timeline-table" role="table" aria-label="Timeline" aria-rowcount={rows.length + 1}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} class="visually-hidden">
            <span role="columnheader">Step</span>
            <span role="columnheader">Took</span>
            <span role="columnheader">Bar</span>
          </div>
        </div>
        <VirtualList
          items={rows}
          rowHeight={ROW_HEIGHT}
          label="Steps"
          keyOf={({ span }) => span.id}
          render={(row) => (
            <Row
              row={row}
              scale={scale}
              end={end}
              isSelected={row.span.name === selected}
              isClosed={isClosed(row.span)}
              select={select}
              toggle={turn}
            />
          )}
        />
      </div>
    </div>
  );
}

/** Rows that are not as they began: opened, or closed. */
function useTurned(): readonly [ReadonlySet<number>, (id: number) => void] {
  const [turned, setTurned] = useState<ReadonlySet<number>>(new Set());
  const turn = (id: number) => {
    const next = new Set(turned);
    if (!next.delete(id)) next.add(id);
    setTurned(next);
  };
  return [turned, turn];
}

interface HeadProps {
  readonly first: number;
  readonly end: number;
  readonly isFolded: boolean;
  setFolded(isFolded: boolean): void;
}

function Head({ first, end, isFolded, setFolded }: HeadProps) {
  return (
    <div class="timeline-head">
      <span>
        {clockTime(first)} to {clockTime(end)}, {duration(end - first)}
      </span>
      <span class="grow" />
      <label class="check">
        <input type="checkbox" checked={isFolded} onChange={() => setFolded(!isFolded)} />
        Shorten long waits
      </label>
    </div>
  );
}

interface RowProps {
  readonly row: StepRow;
  readonly scale: TimeScale;
  readonly end: number;
  readonly isSelected: boolean;
  readonly isClosed: boolean;
  select(name: string, span: TraceSpan): void;
  toggle(id: number): void;
}

function Row({ row: { span, depth }, scale, end, isSelected, isClosed, select, toggle }: RowProps) {
  const { id, name, status, start, children } = span;
  const stop = span.end ?? end;
  return (
    <div class={`timeline-row tone-${spanTone(status)}${isSelected ? ' is-active' : ''}`} role="presentation">
      <span role="cell" class="timeline-name" style={{ paddingLeft: `${8 + Math.min(depth, 8) * 14}px` }}>
        {children.length === 0 ? (
          <span class="timeline-leaf" />
        ) : (
          <button
            type="button"
            class="tiny"
            aria-expanded={!isClosed}
            aria-label={`${isClosed ? 'Open' : 'Close'} ${visible(name)}`}
            onClick={() => toggle(id)}
          >
            {isClosed ? '+' : '−'}
          </button>
        )}
        <button type="button" class="plain" onClick={() => select(name, span)}>
          {inline(name, 40)}
        </button>
      </span>
      <span role="cell" class="timeline-took">
        {duration(stop - start)}
      </span>
      <span role="cell" class="timeline-bar">
        <Bars span={span} scale={scale} end={end} />
        <span class="visually-hidden">
          {status} after {duration(stop - start)}
        </span>
      </span>
    </div>
  );
}

function Bars({ span, scale, end }: { readonly span: TraceSpan; readonly scale: TimeScale; readonly end: number }) {
  return (
    <svg class="bars" preserveAspectRatio="none" viewBox="0 0 1000 20" aria-hidden="true">
      {scale.folds.map(({ from, to }) => (
        <rect
          key={from}
          class="fold"
          x={scale.at(from) * 1000}
          width={Math.max(0, scale.at(to) - scale.at(from)) * 1000}
          height={20}
        />
      ))}
      <Bar kind="whole" from={span.start} to={span.end ?? end} scale={scale} />
      {span.attempts.map((attempt) => (
        <Bar
          key={attempt.number}
          kind={attempt.status === 'failed' ? 'failed' : attempt.submitted === undefined ? 'work' : 'wait'}
          from={attempt.start}
          to={attempt.end ?? span.end ?? end}
          scale={scale}
        />
      ))}
    </svg>
  );
}

interface BarProps {
  readonly kind: 'whole' | 'work' | 'wait' | 'failed';
  readonly from: number;
  readonly to: number;
  readonly scale: TimeScale;
}

function Bar({ kind, from, to, scale }: BarProps) {
  const [left, right] = [scale.at(from), scale.at(to)];
  const thick = kind === 'whole' ? 6 : 12;
  return (
    <rect
      class={`bar is-${kind}`}
      x={left * 1000}
      width={Math.max(3, (right - left) * 1000)}
      y={(20 - thick) / 2}
      height={thick}
    />
  );
}
