import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { hubEntry } from '../bundling/package-root';
import { bundledCode } from './bundled-code';

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
  /** Where an event goes that fails again and again, for functions that are invoked asynchronously. @default - nowhere */
  readonly deadLetterQueue?: lambda.FunctionOptions['deadLetterQueue'];
}

/**
 * Ways to credentials that a Lambda function never takes: it has its own in the environment. The SDK imports them only when it needs them, so that leaving them out of the
 * bundle costs nothing and saves a third of it. What remains is bundled: measured, it loads in a quarter of the time that the runtime's own SDK takes.
 */
export const OTHER_CREDENTIALS: readonly string[] = [
  '@aws-sdk/nested-clients/*',
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** A function of the hub: its own role, its own log group kept for a month, arm64, bundled together with all others of the app. */
export function hubFunction(scope: Construct, id: string, props: HubFunctionProps): lambda.Function {
  const fn = new lambda.Function(scope, id, {
    code: bundledCode(scope, { entry: hubEntry(props.entry), bundling: { external: OTHER_CREDENTIALS } }),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    description: props.description,
    timeout: props.timeout ?? Duration.seconds(29),
    memorySize: props.memorySize ?? 512,
    environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
    logGroup: new logs.LogGroup(scope, `${id}Logs`, {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  });
  return fn;
}
