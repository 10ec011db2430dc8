export type { CatchOptions } from './catch.js';
export type { Branch, ChooseCase, ChooseProps } from './choose.js';
export type { DelayTime } from './delay.js';
export { expr, orElse } from './expr.js';
export { Flow, type FlowScope, flow, type Partially, type WorkflowError } from './flow.js';
export type { FittingSteps, StepMismatch } from './list.js';
export type { Expr, Ref, Resolvable } from './reference.js';
export type { RetryOptions, Span } from './retry.js';
export type { AnyStep, ForeignStep, InputOf, OutputOf, Step } from './step.js';
