import type { Variable } from '../compiler/scope.js';

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
export const errorOutput: ErrorText = {
  name: '$states.errorOutput.Error',
  // A task that was failed by `SendTaskFailure` may have no cause, and a missing value would fail the workflow for good.
  cause: '($exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : null)',
};

/** An error that was stored as a {@link WorkflowError}. */
export function storedError({ name }: Variable): ErrorText {
  const text = (member: string, otherwise: string) =>
    `$type($${name}.${member}) = 'string' ? $${name}.${member} : '${otherwise}'`;
  return { name: text('name', 'Error'), cause: text('cause', ''), step: `$${name}.step` };
}

/** Renders a {@link WorkflowError}. A Lambda function's cause is the JSON of what it threw; other causes are plain text. */
export function renderError({ name, cause, step }: ErrorText, state: string): RenderedError {
  const thrown = (member: string) =>
    `$type($cause) = 'string' and $contains($cause, /^\\{[\\s\\S]*"${member}"[\\s\\S]*\\}$/)`;
  return {
    name: `{% ${name} %}`,
    message: `{% ($cause := ${cause}; ${thrown('errorMessage')} ? $parse($cause).errorMessage : $cause) %}`,
    stack: `{% ($cause := ${cause}; ${thrown('trace')} ? $join($parse($cause).trace, '\\n') : null) %}`,
    cause: `{% ${cause} %}`,
    step: step === undefined ? state : `{% ${step} %}`,
  };
}
