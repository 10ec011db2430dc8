import type { Clock } from '../../../clock.js';
import type { Message, Queue } from './queue.js';

/** How a consumer takes messages. */
export interface PollerOptions {
  readonly batchSize: number;
  /** How long to wait for a full batch, in milliseconds. @default 0 */
  readonly window?: number;
  /** Batches at work at once. @default 5 */
  readonly concurrency?: number;
}

/** Works on a batch; gives the messages that failed and have to come again. Never rejects. */
export type BatchHandler = (batch: readonly Message[]) => Promise<readonly Message[]>;

/**
 * Takes messages off a queue as they become visible and hands them to a consumer in batches, as Lambda's and Pipes' pollers do.
 *
 * What succeeded is deleted; what failed comes again when its visibility timeout is over. Batches are calls in flight for the clock, and the next
 * visible message is a timer on it.
 */
export class Poller {
  private working = 0;
  private pending = false;
  private wake: (() => void) | undefined;
  private windowEndsAt: number | undefined;
  private readonly stopListening: () => void;

  constructor(
    private readonly queue: Queue,
    private readonly clock: Clock,
    private readonly options: PollerOptions,
    private readonly handle: BatchHandler,
  ) {
    this.stopListening = queue.onChange(() => this.schedule());
    this.schedule();
  }

  close(): void {
    this.stopListening();
    this.wake?.();
    this.pending = true;
  }

  /** Looks at the queue soon, once for everything that happens now. */
  private schedule(): void {
    if (this.pending) return;
    this.pending = true;
    this.clock.track(
      Promise.resolve().then(() => {
        this.pending = false;
        this.poll();
      }),
    );
  }

  private poll(): void {
    this.wake?.();
    this.wake = undefined;
    while (this.working < (this.options.concurrency ?? 5) && this.isBatchReady()) {
      const batch = this.queue.receive(this.options.batchSize);
      if (batch.length === 0) break;
      this.windowEndsAt = undefined;
      this.working++;
      this.clock.track(this.work(batch));
    }
    const due = this.windowEndsAt ?? this.queue.nextVisibleAt();
    if (due !== undefined && due > this.clock.now()) this.wake = this.clock.at(due, () => this.schedule());
  }

  private isBatchReady(): boolean {
    const { window = 0, batchSize } = this.options;
    const { visible } = this.queue.counts();
    if (window === 0 || visible === 0 || visible >= batchSize) return visible > 0;
    this.windowEndsAt ??= this.clock.now() + window;
    return this.windowEndsAt <= this.clock.now();
  }

  private async work(batch: readonly Message[]): Promise<void> {
    const handles = new Map(batch.map((message) => [message, message.receiptHandle ?? '']));
    const failed = new Set(await this.handle(batch));
    for (const [message, handle] of handles) if (!failed.has(message)) this.queue.delete(handle);
    this.working--;
    this.schedule();
  }
}
