import { createContext, Script } from 'node:vm';

/**
 * Limits on the evaluation of a JSONata expression, as measured on AWS: `1+1+…` with 100 terms, `[1..873782]` and `$range(1, 360145, 1)` are the last
 * that it evaluates, and texts of 8 MiB are too long. AWS's guide says that it stops after a second; a slow machine gets five.
 */
export const JSONATA_LIMITS = { timeout: 5_000, stack: 100, sequence: 873_782 };
export const MOST_IN_A_RANGE = 360_145;
export const MOST_CHARACTERS = 6_990_256;

const STACK =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive. ' +
  `Depth=${JSONATA_LIMITS.stack + 1} max=${JSONATA_LIMITS.stack}`;
const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';
const TIME = 'Expression evaluation timeout: Check for infinite loop';

/** jsonata's own codes for what AWS says in other words, and without a code. */
const CODES: Readonly<Record<string, string>> = { D1011: STACK, D1012: TIME, D2014: MEMORY, D2015: MEMORY };

/** An expression that takes more than it may. */
export class LimitExceeded extends Error {
  static memory(): LimitExceeded {
    return new LimitExceeded(MEMORY);
  }
}

/** The limit that an error tells of, in AWS's words; `undefined` for any other error. */
export function tryLimit(error: unknown): string | undefined {
  if (error instanceof LimitExceeded) return error.message;
  // The machine's own limits: its stack, the length of its texts and lists. Those of another realm are no instances of ours.
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'RangeError') return message?.includes('call stack') ? STACK : MEMORY;
  return code === undefined ? undefined : CODES[code];
}

const context = createContext({ run: undefined as unknown });
const script = new Script('run()');

/**
 * Runs something for as long as it may hold the thread. There is no other way to end a regular expression that backtracks for ever. It costs about
 * 0.1 ms, so it is for what can need it. Throws {@link LimitExceeded}.
 */
export function runWithin<Result>(milliseconds: number, run: () => Result): Result {
  const outer = context['run'];
  context['run'] = run;
  try {
    return script.runInContext(context, { timeout: milliseconds }) as Result;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new LimitExceeded(TIME);
  } finally {
    context['run'] = outer;
  }
}
