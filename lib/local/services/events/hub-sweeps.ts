import { isJsonObject, type Json, type JsonObject } from '../../../asl/language/json.js';
import type { Resource } from '../../../assembly/model.js';
import type { Clock } from '../../../clock.js';
import { HUB_ENVIRONMENT } from '../../../contract/hub-environment.js';
import {
  DUE_AT_ATTRIBUTE,
  DUE_SHARD_ATTRIBUTE,
  type DueKind,
  INSTANCE_RECORD,
  instancePartition,
} from '../../../contract/hub-records.js';
import { parseExecutionName } from '../../../contract/instance-id.js';
import type { ItemChange } from '../dynamodb/service.js';
import type { Schedule } from './schedule-expression.js';

/** The table that a function sees to each minute, if it is the one of a hub that does. */
export function trySweptTable(fn: Resource | undefined): string | undefined {
  const { Environment: environment } = fn?.properties ?? {};
  const variables = objectOf(objectOf(environment)['Variables']);
  return variables[HUB_ENVIRONMENT.sweeps] === undefined ? undefined : String(variables[HUB_ENVIRONMENT.table]);
}

/**
 * The ticks of a hub's sweep at which it would find anything: the others are left out, so that a wait of thirty days isn't 43,200 calls of a function.
 *
 * 1. What is owed lets virtual time move: it will be done. It is due only if whoever stored it failed, since otherwise the debt is gone in the same moment.
 * 2. A record is looked at only if its execution has ended: a look at any other finds nothing. Nor does time move for it.
 * 3. What a sweep leaves as it was is tried again at the next tick that comes anyway.
 */
export class HubSweeps {
  private readonly owed: Ticks;
  private readonly rest: Ticks;
  /** Looks that are planned at running instances: item → when. */
  private readonly checks = new Map<string, number>();

  /** @param fire lets the schedule's tick happen that was due at a moment */
  constructor(
    private readonly clock: Clock,
    private readonly schedule: Schedule,
    fire: (due: number) => void,
  ) {
    const sweep = (due: number, items: readonly string[]): void => {
      fire(due);
      for (const item of items) this.rest.set(item, this.schedule.nextAfter(this.clock.now()));
    };
    this.owed = new Ticks(clock, false, sweep);
    this.rest = new Ticks(clock, true, sweep);
  }

  /** Hears of a write to the hub's table. */
  note({ key, item }: ItemChange): void {
    const name = nameOf(textOf(key['pk']), textOf(key['sk']));
    const [kind] = textOf(item?.[DUE_SHARD_ATTRIBUTE]).split('#') as [DueKind | ''];
    const due = Number(textOf(item?.[DUE_AT_ATTRIBUTE], 'N'));
    this.rest.set(name, undefined);
    this.owed.set(name, kind === 'owed' ? this.tickAt(due) : undefined);
    if (kind === 'check') this.checks.set(name, due);
    else this.checks.delete(name);
  }

  /** Hears that an execution has ended. */
  noteEnd(executionName: string): void {
    const name = nameOf(instancePartition(parseExecutionName(executionName).key), INSTANCE_RECORD);
    const due = this.checks.get(name);
    if (due !== undefined) this.rest.set(name, this.tickAt(due));
  }

  close(): void {
    this.owed.close();
    this.rest.close();
  }

  private tickAt(due: number): number | undefined {
    return this.schedule.nextAfter(Math.max(this.clock.now(), due - 1));
  }
}

/** Items by the tick at which they are due, and one timer, for the first of them. */
class Ticks {
  private readonly tickOf = new Map<string, number>();
  private readonly itemsAt = new Map<number, Set<string>>();
  private armed: { readonly tick: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly background: boolean,
    private readonly fire: (tick: number, items: readonly string[]) => void,
  ) {}

  set(item: string, tick: number | undefined): void {
    const before = this.tickOf.get(item);
    if (before === tick) return;
    if (before !== undefined) this.remove(item, before);
    if (tick !== undefined) this.add(item, tick);
    this.arm();
  }

  close(): void {
    this.armed?.cancel();
  }

  private add(item: string, tick: number): void {
    this.tickOf.set(item, tick);
    const items = this.itemsAt.get(tick) ?? new Set();
    this.itemsAt.set(tick, items.add(item));
  }

  private remove(item: string, tick: number): void {
    this.tickOf.delete(item);
    const items = this.itemsAt.get(tick);
    items?.delete(item);
    if (items?.size === 0) this.itemsAt.delete(tick);
  }

  private arm(): void {
    const first = this.itemsAt.size === 0 ? undefined : Math.min(...this.itemsAt.keys());
    if (first === this.armed?.tick) return;
    this.armed?.cancel();
    this.armed =
      first === undefined
        ? undefined
        : { tick: first, cancel: this.clock.at(first, () => this.happen(first), { background: this.background }) };
  }

  private happen(tick: number): void {
    const items = [...(this.itemsAt.get(tick) ?? [])];
    this.armed = undefined;
    for (const item of items) this.remove(item, tick);
    this.fire(tick, items);
    this.arm();
  }
}

function nameOf(pk: string, sk: string): string {
  return `${pk}/${sk}`;
}

/** A text or number in DynamoDB's JSON; empty for none. */
function textOf(value: Json | undefined, type: 'S' | 'N' = 'S'): string {
  const text = isJsonObject(value) ? value[type] : undefined;
  return typeof text === 'string' ? text : '';
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
