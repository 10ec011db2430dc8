import { randomUUID } from 'node:crypto';
import { tryParseJson } from '../../asl/language/json.js';
import { parseExecutionName } from '../../contract/instance-id.js';
import { runtimeStatusOf } from '../../contract/runtime-status.js';
import type { StudioChanges, StudioCounts, StudioRow } from '../../contract/studio.js';
import type { ExecutionStatusChange } from '../../engine/model/api.js';
import type { HistoryEvent } from '../../engine/model/history.js';
import { customStatusOf } from './custom-status.js';
import type { StudioCloud } from './studio-cloud.js';
import { childOf } from './trace-events.js';

/** As many finished runs as the engine keeps. */
const MOST_RUNS = 10_000;

/** What is known of one execution. */
export interface Run {
  readonly key: string;
  readonly arn: string;
  readonly stateMachineArn: string;
  readonly instance: string;
  readonly generation: number;
  change: ExecutionStatusChange;
  updated: number;
  revision: number;
  customStatus: unknown;
  parent: { readonly arn: string; readonly state: string } | undefined;
  readonly children: { readonly arn: string; readonly state: string }[];
}

/**
 * Every execution of the cloud, as rows of a list, with a revision: who asks later is told what changed since.
 *
 * It listens and never acts. Children of distributed Maps aren't listed: there may be tens of thousands.
 */
export class Runs {
  private readonly byArn = new Map<string, Run>();
  private readonly byKey = new Map<string, Run>();
  private readonly parents = new Map<string, { readonly arn: string; readonly state: string }>();
  private readonly gone: { readonly key: string; readonly revision: number }[] = [];
  private readonly watchers = new Set<() => void>();
  private revision = 0;
  private names:
    | { readonly of: StudioCloud['orchestrations']; readonly byArn: ReadonlyMap<string, string> }
    | undefined;

  constructor(private readonly cloud: StudioCloud) {
    cloud.stepFunctions.onStatusChange((change) => this.change(change));
    cloud.stepFunctions.onEvent((arn, event) => this.event(arn, event));
  }

  get all(): readonly Run[] {
    return [...this.byArn.values()];
  }

  tryFind(key: string): Run | undefined {
    return this.byKey.get(key);
  }

  tryFindByArn(arn: string): Run | undefined {
    return this.byArn.get(arn);
  }

  /** The runs of the same instance, the oldest first. */
  generationsOf(run: Run): readonly Run[] {
    return this.all
      .filter(({ stateMachineArn, instance }) => stateMachineArn === run.stateMachineArn && instance === run.instance)
      .sort((one, other) => one.generation - other.generation);
  }

  nameOf(stateMachineArn: string): string {
    const { orchestrations } = this.cloud;
    if (this.names?.of !== orchestrations)
      this.names = { of: orchestrations, byArn: orchestrationNames(orchestrations) };
    return this.names.byArn.get(stateMachineArn) ?? stateMachineArn;
  }

  row(run: Run): StudioRow {
    const { change, key, instance, generation, customStatus, updated, parent } = run;
    const parentKey = parent === undefined ? undefined : this.byArn.get(parent.arn)?.key;
    return {
      key,
      id: instance,
      name: this.nameOf(run.stateMachineArn),
      status: runtimeStatusOf(change.status, generation, change.output),
      created: change.startDate,
      updated,
      generation,
      ...(change.stopDate === undefined ? {} : { ended: change.stopDate }),
      ...(customStatus === undefined ? {} : { customStatus }),
      ...(errorOf(change) === undefined ? {} : { error: errorOf(change) as string }),
      ...(parentKey === undefined ? {} : { parent: parentKey }),
    };
  }

  /** What changed after a cursor; everything for a cursor of another start, or none. */
  changes(since: string | undefined): StudioChanges {
    const [start, at] = (since ?? '').split('.');
    const from = start === this.start ? Number(at) || 0 : 0;
    const changed = this.all.filter(({ revision }) => revision > from);
    return {
      rows: changed.map((run) => this.row(run)),
      gone: from === 0 ? [] : this.gone.filter(({ revision }) => revision > from).map(({ key }) => key),
      cursor: `${this.start}.${this.revision}`,
      nextMs: 1_000,
      now: this.cloud.clock.now(),
      app: this.cloud.version,
    };
  }

