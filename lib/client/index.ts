export type { HubSettings } from '../contract/hub-environment';
export type { InstanceFailure, InstanceHistoryEvent, InstanceStatus } from '../contract/hub-http';
export { isFinished, type RuntimeStatus } from '../contract/runtime-status';
export type { FailedItem, ItemError, PartialResult, StoredResults, SucceededItem } from '../contract/stored-results.js';
export { DurableStepsError } from '../errors';
export type { InstanceFilter, PageRequest } from '../hub/list';
export type { PurgedInstances } from '../hub/purge';
export {
  DurableClient,
  type DurableClientOptions,
  type InstancePage,
  type OrchestrationTypes,
  type StartOptions,
  type StatusOptions,
} from './durable-client';
export { idempotencyKey, type LambdaContext } from './idempotency-key.js';
export { readResults } from './read-results.js';
