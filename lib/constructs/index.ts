export type {
  ApprovalDecision,
  ApprovalDetails,
  ApprovalOutcome,
  ApprovalResult,
  Quorum,
} from '../contract/approval.js';
export type { MailKind, MailMessage, MailTemplate, MailTemplates } from '../contract/approval-environment.js';
export type { ApiPermission } from '../contract/hub-http.js';
export type { AwaitedKind } from '../flow/compiler/compilation.js';
export {
  Activity,
  type ActivityInput,
  type ActivityOptions,
  type ActivityOutput,
  type ActivityProps,
  type BundledActivityProps,
  type FunctionActivityProps,
  type Handler,
  type JsonHandler,
} from './activity.js';
export {
  ApiAuth,
  type ApiKeyAuthOptions,
  type ApiKeyOptions,
  type JwtAuthOptions,
  type ScopesByPermission,
} from './api/api-auth.js';
export type { ApiConcurrency } from './api/api-functions.js';
export type { DescribedOrchestration, StartableOrchestration } from './api/api-orchestrations.js';
export { AsyncHttpApi, type AsyncHttpApiProps } from './api/async-http-api.js';
export { asChainable } from './chainable.js';
export type { ApprovalDesk } from './hub/approval-desk.js';
export type { HubConcurrency } from './hub/hub-concurrency.js';
export { Mail, type MailActivity, type MailOptions, type SesMailOptions } from './hub/mail.js';
export { TaskHub } from './hub/task-hub.js';
export type { GrantClientOptions, HubOrchestration, TaskHubProps } from './hub/task-hub-props.js';
export { HubAlarms, type HubAlarmsProps } from './hub/watch/hub-alarms.js';
export type { HubMetric } from './hub/watch/hub-metric.js';
export { Orchestration, type OrchestrationProps } from './orchestration.js';
export { Chain, type ChainInput, type ChainOutput, type ChainProps, type ChainSteps } from './patterns/chain.js';
export { FanOutFanIn, type FanOutFanInScope } from './patterns/fan-out-fan-in.js';
export { HumanApproval, type HumanApprovalProps } from './patterns/human-approval.js';
export {
  type EternalMonitorProps,
  Monitor,
  type MonitorBase,
  type MonitorProps,
  type MonitorScope,
} from './patterns/monitor.js';
export * from './starters/index.js';
