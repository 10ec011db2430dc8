import { RealClock } from '../../clock.js';

/** How long after its last answer a browser may still follow a redirect or fetch what belongs to the page. */
const FOLLOW_UP_MS = 500;
/** How long to wait for visitors at most. */
const LONGEST_WAIT_MS = 5_000;

/** Who is looking at a page now: whoever decides something there should still see the answer when the run that waited for it ends. */
export class Visits {
  private readonly machine = new RealClock();
  private present = 0;
  private lastSeen = Number.NEGATIVE_INFINITY;

  /** Counts a visit until it is answered. */
  async during<T>(visit: Promise<T>): Promise<T> {
    this.present++;
    try {
      return await visit;
    } finally {
      this.present--;
      this.lastSeen = this.machine.now();
    }
  }

  /** Resolves when nobody looks any more; at once when nobody did. */
  async ended(): Promise<void> {
    const latest = this.machine.now() + LONGEST_WAIT_MS;
    const isOver = (now: number): boolean =>
      (this.present === 0 && now - this.lastSeen >= FOLLOW_UP_MS) || now >= latest;
    while (!isOver(this.machine.now())) {
      await new Promise<void>((resolve) => this.machine.at(this.machine.now() + FOLLOW_UP_MS / 10, resolve));
    }
  }
}
