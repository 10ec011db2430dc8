import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { BundlingOptions } from '../../bundling/bundle.js';
import { hubEntry } from '../../bundling/package-root.js';
import { bundledCode } from '../bundled-code.js';
import { functionLogs } from '../function-logs.js';

/** What one of the hub's own functions is. */
export interface HubFunctionProps {
  /** Name of the entry file in `lambda/hub`, without its ending. */
  readonly entry: string;
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default Duration.seconds(29), less than API Gateway waits */
  readonly timeout?: Duration;
  /** @default 512 */
  readonly memorySize?: number;
  /** How many executions at once are set aside for it, which is also the most that it gets. @default - none */
  readonly reservedConcurrency?: number | undefined;
  /** Where an event goes that fails again and again, for functions that are invoked asynchronously. @default - nowhere */
  readonly deadLetterQueue?: lambda.FunctionOptions['deadLetterQueue'];
}

/** What the SDK imports only when it needs it, and never does here: ways to credentials other than the environment's, where a Lambda function has its own. */
const NEVER_LOADED: readonly string[] = [
  '@aws-sdk/nested-clients/*',
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** Likewise, but Lambda's client imports them at once. */
const EVENT_STREAMS = '@smithy/core/event-streams';
const WITH_LAMBDA_CLIENT = new Set(['ask-approval-by-function']);

/**
 * How a function of the hub is bundled: with what it uses of the AWS SDK, which, measured, loads in a quarter of the time that the runtime's own SDK takes. No code of the hub asks
 * for a function's or a class's name.
 */
export function hubBundling(entry: string): BundlingOptions {
  return {
    external: WITH_LAMBDA_CLIENT.has(entry) ? NEVER_LOADED : [...NEVER_LOADED, EVENT_STREAMS],
    keepNames: false,
  };
}

/** A function of the hub: its own role, its own log group kept for a month, into which no other function writes, arm64, bundled together with all others of the app. */
export function hubFunction(scope: Construct, id: string, props: HubFunctionProps): lambda.Function {
  const fn = new lambda.Function(scope, id, {
    code: bundledCode(scope, { entry: hubEntry(props.entry), bundling: hubBundling(props.entry) }),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    description: props.description,
    timeout: props.timeout ?? Duration.seconds(29),
    memorySize: props.memorySize ?? 512,
    environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
    ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
    ...functionLogs(scope, id),
  });
  return fn;
}
