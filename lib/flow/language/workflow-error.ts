/** The error that a `catch` handler, a `finally` or a compensation sees. */
export interface WorkflowError {
  /** The error's name, for example `PaymentDeclined`, or one of AWS's such as `States.Timeout`. */
  readonly name: string;
  /** The message of the error that a handler threw, else the cause as it was given. */
  readonly message: string | null;
  /** The stack trace of the error that a handler threw, one call a line. */
  readonly stack: string | null;
  /** The cause as it was given; for a Lambda function the JSON text of errorType, errorMessage and trace. */
  readonly cause: string | null;
  /** The state that failed. */
  readonly step: string;
}

/** A {@link WorkflowError} as JSONata, field by field. */
export type RenderedError = Readonly<Record<keyof WorkflowError, string>>;

/** JSONata for an error's name and cause. */
export interface ErrorText {
  readonly name: string;
  readonly cause: string;
  /** The state that failed. @default - the one that is caught from */
  readonly step?: string;
}

/** The error that a catcher has caught. */
export const CAUGHT_ERROR: ErrorText = {
  name: '$states.errorOutput.Error',
  // A task that was failed by `SendTaskFailure` may have no cause, and a missing value would fail the workflow for good.
  cause: '($exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : null)',
};

/** An error that was stored as a {@link WorkflowError}, to be thrown again: where a name or cause was not given, a Fail state needs a text all the same. */
export function storedError(at: string): ErrorText {
  const text = (member: string, otherwise: string) =>
    `$type(${at}.${member}) = 'string' ? ${at}.${member} : '${otherwise}'`;
  return { name: text('name', 'Error'), cause: text('cause', ''), step: `${at}.step` };
}

/**
 * A complete text of JSON, as a regular expression: what it matches can be parsed. JSONata finds the end of a regular expression by counting brackets, and takes one
 * behind any backslash for escaped; so the backslash is `\x5c` where a bracket follows.
 */
export const jsonText = String.raw`"[^"\\\x00-\x1f]*(?:\x5c(?:["\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"`;

/** Members of JSON before the one that is looked for, at its top level. */
const membersBefore = String.raw`^\s*\{(?:\s*${jsonText}\s*:\s*(?:${jsonText}|[-+.\w]+)\s*,)*\s*`;
const errorMessage = String.raw`/${membersBefore}"errorMessage"\s*:\s*(${jsonText})/`;
const trace = String.raw`/${membersBefore}"trace"\s*:\s*\[\s*(${jsonText}(?:\s*,\s*${jsonText})*)/`;

/**
 * Renders a {@link WorkflowError}. A Lambda function's cause is the JSON of what it threw, maybe cut off at 32,768 characters; other causes are any text. JSONata
 * can't try: whatever is parsed was matched as complete before, since a handler of errors must not fail itself.
 */
export function renderError({ name, cause, step }: ErrorText, state: string): RenderedError {
  const found = (pattern: string) => `$cause := ${cause}; $found := $match($string($cause), ${pattern})`;
  return {
    name: `{% ${name} %}`,
    message: `{% (${found(errorMessage)}; $exists($found) ? $parse($found[0].groups[0]) : $cause) %}`,
    stack: `{% (${found(trace)}; $exists($found) ? $join($parse('[' & $found[0].groups[0] & ']'), '\\n') : null) %}`,
    cause: `{% ${cause} %}`,
    step: step === undefined ? state : `{% ${step} %}`,
  };
}
