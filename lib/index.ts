export type { BundlingOptions } from './bundling/bundle.js';
export * from './constructs/index.js';
export { DurableStepsError, type ErrorCode, type ErrorDetails } from './errors.js';
export * from './flow/index.js';
