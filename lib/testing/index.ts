export { DurableStepsError } from '../errors';
export type { ActivityConstruct } from './activities';
export { type ActivityCall, ActivityDouble, type Stub, type StubContext } from './activity-double';
export type { InjectedError } from './activity-error';
export type { ConstructOfApp, SynthesizableApp, TestedApp } from './app-directory';
export type { AwsClientConfig } from './connect-client';
export {
  type OrchestrationConstruct,
  TestEnvironment,
  type TestEnvironmentOptions,
  type TestStartOptions,
} from './environment';
export type { NamedConstruct } from './find-resource';
export { Instance, type InstanceFailure, type WaitOptions } from './instance';
export type { PendingAnswer } from './recorded-execution';
export {
  Late,
  type RunStateMachineOptions,
  runStateMachine,
  type StateMachineRun,
  type StubbedTask,
  TaskFailure,
} from './run-state-machine';
export type { Span } from './span';
export { type RequestOptions, TestApi } from './test-api';
export { type MailFilter, TestMail } from './test-mail';
export { type FormFields, type HttpAnswer, WebPage } from './web-page';
