import { useMemo, useState } from 'preact/hooks';
import type { StudioGraph, StudioNode } from '../../../contract/studio.js';
import { layoutGraph, type PlacedEdge, type PlacedGraph, type PlacedNode } from '../../model/layout.js';
import type { StateSummary } from '../../model/steps.js';
import { duration, inline, visible } from '../format.js';
import { IconShape } from '../parts/icons.js';
import { spanTone } from './span-tone.js';

interface GraphProps {
  readonly graph: StudioGraph;
  /** What happened, by state; none for a definition alone. */
  readonly states: ReadonlyMap<string, StateSummary>;
  readonly selected?: string | undefined;
  select(name: string): void;
}

/** A definition, drawn; each state shows how it stands. */
export function Graph({ graph, states, selected, select }: GraphProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [zoom, setZoom] = useState(1);
  const placed = useMemo(() => layoutGraph(graph, { closed }), [graph, closed]);
  const toggle = (name: string) => {
    const next = new Set(closed);
    if (!next.delete(name)) next.add(name);
    setClosed(next);
  };
  const width = (placed.width + 16) * zoom;
  return (
    <div class="graph">
      <div class="graph-tools">
        <button type="button" class="small" aria-label="Smaller" onClick={() => setZoom(Math.max(0.4, zoom / 1.2))}>
          −
        </button>
        <button type="button" class="small" aria-label="Larger" onClick={() => setZoom(Math.min(2, zoom * 1.2))}>
          +
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has only a keyboard must be able to scroll it */}
      <div class="graph-scroll" tabIndex={0} role="region" aria-label="Graph of the definition">
        <svg
          width={width}
          height={placed.height * zoom + 8}
          viewBox={`${placed.left - 8} 0 ${placed.width + 16} ${placed.height + 8 / zoom}`}
          role="group"
          aria-label="States"
        >
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="9"
              markerHeight="9"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0.5L7.5 4L0 7.5z" class="arrow" />
            </marker>
          </defs>
          <Picture placed={placed} context={{ states, selected, select, toggle, closed }} />
        </svg>
      </div>
    </div>
  );
}

interface Context {
  readonly states: ReadonlyMap<string, StateSummary>;
  readonly selected: string | undefined;
  readonly closed: ReadonlySet<string>;
  select(name: string): void;
  toggle(name: string): void;
}

function Picture({ placed, context }: { readonly placed: PlacedGraph; readonly context: Context }) {
  const [x, y] = placed.start;
  return (
    <>
      <circle cx={x} cy={y} r={4} class="graph-start" />
      {placed.edges.map((edge) => (
        <Way key={`${edge.from}\n${edge.to}\n${edge.kind}`} edge={edge} wasTaken={wasTaken(edge, context.states)} />
      ))}
      {placed.nodes.map((one) => (
        <State key={one.node.name} placed={one} context={context} />
      ))}
    </>
  );
}

/** Both its ends were entered: an approximation that is right but where several ways lead from one state to another. */
function wasTaken({ from, to }: PlacedEdge, states: ReadonlyMap<string, StateSummary>): boolean {
  return states.has(to) && (from === '' || states.has(from));
}

function Way({ edge, wasTaken }: { readonly edge: PlacedEdge; readonly wasTaken: boolean }) {
  const { kind, label, path, labelAt } = edge;
  return (
    <g class={`way is-${kind}${wasTaken ? ' was-taken' : ''}`}>
      <path d={path} marker-end="url(#arrow)" />
      {label === undefined || kind === 'catch' ? null : (
        <text x={labelAt[0]} y={labelAt[1]}>
          {inline(label, 17)}
          <title>{visible(label)}</title>
        </text>
      )}
      {label !== undefined && kind === 'catch' ? <title>{visible(label)}</title> : null}
    </g>
  );
}

