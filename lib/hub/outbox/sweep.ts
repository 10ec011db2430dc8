import { type DueKind, INSTANCE_RECORD, instanceOfPartition } from '../../contract/hub-records.js';
import { tryReadApproval } from '../approvals/approval-store.js';
import { completeCallback } from '../approvals/callback.js';
import type { Hub } from '../hub.js';
import { isThrottled } from '../hub-error.js';
import { addressOfInbox, tendInbox } from '../lifecycle/event-delivery.js';
import { bury, type DueEntry, type DuePage, putOff, readDue, shardsOf } from '../store/due.js';
import { leaveInQueue, tryReadQueued } from '../store/event-queue.js';
import { tendRecord } from './tend-record.js';

/** What a sweep found and did. */
export interface SweepReport {
  /** For how long, in milliseconds, the entry that was due first had been due; undefined when none was. */
  readonly oldestOwed?: number;
  readonly oldestCheck?: number;
  /** Entries that were seen to. */
  readonly tended: number;
  /** Entries that failed and are due again later. */
  readonly putOff: number;
  /** Entries that failed for the last time, as `<pk>/<sk>: <error>`. */
  readonly given: readonly string[];
}

/** For how long a sweep takes up entries, in milliseconds: it ends before the next begins. */
const SWEEP_TIME = 40_000;
const AT_ONCE = 8;
const PAGE = 50;

/** Looks at executions in one sweep: five a second, of the 10 to 15 calls that an account has. */
const MOST_CHECKS = 300;

const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 3_600_000;

/** An entry that failed so often, within about five hours, is given up. */
export const MOST_ATTEMPTS = 12;

/**
 * Sees to what is due: every side effect of a stored fact that whoever stored it didn't live to make, or wasn't let, and instances whose end may have been missed. What fails is put off for
 * half a minute, one, two and so on, up to an hour.
 *
 * Any number of sweeps, and of the requests themselves, may be at the same entry: each of its steps is safe to repeat.
 */
export async function sweep(hub: Hub): Promise<SweepReport> {
  const until = hub.now() + SWEEP_TIME;
  const owed = await sweepKind(hub, 'owed', { until, most: Number.POSITIVE_INFINITY });
  const checks = await sweepKind(hub, 'check', { until, most: MOST_CHECKS });
  return {
    ...(owed.oldest === undefined ? {} : { oldestOwed: owed.oldest }),
    ...(checks.oldest === undefined ? {} : { oldestCheck: checks.oldest }),
    tended: owed.tended + checks.tended,
    putOff: owed.putOff + checks.putOff,
    given: [...owed.given, ...checks.given],
  };
}

interface Bounds {
  readonly until: number;
  readonly most: number;
}

interface Tally {
  oldest?: number;
  tended: number;
  putOff: number;
  throttled: boolean;
  readonly given: string[];
}

async function sweepKind(hub: Hub, kind: DueKind, { until, most }: Bounds): Promise<Tally> {
  const tally: Tally = { tended: 0, putOff: 0, throttled: false, given: [] };
  let open: readonly { readonly shard: string; readonly next?: DuePage['next'] }[] = shardsOf(kind).map((shard) => ({
    shard,
  }));
  let taken = 0;
  const goesOn = () => hub.now() < until && taken < most && !(kind === 'check' && tally.throttled);
  while (open.length > 0 && goesOn()) {
    const pages = await Promise.all(
      open.map(async ({ shard, next }) => ({ shard, ...(await readDue(hub, shard, PAGE, next)) })),
    );
    const entries = pages.flatMap((page) => page.entries).sort((a, b) => a.dueAt - b.dueAt);
    const [first] = entries;
    if (first !== undefined) tally.oldest ??= hub.now() - first.dueAt;
    for (let at = 0; at < entries.length && goesOn(); at += AT_ONCE) {
      const batch = entries.slice(at, at + Math.min(AT_ONCE, most - taken));
      taken += batch.length;
      await Promise.all(batch.map((entry) => tendOne(hub, entry, tally)));
    }
    open = pages.filter(({ next }) => next !== undefined);
  }
  return tally;
}

async function tendOne(hub: Hub, entry: DueEntry, tally: Tally): Promise<void> {
  try {
    await tend(hub, entry);
    tally.tended++;
  } catch (error) {
    if (isThrottled(error)) tally.throttled = true;
    const attempts = entry.attempts + 1;
    if (attempts >= MOST_ATTEMPTS) {
      await bury(hub, entry.key);
      tally.given.push(`${entry.key.pk}/${entry.key.sk}: ${String(error)}`);
    } else {
      await putOff(hub, entry.key, attempts, Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE));
      tally.putOff++;
    }
  }
}

/** The sort key says what the entry is. */
async function tend(hub: Hub, { key }: DueEntry): Promise<void> {
  switch (key.sk.split('#', 1)[0]) {
    case INSTANCE_RECORD:
      return tendRecord(hub, instanceOfPartition(key.pk));
    case 'inbox':
      return tendInbox(hub, addressOfInbox(key));
    case 'queue': {
      const queued = await tryReadQueued(hub, key);
      if (queued === undefined) return;
      await tendInbox(hub, queued.address);
      return leaveInQueue(hub, queued.address, queued.number);
    }
    case 'approval': {
      const stored = await tryReadApproval(hub, key);
      if (stored !== undefined) await completeCallback(hub, stored);
    }
  }
}
