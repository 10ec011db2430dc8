export type {
  ApprovalDecision,
  ApprovalDetails,
  ApprovalOutcome,
  ApprovalResult,
  Quorum,
} from '../contract/approval.js';
export type { MailKind, MailMessage, MailTemplate, MailTemplates } from '../contract/approval-environment.js';
export {
  Activity,
  type ActivityInput,
  type ActivityOptions,
  type ActivityOutput,
  type ActivityProps,
  type BundledActivityProps,
  type FunctionActivityProps,
  type Handler,
} from './activity.js';
export {
  ApiAuth,
  type ApiKeyAuthOptions,
  type JwtAuthOptions,
} from './api-auth.js';
export type { ApprovalDesk } from './approval-desk.js';
export {
  AsyncHttpApi,
  type AsyncHttpApiProps,
  type DescribedOrchestration,
  type StartableOrchestration,
} from './async-http-api.js';
export { Chain, type ChainInput, type ChainOutput, type ChainProps, type ChainSteps } from './chain.js';
export { asChainable } from './chainable.js';
export { FanOutFanIn, type FanOutFanInScope } from './fan-out-fan-in.js';
export { HumanApproval, type HumanApprovalProps } from './human-approval.js';
export { Mail, type MailActivity, type MailOptions, type SesMailOptions } from './mail.js';
export {
  type EternalMonitorProps,
  Monitor,
  type MonitorBase,
  type MonitorProps,
  type MonitorScope,
} from './monitor.js';
export { Orchestration, type OrchestrationProps } from './orchestration.js';
export * from './starters/index.js';
export { type GrantClientOptions, type HubOrchestration, TaskHub, type TaskHubProps } from './task-hub.js';
