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
export { Chain, type ChainInput, type ChainOutput, type ChainProps, type ChainSteps } from './chain.js';
export { asChainable } from './chainable.js';
export { Orchestration, type OrchestrationProps } from './orchestration.js';
