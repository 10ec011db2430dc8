import type { Clock } from '../../../clock.js';
import type { Throttle } from './api-model.js';

/** A token bucket on the cloud's clock. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly throttle: Throttle,
    private readonly clock: Clock,
  ) {
    this.tokens = this.capacity;
    this.filledAt = clock.now();
  }

  /** Whether one more request is let through now. */
  tryTake(): boolean {
    if (this.throttle.rate === undefined) return true;
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAt) / 1000) * this.throttle.rate);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private get capacity(): number {
    return this.throttle.burst ?? this.throttle.rate ?? 0;
  }
}
