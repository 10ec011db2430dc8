import type { StepFunctionsStatus } from '../../contract/runtime-status.js';
import type { StatusChange } from '../lifecycle/status-change.js';

/** EventBridge's "Step Functions Execution Status Change", as far as it is read. */
export interface StatusEvent {
  readonly detail: {
    readonly executionArn: string;
    readonly name: string;
    readonly status: StepFunctionsStatus;
    readonly startDate: number;
    readonly stopDate?: number | null;
    readonly redriveDate?: number | null;
    readonly redriveCount?: number | null;
    /** Null when it was too large for the event. */
    readonly input?: string | null;
    readonly output?: string | null;
    readonly error?: string | null;
    readonly cause?: string | null;
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function readStatusEvent({ detail }: StatusEvent): StatusChange {
  return {
    executionArn: detail.executionArn,
    name: detail.name,
    status: detail.status,
    startDate: detail.startDate,
    redriveCount: detail.redriveCount ?? 0,
    ...given('stopDate', detail.stopDate),
    ...given('redriveDate', detail.redriveDate),
    ...given('input', detail.input),
    ...given('output', detail.output),
    ...given('error', detail.error),
    ...given('cause', detail.cause),
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { readonly [key in Name]?: Value } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]?: Value });
}
