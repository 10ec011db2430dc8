import type { StateMachineType } from './api.js';
import type { Program } from './program.js';

/** A state machine as it was created. Immutable: an update makes a new one, and running executions keep theirs. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly type: StateMachineType;
  readonly roleArn: string;
  /** The definition as JSON text. */
  readonly definition: string;
  readonly program: Program;
  readonly timeoutSeconds: number | undefined;
  readonly creationDate: number;
  readonly loggingConfiguration: unknown;
  readonly tracingConfiguration: unknown;
  readonly revisionId: string;
}
