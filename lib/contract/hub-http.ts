import type { RuntimeStatus } from './runtime-status.js';

/** Body of the answers to start and restart: where to follow and steer the instance. The names are Durable Functions'. */
export interface ManagementUrls {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
  readonly rewindPostUri: string;
  readonly restartPostUri: string;
  readonly purgeHistoryDeleteUri: string;
}

/** One event of an instance's history, in Durable Functions' words. */
export interface InstanceHistoryEvent {
  readonly EventType: string;
  readonly Timestamp: string;
  /** State, activity or event. */
  readonly Name?: string;
  readonly ScheduledTime?: string;
  readonly OrchestrationStatus?: RuntimeStatus;
  readonly Input?: unknown;
  readonly Result?: unknown;
  readonly Reason?: string;
  /** Whether input, result or reason were left out, because the whole history would be too large for one answer. @default - nothing was */
  readonly Truncated?: true;
}

/**
 * An instance as the API and `DurableClient` show it. Its `runtimeStatus` tells what its `output` is.
 *
 * @example
 * const status = await client.status<'process-order'>(id);
 * if (status.runtimeStatus === 'Completed') ship(status.output);
 * else if (status.runtimeStatus === 'Failed') report(status.output.error);
 */
export type InstanceStatus<Input = unknown, Output = unknown> = InstanceFacts<Input> & InstanceOutcome<Output>;

/** What came of an instance: the result when Completed, why when Failed, the reason when Terminated, else null. */
export type InstanceOutcome<Output = unknown> =
  | { readonly runtimeStatus: 'Completed'; readonly output: Output }
  | { readonly runtimeStatus: 'Failed'; readonly output: InstanceFailure }
  | { readonly runtimeStatus: 'Terminated'; readonly output: string | null }
  | { readonly runtimeStatus: Exclude<RuntimeStatus, 'Completed' | 'Failed' | 'Terminated'>; readonly output: null };

/** What is shown of an instance, however it stands. */
export interface InstanceFacts<Input = unknown> {
  /** Name of the orchestration. */
  readonly name: string;
  readonly instanceId: string;
  readonly input: Input | null;
  readonly customStatus: unknown;
  readonly createdTime: string;
  /** When its status or its custom status changed last. */
  readonly lastUpdatedTime: string;
  /** Whether its orchestration was removed: it can be terminated and purged, and goes no further. @default - it is there */
  readonly orphaned?: true;
  readonly historyEvents?: readonly InstanceHistoryEvent[];
}

/** Why an instance failed. */
export interface InstanceFailure {
  readonly error: string;
  readonly message: string;
}

/** Body of every answer that is not a success. */
export interface ErrorBody {
  /** A stable code, for example `InstanceNotFound`. */
  readonly error: string;
  readonly message: string;
}

/** Body of the answers to purge. */
export interface PurgeResult {
  readonly instancesDeleted: number;
}

/** Carries a list's continuation token, in the answer and in the next request (the name is Durable Functions'). */
export const CONTINUATION_HEADER = 'x-ms-continuation-token';

/** Makes raising an event repeatable: an event with a key already seen by the same inbox is taken once. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/**
 * What callers of the API may be allowed one by one: `start` instances, `read` them (status, history, lists), `signal` them (raise events), `operate` them (terminate, rewind, restart),
 * `purge` them.
 */
export type ApiPermission = 'start' | 'read' | 'signal' | 'operate' | 'purge';

/** All of {@link ApiPermission}. */
export const API_PERMISSIONS: readonly ApiPermission[] = ['start', 'read', 'signal', 'operate', 'purge'];

/** One route of the API. */
export interface HubRoute {
  readonly operation: HubOperation;
  /** What it takes. @default - nothing but to be let in */
  readonly permission?: ApiPermission;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
}

/** What the API can do. */
export type HubOperation =
  | 'startInstance'
  | 'startInstanceWithId'
  | 'getInstance'
  | 'listInstances'
  | 'raiseEvent'
  | 'terminateInstance'
  | 'rewindInstance'
  | 'restartInstance'
  | 'purgeInstance'
  | 'purgeInstances'
  | 'describeApi';

/**
 * Every route, in the order of the documentation. An HTTP API decodes the path before it routes: where the id comes last it is greedy, so that one with a
 * slash arrives; the links that the API gives out carry a key without one.
 */
export const HUB_ROUTES: readonly HubRoute[] = [
  { operation: 'startInstance', permission: 'start', method: 'POST', path: '/orchestrations/{name}' },
  {
    operation: 'startInstanceWithId',
    permission: 'start',
    method: 'POST',
    path: '/orchestrations/{name}/{instanceId+}',
  },
  { operation: 'listInstances', permission: 'read', method: 'GET', path: '/instances' },
  { operation: 'getInstance', permission: 'read', method: 'GET', path: '/instances/{instanceId+}' },
  {
    operation: 'raiseEvent',
    permission: 'signal',
    method: 'POST',
    path: '/instances/{instanceId}/raiseEvent/{eventName}',
  },
  { operation: 'terminateInstance', permission: 'operate', method: 'POST', path: '/instances/{instanceId}/terminate' },
  { operation: 'rewindInstance', permission: 'operate', method: 'POST', path: '/instances/{instanceId}/rewind' },
  { operation: 'restartInstance', permission: 'operate', method: 'POST', path: '/instances/{instanceId}/restart' },
  { operation: 'purgeInstance', permission: 'purge', method: 'DELETE', path: '/instances/{instanceId+}' },
  { operation: 'purgeInstances', permission: 'purge', method: 'DELETE', path: '/instances' },
  { operation: 'describeApi', method: 'GET', path: '/openapi.json' },
];
