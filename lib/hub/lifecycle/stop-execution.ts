import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';

/** The error that a terminated instance's execution ends with. */
const TERMINATED = 'Terminated';

/** Stops an execution; Step Functions stops the sub-orchestrations that it waits for. False when there is no such execution. */
export async function stopExecution(hub: Hub, executionArn: string, reason: string): Promise<boolean> {
  try {
    await hub.stepFunctions.send(new StopExecutionCommand({ executionArn, error: TERMINATED, cause: reason }));
    return true;
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return false;
    throw error;
  }
}
