/**
 * Time as a port. Everything in the engine and in the local cloud that reads the time or waits does it here.
 *
 * - {@link RealClock} is the machine's time.
 * - {@link VirtualClock} is an event queue. Its invariants:
 *   1. timers fire in the order of (due, sequence), one at a time, and what one of them sets off settles before the next fires;
 *   2. time moves by itself only when nothing is runnable, no tracked call is in flight, nothing holds it, and a timer other than a background one is due;
 *   3. `advanceBy` and `advanceTo` move it through holds, but never through a call in flight.
 */
export interface Clock {
  /** The time in milliseconds since the epoch. */
  now(): number;
  /**
   * Calls back when `due` (milliseconds since the epoch) has come, never synchronously. Returns a function that cancels.
   *
   * A `background` timer (a recurring schedule) fires in its order as time passes, but virtual time doesn't move by itself for its sake.
   */
  at(due: number, callback: () => void, options?: { readonly background?: boolean }): () => void;
  /** Marks a call as in flight: virtual time does not move until it settles. Returns the same promise. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Virtual time stands still (a person is awaited) until the returned function is called. No effect on real time. */
  hold(reason: string): () => void;
}

/** The longest delay a Node.js timer takes: 2^31 - 1 ms, about 24.8 days. Longer ones fire at once, so they are split. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own time. */
export class RealClock implements Clock {
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  now(): number {
    return Date.now();
  }

  at(due: number, callback: () => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    const disarm = (): void => {
      if (timer === undefined) return;
      clearTimeout(timer);
      this.timers.delete(timer);
      timer = undefined;
    };
    const arm = (): void => {
      disarm();
      if (this.closed) return;
      const left = due - Date.now();
      timer = setTimeout(left > LONGEST_TIMER_MS ? arm : fire, Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
      this.timers.add(timer);
    };
    const fire = (): void => {
      disarm();
      // A Node.js timer may fire up to a millisecond early.
      if (Date.now() < due) arm();
      else callback();
    };
    arm();
    return disarm;
  }

  track<T>(call: Promise<T>): Promise<T> {
    return call;
  }

  hold(_reason: string): () => void {
    return () => {};
  }

  /** Drops every timer, so that the process can end. Nothing fires any more. */
  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

interface Timer {
  readonly due: number;
  readonly sequence: number;
  readonly callback: () => void;
  readonly background: boolean;
  cancelled: boolean;
}

/**
 * Time that jumps to the next timer as soon as nothing else can happen.
 *
 * @example
 * const clock = new VirtualClock({ start: new Date('2026-01-01T00:00:00Z') });
 * clock.at(clock.now() + 86_400_000, () => console.log('tomorrow'));
 * await clock.settled(); // a day later, at once
 */
export class VirtualClock implements Clock {
  private time: number;
  private sequence = 0;
  private inFlight = 0;
  private advancing = 0;
  private turnScheduled = false;
  private readonly queue = new TimerQueue();
  /** How many queued timers are not background ones. */
  private foreground = 0;
  private readonly held = new Map<number, string>();
  private readonly waiters: Waiter[] = [];

  /** @param options `start` is the time at which the clock begins. @default - the machine's time now */
  constructor(options: { readonly start?: number | Date } = {}) {
    this.time = Number(options.start ?? Date.now());
  }

  now(): number {
    return this.time;
  }

  at(due: number, callback: () => void, { background = false } = {}): () => void {
    const sequence = this.sequence++;
    const timer: Timer = { due: Math.max(due, this.time), sequence, callback, background, cancelled: false };
    this.queue.push(timer);
    if (!background) this.foreground++;
    this.scheduleTurn();
    return () => {
      if (timer.cancelled) return;
      timer.cancelled = true;
      if (!background) this.foreground--;
      this.queue.noteCancelled();
    };
  }

  track<T>(call: Promise<T>): Promise<T> {
    this.inFlight++;
    const settle = (): void => {
      this.inFlight--;
      this.scheduleTurn();
    };
    call.then(settle, settle);
    return call;
  }

  hold(reason: string): () => void {
    const key = this.sequence++;
    this.held.set(key, reason);
    return () => {
      if (this.held.delete(key)) this.scheduleTurn();
    };
  }

  /** Why time stands still: the reason of each hold, in the order in which they were made. */
  get holds(): readonly string[] {
    return [...this.held.values()];
  }

  /** When the next timer that isn't a background one is due; undefined when there is none. */
  get nextDue(): number | undefined {
    return this.queue.firstDue(({ background }) => !background);
  }

  /** Moves time on by `ms`, through holds; see {@link advanceTo}. */
  advanceBy(ms: number): Promise<void> {
    return this.advanceTo(this.time + ms);
  }

  /**
   * Moves time to `due` (milliseconds since the epoch), through holds. Everything due on the way fires in order, and what it sets off settles in
   * between. Resolves when all is quiet at `due`; from then on, time moves by itself again unless it is held.
   */
  async advanceTo(due: number): Promise<void> {
    this.advancing++;
    try {
      for (;;) {
        await this.quiet();
        const timer = this.queue.peek();
        if (timer === undefined || timer.due > due) break;
        this.fireNext();
      }
      this.time = Math.max(this.time, due);
    } finally {
      this.advancing--;
      this.scheduleTurn();
    }
  }

  /** Resolves when nothing is runnable, no call is in flight, and time can't move by itself (it is held, or none but background timers are left). */
  settled(): Promise<void> {
    return this.waitUntil(() => !this.canMove());
  }

  private canMove(): boolean {
    return this.advancing > 0 || this.mayFire();
  }

  /** Whether the next timer may fire by itself: one that is due already may, even while time stands still. */
  private mayFire(): boolean {
    const timer = this.queue.peek();
    if (timer === undefined) return false;
    return timer.due <= this.time || (this.held.size === 0 && this.foreground > 0);
  }

  private quiet(): Promise<void> {
    return this.waitUntil(() => true);
  }

  private waitUntil(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiters.push({ condition, resolve });
      this.scheduleTurn();
    });
  }

