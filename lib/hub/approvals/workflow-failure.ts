import type { ErrorDetails, WorkflowErrorName } from '../../errors.js';

/** An error that the workflow's step fails with: `name` is what its `catch` and its retries see. The message has the shape of our own errors. */
export class WorkflowFailure extends Error {
  constructor(
    override readonly name: WorkflowErrorName,
    { where, expected, got, fix }: ErrorDetails,
  ) {
    super(`\`${where}\`: expected ${expected}, got ${got}${fix === undefined ? '' : `; ${fix}`}`);
  }
}
