import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import type { Hub } from '../hub.js';
import { errorName } from '../hub-error.js';
import { answer, resultOf, tryOwedToken } from './approval.js';
import { changeApproval, type StoredApproval } from './approval-store.js';

/** Errors that say that nobody waits for this token: it was answered, its window is over, or its execution ended. */
const NOBODY_WAITS = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/**
 * Tells the workflow what the stored approval says, if it is settled and the workflow isn't known to have been told. Safe to repeat: every request for the
 * approval, every later window, and at the latest the close at the deadline make up for a call that was lost.
 */
export async function completeCallback(hub: Hub, stored: StoredApproval): Promise<StoredApproval> {
  const token = tryOwedToken(stored.approval);
  if (token === undefined) return stored;
  await sendResult(hub, token, stored);
  return changeApproval(hub, stored, (approval) => answer(approval, token));
}

/**
 * {@link completeCallback} for whoever only looks or has decided: what is stored stands, whether or not the workflow could be told just now. The approval
 * then still owes its token, see {@link tryOwedToken}.
 */
export async function tryCompleteCallback(hub: Hub, stored: StoredApproval): Promise<StoredApproval> {
  try {
    return await completeCallback(hub, stored);
  } catch (error) {
    console.error(
      JSON.stringify({ level: 'ERROR', message: 'a workflow could not be told of a decision', error: String(error) }),
    );
    return stored;
  }
}

async function sendResult(hub: Hub, taskToken: string, { approval }: StoredApproval): Promise<void> {
  const output = JSON.stringify(resultOf(approval));
  try {
    await hub.stepFunctions.send(new SendTaskSuccessCommand({ taskToken, output }));
  } catch (error) {
    if (!NOBODY_WAITS.has(errorName(error))) throw error;
  }
}