  counts(): StudioCounts {
    const byStatus: Record<string, number> = {};
    const byName: Record<string, Record<string, number>> = {};
    for (const run of this.byArn.values()) {
      const { name, status } = this.row(run);
      byName[name] ??= {};
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      byName[name][status] = (byName[name][status] ?? 0) + 1;
    }
    return { total: this.byArn.size, byStatus, byName, exact: true };
  }

  /** Calls back whenever something changed. Returns a function that ends it. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Forgets a finished run in the list. */
  remove(run: Run): void {
    this.byArn.delete(run.arn);
    this.byKey.delete(run.key);
    this.gone.push({ key: run.key, revision: ++this.revision });
    this.tell();
  }

  /** Tells cursors of one start of the cloud from those of another. */
  private readonly start = randomUUID().slice(0, 8);

  private change(change: ExecutionStatusChange): void {
    const { executionArn: arn, stateMachineArn, stopDate, startDate } = change;
    if (isOfMapRun(stateMachineArn)) return;
    const run = this.byArn.get(arn) ?? this.add(arn, change);
    run.change = change;
    run.updated = Math.max(run.updated, stopDate ?? startDate);
    run.revision = ++this.revision;
    this.tell();
  }

  private event(arn: string, event: HistoryEvent): void {
    const run = this.byArn.get(arn);
    if (run === undefined) return;
    run.updated = event.timestamp;
    run.revision = ++this.revision;
    if (event.type === 'TaskScheduled') {
      const status = customStatusOf(event.details.parameters);
      if (status !== undefined) run.customStatus = tryParseJson(status) ?? status;
    } else if (event.type === 'TaskSubmitted') this.adopt(run, event.details.output, event.previousEventId);
    this.tell();
  }

  private adopt(run: Run, output: Parameters<typeof childOf>[0], prev: number): void {
    const child = childOf(output);
    if (child === undefined) return;
    const state = this.stateAt(run.arn, prev);
    run.children.push({ arn: child, state });
    const parent = { arn: run.arn, state };
    const known = this.byArn.get(child);
    if (known === undefined) this.parents.set(child, parent);
    else known.parent = parent;
  }

  private stateAt(arn: string, eventId: number): string {
    const events = this.cloud.stepFunctions.historyOf(arn);
    for (let event = events[eventId - 1]; event !== undefined; event = events[event.previousEventId - 1]) {
      if (event.type === 'TaskStateEntered') return event.details.name;
    }
    return '';
  }

  private add(arn: string, change: ExecutionStatusChange): Run {
    const { key: instance, generation } = parseExecutionName(change.name);
    const short = arn.split(':').slice(6).join(':');
    const key = this.byKey.has(short) ? arn : short;
    const { stateMachineArn, startDate: updated } = change;
    const parent = this.parents.get(arn);
    const rest = { change, updated, revision: 0, customStatus: undefined, parent, children: [] };
    const run: Run = { key, arn, stateMachineArn, instance, generation, ...rest };
    this.parents.delete(arn);
    this.byArn.set(arn, run);
    this.byKey.set(key, run);
    if (this.byArn.size > MOST_RUNS) this.forgetOldest();
    return run;
  }

  private forgetOldest(): void {
    for (const run of this.byArn.values()) {
      if (run.change.stopDate === undefined) continue;
      this.remove(run);
      return;
    }
  }

  /** Tells everybody who watches that something changed. */
  tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}

/** Orchestrations by ARN, under their ids; under their paths where several have one id. */
function orchestrationNames(all: StudioCloud['orchestrations']): ReadonlyMap<string, string> {
  return new Map(
    all.map(({ id, path, stateMachineArn }) => {
      const isUnique = all.filter((other) => other.id === id).length === 1;
      return [stateMachineArn, isUnique ? id : path];
    }),
  );
}

function errorOf({ status, error }: ExecutionStatusChange): string | undefined {
  if (status === 'FAILED') return error ?? 'Failed';
  if (status === 'TIMED_OUT') return 'States.Timeout';
  return status === 'ABORTED' ? error : undefined;
}

/** The state machine of a Map run's children is named after the machine and the Map's label. */
function isOfMapRun(stateMachineArn: string): boolean {
  return stateMachineArn.includes('/');
}
