/** Where an instance stands, in Durable Functions' words. */
export type RuntimeStatus = 'Pending' | 'Running' | 'ContinuedAsNew' | 'Completed' | 'Failed' | 'Terminated';

/** Every runtime status, in the order of a run. */
export const RUNTIME_STATUSES: readonly RuntimeStatus[] = [
  'Pending',
  'Running',
  'ContinuedAsNew',
  'Completed',
  'Failed',
  'Terminated',
];

/** The status of a Step Functions execution. */
export type StepFunctionsStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

/** True once an instance has ended for good: only rewind and restart bring it back. */
export function isFinished(status: RuntimeStatus): status is 'Completed' | 'Failed' | 'Terminated' {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

const RUNTIME_STATUS_OF: Readonly<Record<StepFunctionsStatus, RuntimeStatus>> = {
  RUNNING: 'Running',
  PENDING_REDRIVE: 'Running',
  SUCCEEDED: 'Completed',
  FAILED: 'Failed',
  TIMED_OUT: 'Failed',
  ABORTED: 'Terminated',
};

/**
 * What an execution's status means for its instance. An execution that succeeded with `{"continuedAsNew": <next generation>}` goes on as that
 * generation.
 */
export function runtimeStatusOf(status: StepFunctionsStatus, generation: number, output?: string): RuntimeStatus {
  return status === 'SUCCEEDED' && continuedAs(output) === generation + 1
    ? 'ContinuedAsNew'
    : RUNTIME_STATUS_OF[status];
}

function continuedAs(output: string | undefined): number | undefined {
  const match = /^\s*\{\s*"continuedAsNew"\s*:\s*(\d{1,12})\s*\}\s*$/.exec(output ?? '');
  return match === null ? undefined : Number(match[1]);
}

/**
 * The place of a status in an instance's life as one number: (generation, redrive, rank). A record only ever moves to a greater one, so events
 * may come late, twice or in any order.
 */
export interface StatusOrder {
  readonly generation: number;
  readonly redrive: number;
  readonly rank: Rank;
}

/** 0 recorded, 1 found never to have started, 5 running, 9 over. */
export type Rank = 0 | 1 | 5 | 9;

const REDRIVES = 100_000;

/** @see {@link StatusOrder} */
export function encodeOrder({ generation, redrive, rank }: StatusOrder): number {
  return (generation * REDRIVES + Math.min(redrive, REDRIVES - 1)) * 10 + rank;
}

/** The inverse of {@link encodeOrder}. */
export function decodeOrder(order: number): StatusOrder {
  const run = Math.floor(order / 10);
  return { generation: Math.floor(run / REDRIVES), redrive: run % REDRIVES, rank: (order % 10) as Rank };
}

/** The rank of an execution's status. */
export function rankOf(status: StepFunctionsStatus): Rank {
  return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 5 : 9;
}
