export { DurableStepsError } from '../errors.js';
export type { AwsClientConfig } from '../local/hubs/connect-client.js';
export type { ActivityConstruct } from './activities/activities.js';
export { type ActivityCall, ActivityDouble, type Stub, type StubContext } from './activities/activity-double.js';
export type { InjectedError } from './activities/activity-error.js';
export type { ConstructOfApp, SynthesizableApp, TestedApp } from './app-directory.js';
export { type OrchestrationConstruct, TestEnvironment } from './environment.js';
export type { TestEnvironmentOptions, TestStartOptions } from './environment-options.js';
export type { NamedConstruct } from './find-resource.js';
export { Instance, type InstanceError, type WaitOptions } from './instances/instance.js';
export type { PendingAnswer } from './instances/recorded-execution.js';
export {
  Late,
  type RunStateMachineOptions,
  runStateMachine,
  type StateMachineRun,
  type StubbedTask,
  TaskFailure,
} from './run-state-machine.js';
export type { TimeSpan } from './span.js';
export { type RequestOptions, TestApi } from './web/test-api.js';
export { type MailFilter, TestMail } from './web/test-mail.js';
export { type FormFields, type HttpAnswer, WebPage } from './web/web-page.js';
