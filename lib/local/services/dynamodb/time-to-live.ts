import { isJsonObject, type JsonObject } from '../../../asl/language/json.js';
import type { TableModel } from './table-model.js';

/** An item that will expire. */
interface Expiry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly table: TableModel;
  readonly key: JsonObject;
}

/**
 * Remembers when items expire, so that expired ones can be deleted before the next call sees them.
 *
 * No timer: virtual time doesn't run through months of retention for the sake of a deletion, and nothing is left to cancel at the end. AWS deletes an
 * expired item within a few days; here it is gone for every call that comes after its expiry, the earliest that AWS allows.
 */
export class TimeToLive {
  /** Ordered by expiry. An entry may be outdated: whoever takes it reads the item again. */
  private readonly expiries: Expiry[] = [];

  /** Remembers an item's expiry, if it has one. */
  note(table: TableModel, item: JsonObject): void {
    const at = expiryOf(table, item);
    if (at === undefined) return;
    this.expiries.splice(this.positionAfter(at), 0, { at, table, key: keyOf(table, item) });
  }

  /** Takes the entries that are due. */
  takeDue(now: number): readonly Expiry[] {
    if ((this.expiries[0]?.at ?? Number.POSITIVE_INFINITY) > now) return [];
    return this.expiries.splice(0, this.positionAfter(now));
  }

  private positionAfter(at: number): number {
    let low = 0;
    let high = this.expiries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.expiries[middle]!.at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const FIVE_YEARS_MS = 5 * 365 * 86_400_000;

/** Whether DynamoDB would delete the item: its expiry has passed, by no more than five years. */
export function isPastTimeToLive(table: TableModel, item: JsonObject, now: number): boolean {
  const at = expiryOf(table, item);
  return at !== undefined && at <= now && at > now - FIVE_YEARS_MS;
}

/** The key attributes of an item. */
export function keyOf(table: TableModel, item: JsonObject): JsonObject {
  const names = table.rangeKey === undefined ? [table.hashKey] : [table.hashKey, table.rangeKey];
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}

function expiryOf(table: TableModel, item: JsonObject): number | undefined {
  const value = table.timeToLiveAttribute === undefined ? undefined : item[table.timeToLiveAttribute];
  if (!isJsonObject(value) || typeof value['N'] !== 'string') return undefined;
  return Math.floor(Number(value['N'])) * 1000;
}
