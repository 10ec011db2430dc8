import type { VirtualClock } from '../clock.js';
import { DurableStepsError } from '../errors.js';
import type { Recorder } from './instances/recorder.js';
import { type TimeSpan, toMilliseconds } from './span.js';

/** The test itself holds time, so that nothing moves behind its back. */
const HELD_BY_TEST = 'the test';

/** More events than any orchestration that ends makes while a test waits for it. */
const MAX_EVENTS = 100_000;

/** Why time came to rest. */
export type Rest =
  | { readonly reason: 'reached' }
  /** Answers are awaited: by whom, as the engine says it. */
  | { readonly reason: 'held'; readonly holds: readonly string[] }
  /** No timer is left and nobody is awaited. */
  | { readonly reason: 'idle' }
  /** The given span passed. */
  | { readonly reason: 'late' }
  /** It goes on and on. */
  | { readonly reason: 'endless' };

/**
 * Who moves an environment's time: the test, and only while it waits.
 *
 * Invariants:
 * 1. between two calls time stands still, and nothing is runnable or in flight;
 * 2. `runUntil` lets it pass by itself and stops it in the very moment the condition holds; people are waited for;
 * 3. `advance` moves it through every wait, people's too.
 */
export class TestTime {
  private release: (() => void) | undefined;

  constructor(
    private readonly clock: VirtualClock,
    private readonly recorder: Recorder,
  ) {
    this.hold();
  }

  now(): number {
    return this.clock.now();
  }

  /** Lets everything happen that can happen at this moment; time stands. */
  async settle(): Promise<void> {
    await this.clock.advanceBy(0);
  }

  async advance(span: TimeSpan): Promise<void> {
    await this.clock.advanceBy(toMilliseconds(span, 'advance'));
  }

  async advanceTo(moment: number): Promise<void> {
    const now = this.now();
    if (!(moment >= now)) {
      throw new DurableStepsError('InvalidTime', {
        where: 'advanceTo',
        expected: `a moment that is not before ${new Date(now).toISOString()}`,
        got: Number.isNaN(moment) ? 'no date' : new Date(moment).toISOString(),
      });
    }
    await this.clock.advanceTo(moment);
  }

  /** Lets time pass until the condition holds, time can't move, or `within` is over. */
  async runUntil(condition: () => boolean, within?: TimeSpan): Promise<Rest> {
    await this.settle();
    if (condition()) return { reason: 'reached' };
    let outcome: Rest | undefined;
    const stop = (rest: Rest): void => {
      if (outcome !== undefined) return;
      outcome = rest;
      this.hold();
    };
    let events = 0;
    const endWatch = this.recorder.watch(() => {
      if (condition()) stop({ reason: 'reached' });
      else if (++events > MAX_EVENTS) stop({ reason: 'endless' });
    });
    const cancel =
      within === undefined
        ? undefined
        : this.clock.at(this.now() + toMilliseconds(within, 'within'), () => stop({ reason: 'late' }));
    this.release?.();
    this.release = undefined;
    try {
      await this.clock.settled();
      const holds = this.clock.holds.filter((reason) => reason !== HELD_BY_TEST);
      stop(condition() ? { reason: 'reached' } : holds.length > 0 ? { reason: 'held', holds } : { reason: 'idle' });
    } finally {
      this.hold();
      endWatch();
      cancel?.();
    }
    // What happened in that moment settles before the test looks.
    await this.settle();
    return outcome ?? { reason: 'idle' };
  }

  private hold(): void {
    this.release ??= this.clock.hold(HELD_BY_TEST);
  }
}
