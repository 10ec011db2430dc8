export type { HubSettings } from '../contract/hub-environment.js';
export type {
  InstanceFacts,
  InstanceFailure,
  InstanceHistoryEvent,
  InstanceOutcome,
  InstanceStatus,
} from '../contract/hub-http.js';
export { isFinished, type RuntimeStatus } from '../contract/runtime-status.js';
export type { FailedItem, ItemError, PartialResult, StoredResults, SucceededItem } from '../contract/stored-results.js';
export { DurableStepsError } from '../errors.js';
export type { InstanceFilter, ListRequest } from '../hub/operations/list.js';
export type { PurgedInstances } from '../hub/operations/purge.js';
export {
  DurableClient,
  type DurableClientOptions,
  type InstancePage,
  type OrchestrationTypes,
  type StartOptions,
  type StatusOptions,
} from './durable-client.js';
export { idempotencyKey, type LambdaContext } from './idempotency-key.js';
export { readResults } from './read-results.js';
