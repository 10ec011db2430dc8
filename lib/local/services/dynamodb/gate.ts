/**
 * Lets many calls through at once, or one alone.
 *
 * A transaction goes alone: nobody sees the tables between its first write and its last, or its rollback. Calls are let through in the order in
 * which they came.
 */
export class Gate {
  private readonly queue: { readonly alone: boolean; readonly enter: () => void }[] = [];
  private inside = 0;
  private occupiedAlone = false;

  /** Runs beside other shared calls. */
  shared<T>(call: () => Promise<T>): Promise<T> {
    return this.pass(false, call);
  }

  /** Runs when nobody else is inside, and keeps everybody out. */
  alone<T>(call: () => Promise<T>): Promise<T> {
    return this.pass(true, call);
  }

  private async pass<T>(alone: boolean, call: () => Promise<T>): Promise<T> {
    if (this.queue.length > 0 || !this.isOpen(alone)) {
      await new Promise<void>((enter) => this.queue.push({ alone, enter }));
    } else {
      this.enter(alone);
    }
    try {
      return await call();
    } finally {
      this.leave();
    }
  }

  private isOpen(alone: boolean): boolean {
    return !this.occupiedAlone && (!alone || this.inside === 0);
  }

  private enter(alone: boolean): void {
    this.inside++;
    this.occupiedAlone = alone;
  }

  private leave(): void {
    this.inside--;
    this.occupiedAlone = false;
    for (;;) {
      const next = this.queue[0];
      if (next === undefined || !this.isOpen(next.alone)) return;
      this.queue.shift();
      this.enter(next.alone);
      next.enter();
    }
  }
}
