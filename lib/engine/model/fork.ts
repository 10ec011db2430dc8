import type { Json } from '../../asl/language/json.js';
import type { MapItemContext } from './map-item.js';
import type { Program } from './program.js';

/**
 * The branches of a Parallel state, or the iterations of an inline Map, while they run. `Thread` is what runs in them, and waits for them.
 */
export class Fork<Thread> {
  /** The threads, by place; a place is empty until its thread starts. */
  readonly frames: (Thread | undefined)[];
  readonly results: (Json | undefined)[];
  private started = 0;
  private active = 0;
  private finished = 0;
  failed = false;

  constructor(
    readonly kind: 'parallel' | 'map',
    /** The thread that waits for them. */
    readonly owner: Thread,
    readonly branches: readonly ForkBranch[],
    private readonly maxConcurrency: number,
  ) {
    this.frames = new Array<Thread | undefined>(branches.length);
    this.results = new Array<Json | undefined>(branches.length);
  }

  /** The next place that may start now; `undefined` when none may. */
  takeNext(): number | undefined {
    if (this.failed || this.started >= this.branches.length || this.active >= this.maxConcurrency) return undefined;
    this.active++;
    return this.started++;
  }

  /** A thread came to its end. Tells whether all have. */
  finish(index: number, result: Json): boolean {
    this.results[index] = result;
    this.active--;
    this.finished++;
    return this.finished === this.branches.length;
  }

  /** The results of all, in their order. */
  joined(): readonly Json[] {
    return this.results as readonly Json[];
  }

  /** Prepares for a redrive: what failed or was stopped will run again. Gives the places that had begun and did not succeed. */
  reopen(): readonly number[] {
    this.failed = false;
    const again = this.frames.flatMap((frame, index) =>
      frame !== undefined && this.results[index] === undefined ? [index] : [],
    );
    this.active = again.length;
    return again;
  }
}

/** What runs in one place of a fork. */
export interface ForkBranch {
  readonly program: Program;
  readonly input: Json;
  /** The Map item that an iteration is for. */
  readonly item?: MapItemContext;
}
