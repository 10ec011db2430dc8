export type {
  FailedItem,
  ItemError,
  PartialResult,
  StoredResults,
  SucceededItem,
} from '../contract/stored-results.js';
export type { ScopedStep } from './compiler/scoped-step.js';
export type { AnyStep, ForeignStep, InputOf, OutputOf, Step } from './compiler/step.js';
export { Flow, flow } from './flow.js';
export { expr, orElse } from './language/expr.js';
export type { FlowScope, Partially } from './language/flow-scope.js';
export type { JsonLoss, KeptByJson, TakenAs } from './language/json-types.js';
export { type Matching, matches, narrow, type UnionPattern } from './language/narrow.js';
export type { Expr, Ref, Resolvable } from './language/reference.js';
export type { RetryOptions } from './language/retry.js';
export { type Shape, shape } from './language/shape.js';
export type { Span } from './language/span.js';
export type { WorkflowError } from './language/workflow-error.js';
export type { FittingSteps, StepMismatch } from './list.js';
export { type CallAwsOptions, callAws } from './steps/call-aws.js';
export type { CatchOptions } from './steps/catch.js';
export type { ChooseCase, ChooseProps, FlowBranch } from './steps/choose.js';
export type { DelayTime } from './steps/delay.js';
export { fail } from './steps/fail.js';
export type { Bucket } from './steps/fan-out/bucket.js';
export { fanOutFanIn } from './steps/fan-out/fan-out.js';
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
} from './steps/fan-out/fan-out-options.js';
export {
  type Escalation,
  type FromScope,
  type HumanApprovalOptions,
  humanApproval,
} from './steps/human-approval/human-approval.js';
export type { Carry, EternalOptions, EternalScope } from './steps/monitor/eternal.js';
export { type Monitored, type MonitorOptions, type MonitorResult, monitor } from './steps/monitor/monitor.js';
export type { ChosenInterval, GrowingInterval, Interval } from './steps/monitor/monitor-interval.js';
export type { Branches, ParallelResult } from './steps/parallel.js';
export { retry } from './steps/retry-step.js';
export { type Startable, type Started, start } from './steps/sub-orchestration.js';
export {
  deadlineIn,
  type EventDeadline,
  type EventOutcome,
  type EventReceived,
  type EventTimedOut,
  present,
  type WaitForEventProps,
  waitForEvent,
} from './steps/wait-for-event.js';
