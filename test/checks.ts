/** What a check found out; `skip` says why it could not look. */
export type Verdict = { readonly skip: string } | undefined;

/**
 * Counted checks for the long tests that are programs of their own (package, deployment). Each check runs even if an earlier one failed, unless it needs that one.
 *
 * The closing line is `checks: N passed, N failed, N skipped`.
 */
export class Checks {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  /** Runs a check. @returns what it gave, or undefined when it failed */
  async check<T>(fact: string, look: () => T | Promise<T>): Promise<T | undefined> {
    const start = performance.now();
    try {
      const found = await look();
      this.passed += 1;
      console.log(`  ok     ${fact} (${Math.round(performance.now() - start)} ms)`);
      return found;
    } catch (error) {
      this.failed += 1;
      console.log(
        `  FAILED ${fact}\n${indent(error instanceof Error ? (error.stack ?? error.message) : String(error))}`,
      );
      return undefined;
    }
  }

  /** Counts a check that can't be made here, and says why. */
  skip(fact: string, reason: string): void {
    this.skipped += 1;
    console.log(`  skip   ${fact}: ${reason}`);
  }

  /** Prints the closing line. @returns the exit status */
  close(): number {
    console.log(`checks: ${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '         ');
}
