import type { JsonObject } from '../../../asl/language/json.js';
import type { ExecutionStatusChange } from '../../../engine/model/api.js';

/** What fits into an event; more is left out, and `inputDetails` or `outputDetails` say so. */
const LIMIT_BYTES = 248 * 1024;

/**
 * The `detail` of a "Step Functions Execution Status Change" event.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function renderStatusDetail(change: ExecutionStatusChange): JsonObject {
  const output = change.output ?? null;
  const outputSize = escapedSize(output);
  const withInput = escapedSize(change.input) + outputSize <= LIMIT_BYTES;
  const withOutput = outputSize <= LIMIT_BYTES;
  const running = change.status === 'RUNNING';
  return {
    executionArn: change.executionArn,
    stateMachineArn: change.stateMachineArn,
    name: change.name,
    status: change.status,
    startDate: change.startDate,
    stopDate: change.stopDate ?? null,
    input: withInput ? change.input : null,
    output: withOutput ? output : null,
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: change.redriveCount,
    redriveDate: null,
    redriveStatus: ['FAILED', 'TIMED_OUT', 'ABORTED'].includes(change.status) ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    redriveStatusReason: running ? 'Execution is RUNNING and cannot be redriven' : null,
    inputDetails: { included: withInput },
    outputDetails: output === null ? null : { included: withOutput },
    error: change.error ?? null,
    cause: change.cause ?? null,
  };
}

function escapedSize(text: string | null): number {
  return text === null ? 0 : Buffer.byteLength(JSON.stringify(text));
}
