/** What a {@link DurableStepsError} says: one message shape for every door. */
export interface ErrorDetails {
  /** The construct path, state, option or file that is wrong, for example `FanOutFanIn.maxConcurrency`. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What was found instead. */
  readonly got: string;
  /** How to mend it. @default - the expectation says enough */
  readonly fix?: string;
}

/**
 * The error this package throws when it refuses something: a definition, an option, a template, a command.
 *
 * Its message reads `` `where`: expected …, got …; fix ``. It is never the workflow's own failure: those are data (`{ Error, Cause }`).
 *
 * @example
 * throw new DurableStepsError('InvalidOption', {
 *   where: 'FanOutFanIn.maxConcurrency', expected: 'a positive integer', got: '`0`', fix: 'omit it for the default of 40',
 * });
 */
export class DurableStepsError extends Error {
  override readonly name = 'DurableStepsError';

  constructor(
    /** A stable code to look up, for example `InvalidOption`. */
    readonly code: string,
    readonly details: ErrorDetails,
    options?: ErrorOptions,
  ) {
    const { where, expected, got, fix } = details;
    super(`\`${where}\`: expected ${expected}, got ${got}${fix === undefined ? '' : `; ${fix}`}`, options);
  }
}
