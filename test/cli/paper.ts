import type { Terminal } from '../../lib/cli/terminal.js';

/** A terminal that remembers. */
export class Paper implements Terminal {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly colour = false;
  private readonly waiters: { readonly on: readonly string[]; readonly text: string; readonly resolve: () => void }[] =
    [];

  out(line: string): void {
    this.add(this.lines, line);
  }

  err(line: string): void {
    this.add(this.errors, line);
  }

  /** Resolves when a line of the output that is yet to come has this text. */
  seen(text: string): Promise<void> {
    return new Promise((resolve) => this.waiters.push({ on: this.lines, text, resolve }));
  }

  /** Resolves when a line on standard error that is yet to come has this text. */
  told(text: string): Promise<void> {
    return new Promise((resolve) => this.waiters.push({ on: this.errors, text, resolve }));
  }

  private add(lines: string[], line: string): void {
    lines.push(line);
    for (const { on, text, resolve } of this.waiters) if (on === lines && line.includes(text)) resolve();
  }
}
