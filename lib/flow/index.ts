export type {
  FailedItem,
  ItemError,
  PartialResult,
  StoredResults,
  SucceededItem,
} from '../contract/stored-results.js';
export type { Bucket } from './bucket.js';
export { type CallAwsOptions, callAws } from './call-aws.js';
export type { CatchOptions } from './catch.js';
export type { Branch, ChooseCase, ChooseProps } from './choose.js';
export type { DelayTime } from './delay.js';
export type { Carry, EternalOptions, EternalScope } from './eternal.js';
export { expr, orElse } from './expr.js';
export { fanOutFanIn } from './fan-out.js';
export type {
  BatchOptions,
  FannedIn,
  FanOutMode,
  FanOutProps,
  Gathered,
  ItemList,
  ItemOf,
  PlainFanOutProps,
  ResultsTo,
  StoredItems,
  ToleratedFailures,
} from './fan-out-options.js';
export { Flow, type FlowScope, flow, type Partially } from './flow.js';
export {
  type Escalation,
  type FromScope,
  type HumanApprovalOptions,
  humanApproval,
} from './human-approval.js';
export type { FittingSteps, StepMismatch } from './list.js';
export { type Monitored, type MonitorOptions, type MonitorResult, monitor } from './monitor.js';
export type { ChosenInterval, GrowingInterval, Interval } from './monitor-interval.js';
export type { Branches, ParallelResult } from './parallel.js';
export type { Expr, Ref, Resolvable } from './reference.js';
export type { RetryOptions, Span } from './retry.js';
export { retry } from './retry-step.js';
export type { ScopedStep } from './scoped-step.js';
export { type Shape, shape } from './shape.js';
export type { AnyStep, ForeignStep, InputOf, OutputOf, Step } from './step.js';
export { type Startable, type Started, start } from './sub-orchestration.js';
export {
  deadlineIn,
  type EventDeadline,
  type EventOutcome,
  type EventReceived,
  type EventTimedOut,
  present,
  type WaitForEventProps,
  waitForEvent,
} from './wait-for-event.js';
export type { WorkflowError } from './workflow-error.js';