  private fireNext(): void {
    const timer = this.queue.pop();
    if (timer === undefined) return;
    if (!timer.background) this.foreground--;
    this.time = Math.max(this.time, timer.due);
    timer.callback();
  }

  /** A turn comes after all pending microtasks: whatever was runnable has run by then. */
  private scheduleTurn(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    setImmediate(() => {
      this.turnScheduled = false;
      this.turn();
    });
  }

  private turn(): void {
    if (this.inFlight > 0) return;
    const ready = this.waiters.findIndex((waiter) => waiter.condition());
    if (ready >= 0) {
      const [waiter] = this.waiters.splice(ready, 1);
      waiter?.resolve();
      this.scheduleTurn();
      return;
    }
    if (this.advancing > 0 || !this.mayFire()) return;
    this.fireNext();
    this.scheduleTurn();
  }
}

/** Resolves in a later turn of the event loop, after input and output had their chance. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Waiter {
  readonly condition: () => boolean;
  readonly resolve: () => void;
}

/** A binary heap of timers, ordered by (due, sequence). Cancelled timers stay until they surface or outnumber the live ones. */
class TimerQueue {
  private heap: Timer[] = [];
  private cancelled = 0;

  push(timer: Timer): void {
    this.heap.push(timer);
    this.up(this.heap.length - 1);
  }

  /** The next live timer, left in place. */
  peek(): Timer | undefined {
    while (this.heap[0]?.cancelled === true) {
      this.removeFirst();
      this.cancelled--;
    }
    return this.heap[0];
  }

  /** When the first of the live timers of a kind is due. */
  firstDue(isWanted: (timer: Timer) => boolean): number | undefined {
    let first: number | undefined;
    for (const timer of this.heap) {
      if (!timer.cancelled && isWanted(timer) && (first === undefined || timer.due < first)) first = timer.due;
    }
    return first;
  }

  /** Takes the next live timer out. */
  pop(): Timer | undefined {
    const timer = this.peek();
    if (timer === undefined) return undefined;
    this.removeFirst();
    timer.cancelled = true;
    return timer;
  }

  /** A timer that is still queued was cancelled: forget the dead ones when they are the majority, so that memory stays bounded. */
  noteCancelled(): void {
    this.cancelled++;
    if (this.cancelled < 64 || this.cancelled * 2 < this.heap.length) return;
    this.heap = this.heap.filter((timer) => !timer.cancelled).sort((a, b) => (before(a, b) ? -1 : 1));
    this.cancelled = 0;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.down(0);
  }

  private up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  private down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const child = right < this.heap.length && before(this.heap[right]!, this.heap[left]!) ? right : left;
      if (!this.swapIfBefore(child, index)) return;
      index = child;
    }
  }

  /** Swaps the two when the first comes before the second. */
  private swapIfBefore(first: number, second: number): boolean {
    const a = this.heap[first]!;
    const b = this.heap[second]!;
    if (!before(a, b)) return false;
    this.heap[first] = b;
    this.heap[second] = a;
    return true;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.sequence < b.sequence);
}
