import type { ErrorText } from '../language/workflow-error.js';

/** An error that a state of ours ends the machine with. */
export interface Thrown extends ErrorText {
  /** The error's name, where it is known at synthesis. */
  readonly literal?: string;
  /** The state that stands for the failure. @default - the Fail state */
  readonly at?: string;
}
