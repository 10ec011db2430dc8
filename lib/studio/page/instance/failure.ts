/** A failure in words: what a function threw, and where in the user's code. */
export interface FailureText {
  readonly message: string;
  /** Lines of the stack that are in the user's code. */
  readonly frames: readonly string[];
}

/**
 * A function's failure is JSON; anything else is its own message.
 *
 * @param root the folder of the app: the user's files are named from there
 */
export function readFailure(cause: string, root = ''): FailureText {
  try {
    const { errorMessage, trace = [] } = JSON.parse(cause) as { errorMessage?: string; trace?: readonly string[] };
    if (errorMessage === undefined) return { message: cause, frames: [] };
    const frames = trace.filter((line) => /^\s+at /.test(line) && !/\(?node:|functions[\\/]bootstrap\.cjs/.test(line));
    const short = (line: string): string =>
      root === '' ? line : line.replaceAll(`${root}/`, '').replaceAll(`${root}\\`, '');
    return { message: errorMessage, frames: frames.map((line) => short(line.trim())) };
  } catch {
    return { message: cause, frames: [] };
  }
}
