import { useEffect, useMemo, useState } from 'preact/hooks';
import { RUNTIME_STATUSES } from '../../contract/runtime-status.js';
import type { StudioRow } from '../../contract/studio.js';
import { BulkBar } from './bulk.js';
import { type Filters, filtersOf, fits } from './filters.js';
import { clockTime, dayAndTime, duration, inline, visible } from './format.js';
import { config, loaded, rows } from './live.js';
import { Icon } from './parts/icons.js';
import { Status, toneOf } from './parts/status.js';
import { VirtualList } from './parts/virtual-list.js';
import { pick, picked } from './picked.js';
import { address, go, href, setQuery } from './router.js';

/** The list of all instances. */
export function InstancesPage() {
  const filters = filtersOf(address.value.query);
  const all = rows.value;
  const { status, name, q } = filters;
  const shown = useMemo(() => all.filter((row) => fits(row, filters)), [all, status.join(), name, q]);
  const [at, setAt] = useState(-1);
  useListKeys(shown, at, setAt);
  return (
    <section class="list-page">
      <h1 class="visually-hidden">Instances</h1>
      <FilterBar filters={filters} all={all} />
      <BulkBar shown={shown} />
      {shown.length === 0 ? <Nothing hasAny={all.length > 0} /> : <Table rows={shown} at={at} />}
    </section>
  );
}

function FilterBar({ filters, all }: { readonly filters: Filters; readonly all: readonly StudioRow[] }) {
  return (
    <div class="filters">
      <label class="search">
        <Icon name="search" />
        <span class="visually-hidden">Search ids, errors and custom statuses</span>
        <input
          type="search"
          id="search"
          placeholder="Search id, error, custom status"
          value={filters.q}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
        <kbd>/</kbd>
      </label>
      <select
        aria-label="Orchestration"
        value={filters.name}
        onChange={(event) => setQuery({ name: event.currentTarget.value })}
      >
        <option value="">All orchestrations</option>
        {(config.value?.orchestrations ?? []).map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
      <StatusChips filters={filters} all={all} />
    </div>
  );
}

/** How many there are in each status, and which are shown. */
function StatusChips({ filters, all }: { readonly filters: Filters; readonly all: readonly StudioRow[] }) {
  const counts = new Map<string, number>();
  for (const row of all) {
    if (fits(row, { ...filters, status: [] })) counts.set(row.status, (counts.get(row.status) ?? 0) + 1);
  }
  const chosen = new Set(filters.status);
  const toggle = (status: string) => {
    const next = chosen.has(status) ? filters.status.filter((one) => one !== status) : [...filters.status, status];
    setQuery({ status: next.join(',') });
  };
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Status</legend>
      {RUNTIME_STATUSES.filter((status) => (counts.get(status) ?? 0) > 0 || chosen.has(status)).map((status) => (
        <button
          key={status}
          type="button"
          class={`chip tone-${toneOf(status)}`}
          aria-pressed={chosen.has(status)}
          onClick={() => toggle(status)}
        >
          <span class="chip-dot" aria-hidden="true" />
          {status === 'ContinuedAsNew' ? 'Continued' : status} <b>{counts.get(status) ?? 0}</b>
        </button>
      ))}
    </fieldset>
  );
}

const ROW_HEIGHT = 48;

function Table({ rows: shown, at }: { readonly rows: readonly StudioRow[]; readonly at: number }) {
  return (
    <div class="table" role="table" aria-label="Instances" aria-rowcount={shown.length + 1}>
      <div role="rowgroup">
        <div class="table-head" role="row" aria-rowindex={1}>
          <span role="columnheader">
            <span class="visually-hidden">Picked</span>
          </span>
          <span role="columnheader">Status</span>
          <span role="columnheader">Instance</span>
          <span role="columnheader" class="col-name">
            Orchestration
          </span>
          <span role="columnheader" class="col-detail">
            What it says
          </span>
          <span role="columnheader" class="col-time">
            Started
          </span>
          <span role="columnheader" class="col-took">
            Took
          </span>
        </div>
      </div>
      <VirtualList
        items={shown}
        rowHeight={ROW_HEIGHT}
        label="Instances"
        keyOf={({ key }) => key}
        shown={at}
        render={(row, index) => <Row row={row} active={index === at} />}
      />
    </div>
  );
}

function Row({ row, active }: { readonly row: StudioRow; readonly active: boolean }) {
  const { key, id, name, status, created, ended, updated, generation } = row;
  const isPicked = picked.value.has(key);
  return (
    <div
      class={`table-row tone-${toneOf(status)}${active ? ' is-active' : ''}${isPicked ? ' is-picked' : ''}`}
      role="presentation"
    >
      <span role="cell">
        <input type="checkbox" checked={isPicked} aria-label={`Pick ${id}`} onChange={() => pick(key)} />
      </span>
      <span role="cell">
        <Status status={status} />
      </span>
      <span role="cell" class="col-id">
        <a href={href(['instance', key])}>{visible(id)}</a>
        {generation > 1 ? <span class="badge">run {generation}</span> : null}
        {row.parent === undefined ? null : <span class="badge">child</span>}
      </span>
      <span role="cell" class="col-name">
        {name}
      </span>
      <span role="cell" class="col-detail">
        <Detail row={row} />
      </span>
      <span role="cell" class="col-time" title={dayAndTime(created)}>
        {clockTime(created)}
      </span>
      <span role="cell" class="col-took">
        {duration((ended ?? updated) - created)}
      </span>
    </div>
  );
}

function Detail({ row: { error, customStatus } }: { readonly row: StudioRow }) {
  if (error !== undefined) return <span class="error-name">{inline(error, 60)}</span>;
  return customStatus === undefined ? null : <span class="custom">{inline(customStatus, 80)}</span>;
}

function Nothing({ hasAny }: { readonly hasAny: boolean }) {
  if (!loaded.value) return <p class="empty">Loading …</p>;
  if (hasAny) {
    return (
      <div class="empty">
        <h2>No instance fits these filters</h2>
        <button type="button" onClick={() => setQuery({ q: '', name: '', status: '' })}>
          Show all
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>Nothing has run yet</h2>
      <p>
        Start one of the <a href={href(['orchestrations'])}>orchestrations</a>, here, from your app or over its API: it
        appears at once.
      </p>
    </div>
  );
}

/** `/` searches, `j` and `k` walk, `x` picks, Enter opens. */
function useListKeys(shown: readonly StudioRow[], at: number, setAt: (at: number) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const row = shown[at];
      if (event.key === '/') document.getElementById('search')?.focus();
      else if (event.key === 'j') setAt(Math.min(shown.length - 1, at + 1));
      else if (event.key === 'k') setAt(Math.max(0, at - 1));
      else if (event.key === 'x' && row !== undefined) pick(row.key);
      else if (event.key === 'Enter' && row !== undefined && event.target === document.body)
        go(href(['instance', row.key]));
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [shown, at, setAt]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