function State({ placed, context }: { readonly placed: PlacedNode; readonly context: Context }) {
  const { node, x, y, width, height, inner } = placed;
  const summary = context.states.get(node.name);
  const tone = summary === undefined ? 'none' : spanTone(summary.status);
  const isBox = inner.length > 0;
  return (
    <g transform={`translate(${x} ${y})`} class={`state tone-${tone} kind-${node.kind}`}>
      <title>{[visible(node.name), typeWord(node), node.activity?.path ?? ''].join(' ').trim()}</title>
      {isBox ? <rect class="box" width={width} height={height} rx={12} /> : null}
      <StateButton
        node={node}
        summary={summary}
        isSelected={context.selected === node.name}
        width={width}
        height={isBox ? 34 : height}
        select={context.select}
      />
      {node.branches === undefined ? null : (
        <FoldButton node={node} x={width - 22} isClosed={context.closed.has(node.name)} toggle={context.toggle} />
      )}
      {inner.map(({ x: dx, y: dy, graph }) => (
        <g key={graph.nodes[0]?.node.name} transform={`translate(${dx} ${dy})`}>
          <Picture placed={graph} context={context} />
        </g>
      ))}
    </g>
  );
}

interface StateButtonProps {
  readonly node: StudioNode;
  readonly summary: StateSummary | undefined;
  readonly isSelected: boolean;
  readonly width: number;
  readonly height: number;
  select(name: string): void;
}

function StateButton({ node, summary, isSelected, width, height, select }: StateButtonProps) {
  const isSlim = height < 40;
  const detail = summary === undefined ? typeWord(node) : stateText(summary);
  const open = () => select(node.name);
  const shownName = inline(node.name, isSlim ? 19 : 20);
  const shownDetail = isSlim ? '' : inline(detail, 26);
  const unseen = summary === undefined ? 'not reached' : isSlim ? stateText(summary) : '';
  return (
    <g
      class="state-button"
      role="button"
      aria-label={[shownName, shownDetail, unseen].join(' ').trim()}
      tabIndex={0}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        open();
      }}
    >
      <rect
        class={`face is-${summary === undefined ? 'unreached' : 'reached'}${isSelected ? ' is-selected' : ''}`}
        width={width}
        height={height}
        rx={10}
      />
      {summary === undefined ? null : (
        <g transform={`translate(10 ${height / 2 - 8})`} class="state-sign">
          <IconShape name={spanTone(summary.status)} size={16} />
        </g>
      )}
      <text class="state-name" x={summary === undefined ? 14 : 34} y={isSlim ? height / 2 + 4.5 : 20}>
        {shownName}
      </text>
      {' ' /* two words, for who hears them */}
      {isSlim ? null : (
        <text class="state-detail" x={summary === undefined ? 14 : 34} y={36}>
          {shownDetail}
        </text>
      )}
    </g>
  );
}

interface FoldButtonProps {
  readonly node: StudioNode;
  readonly x: number;
  readonly isClosed: boolean;
  toggle(name: string): void;
}

function FoldButton({ node, x, isClosed, toggle }: FoldButtonProps) {
  const turn = () => toggle(node.name);
  return (
    <g
      class="fold-button"
      role="button"
      tabIndex={0}
      aria-label={`${isClosed ? 'Open' : 'Close'} ${visible(node.name)}`}
      transform={`translate(${x - 6} 4)`}
      onClick={turn}
      onKeyDown={(event) => {
        if (event.key === 'Enter') turn();
      }}
    >
      <rect width={26} height={26} rx={6} />
      <text x={13} y={18}>
        {isClosed ? '+' : '−'}
      </text>
    </g>
  );
}

const KIND_WORDS: Readonly<Record<StudioNode['kind'], string>> = {
  activity: 'Activity',
  approval: 'Approval',
  event: 'Event',
  child: 'Child',
  callback: 'Callback',
  service: 'Service',
  internal: 'Status',
  flow: '',
};

function typeWord({ kind, type, map }: StudioNode): string {
  if (map?.distributed === true) return 'Distributed Map';
  return KIND_WORDS[kind] === '' ? type : KIND_WORDS[kind];
}

/** `38 done, 2 failed`, `failed · 1.2 s · 3 attempts`. */
export function stateText({ spans, counts, attempts, status, duration: took }: StateSummary): string {
  if (spans.length > 1) {
    return Object.entries(counts)
      .map(([one, count]) => `${count} ${one}`)
      .join(', ');
  }
  return `${status} · ${duration(took)}${attempts > 1 ? ` · ${attempts} attempts` : ''}`;
}
