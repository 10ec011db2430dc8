import { Duration, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { BUNDLING, type BundlingOptions } from '../bundling/bundle.js';
import { DurableStepsError } from '../errors.js';
import type { Fragment } from '../flow/compiler/state.js';
import type { Site, Step, stepTypes } from '../flow/compiler/step.js';
import type { KeptByJson, TakenAs } from '../flow/language/json-types.js';
import { type RetryOptions, renderRetry } from '../flow/language/retry.js';
import { compileLambdaTask } from '../flow/steps/lambda-task.js';
import type { Checks } from '../options/check-options.js';
import { ANY_TEXT, ANYTHING, options as group, like, needed, recordOf, SPAN, text, whole } from '../options/kinds.js';
import { bundledCode } from './bundled-code.js';
import { checkProps } from './check-props.js';
import { functionLogs } from './function-logs.js';
import { isFunctionOption } from './function-options.js';

/** A Lambda handler: a function of one event. Context and callback may follow. */
// biome-ignore lint/suspicious/noExplicitAny: any function of an event will do
export type Handler = (event: any, ...rest: any[]) => unknown;

/** The input type of an activity: the handler's event, of which lists may be readonly. A handler that takes none accepts anything. */
export type ActivityInput<H extends Handler> = Parameters<H> extends [] ? unknown : TakenAs<Parameters<H>[0]>;

/** A handler whose event and result JSON keeps; else the compiler shows which field it doesn't keep. */
export type JsonHandler<H extends Handler> = Handler &
  KeptByJson<Parameters<H> extends [] ? unknown : Parameters<H>[0], 'input'> &
  KeptByJson<Awaited<ReturnType<H>>, 'result'>;

/** The output type of an activity: what the handler's promise gives. Nothing is `null`, as JSON says it. */
export type ActivityOutput<H extends Handler> = NothingAsNull<Awaited<ReturnType<H>>>;

type Nothing = undefined | ReturnType<() => void>;

type NothingAsNull<Out> = 0 extends 1 & Out
  ? Out
  : [Out] extends [Nothing]
    ? null
    : Exclude<Out, Nothing> | (Extract<Out, Nothing> extends never ? never : null);

/** What every activity has. */
export interface ActivityOptions {
  /**
   * How it is tried again when the handler fails. Lambda's own transient errors (throttling, service faults) are always retried: 12 times, from 2 s on, doubling up to 3 minutes, with full jitter.
   * @default - errors of the handler are not retried
   */
  readonly retry?: RetryOptions;
}

/** An activity from a source file. All options of a Lambda function apply too. */
export interface BundledActivityProps extends ActivityOptions, Omit<lambda.FunctionOptions, 'timeout'> {
  /** The TypeScript or JavaScript file that exports the handler, relative to the directory where the app runs. */
  readonly entry: string;
  /** The name of the exported handler. @default 'handler' */
  readonly handler?: string;
  /**
   * How long one attempt may take, 15 minutes at most. The state waits 20 seconds longer, so that the function's own time-out
   * (`Sandbox.Timedout`), which says more, comes first.
   * @default Duration.minutes(1)
   */
  readonly timeout?: Duration;
  /** Lambda's runtime. @default lambda.Runtime.NODEJS_24_X */
  readonly runtime?: lambda.Runtime;
  /** How the file is bundled. @default - see {@link BundlingOptions} */
  readonly bundling?: BundlingOptions;
  readonly function?: never;
}

/** An activity that is an existing Lambda function. */
export interface FunctionActivityProps extends ActivityOptions {
  /** The function, of this app or imported. Its payload is the activity's input, its result the output. */
  readonly function: lambda.IFunction;
  /**
   * How long one attempt may take. Shorter than the function's own time-out, it fails as `States.Timeout`, while the function works on.
   * @default - the function's own time-out where it is known, else 15 minutes
   */
  readonly timeout?: Duration;
  readonly entry?: never;
}

/** Options of an {@link Activity}. */
export type ActivityProps = BundledActivityProps | FunctionActivityProps;

const BUNDLED = {
  entry: needed(text('the path of a source file')),
  handler: text('the name of an export'),
  timeout: SPAN,
  retry: ANYTHING,
  runtime: like('a `lambda.Runtime`', 'name', 'family'),
  bundling: group(BUNDLING),
  environment: recordOf(ANY_TEXT),
  memorySize: whole(128, 10_240),
  description: ANY_TEXT,
} satisfies Partial<Checks<BundledActivityProps>>;

const EXISTING: Checks<FunctionActivityProps> = {
  function: needed(like('a Lambda function', 'functionArn', 'grantInvoke')),
  timeout: SPAN,
  retry: ANYTHING,
  entry: { expected: 'nothing beside `function`', accepts: () => false },
};

/** Lambda's own limit: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const longestTimeout = Duration.minutes(15);

/**
 * What the state waits beyond the function's time-out, so that always the function's strikes first (`Sandbox.Timedout`): a cold start takes up to 10 s that Lambda
 * doesn't count. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
const grace = Duration.seconds(20);

/**
 * One step of work: a plain TypeScript function that runs as an AWS Lambda function, with the types of its handler.
 *
 * Builds a Lambda function (arm64, Node.js 24, source maps) bundled together with all other activities of the app, its log group, kept for a month, and its role, which may write there. As a step it is one Task state that calls the
 * function, puts out the handler's result without Lambda's envelope, and has a time-out and retries. An error thrown by the handler keeps its name and message. The
 * handler reads an idempotency key, the same for every attempt, with `idempotencyKey(context)` of `durable-steps/client`.
 *
 * @example
 * const transcode = new Activity<typeof import('../lambda/video/transcode').handler>(this, 'Transcode', {
 *   entry: 'lambda/video/transcode.ts',
 *   timeout: Duration.minutes(10),
 *   retry: { maxAttempts: 4, firstInterval: Duration.seconds(5), backoffRate: 2 },
 * });
 */
export class Activity<H extends JsonHandler<H> = Handler>
  extends Construct
  implements Step<ActivityInput<H>, ActivityOutput<H>>
{
  declare readonly [stepTypes]?: (input: ActivityInput<H>) => ActivityOutput<H>;
  /** The Lambda function. */
  readonly function: lambda.IFunction;
  readonly stepName: string;
  private readonly timeoutSeconds: number;
  private readonly retry: RetryOptions | undefined;

  constructor(scope: Construct, id: string, props: ActivityProps) {
    if (props?.function === undefined) checkProps(scope, id, props, BUNDLED, isFunctionOption);
    else checkProps(scope, id, props, EXISTING);
    super(scope, id);
    this.stepName = id;
    this.retry = props.retry;
    renderRetry(props.retry, this.node.path);
    const timeout = checkTimeout(this, props.timeout);
    this.function = props.function ?? makeFunction(this, props, timeout ?? Duration.minutes(1));
    this.timeoutSeconds = secondsOfState(this.function, timeout);
  }

  compile(site: Site): Fragment {
    return compileLambdaTask(site, {
      functionArn: this.function.functionArn,
      timeoutSeconds: this.timeoutSeconds,
      path: this.node.path,
      ...(this.retry !== undefined && { retry: this.retry }),
    });
  }
}

/** The function's own time-out and the grace; or what is asked for, where the function would work on for longer. */
function secondsOfState(function_: lambda.IFunction, wanted: Duration | undefined): number {
  const own = (function_ instanceof lambda.Function ? function_.timeout : undefined)?.toSeconds();
  const most = wanted?.toSeconds();
  if (most !== undefined && most < (own ?? longestTimeout.toSeconds())) return most;
  return (own ?? longestTimeout.toSeconds()) + grace.toSeconds();
}

function makeFunction(scope: Construct, props: BundledActivityProps, timeout: Duration): lambda.Function {
  const { entry, handler, bundling, retry: _retry, ...options } = props;
  return new lambda.Function(scope, 'Function', {
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    memorySize: 512,
    ...options,
    ...functionLogs(scope, 'Function', options),
    timeout,
    handler: 'index.handler',
    code: bundledCode(scope, {
      entry,
      ...(handler !== undefined && { handler }),
      ...(bundling !== undefined && { bundling }),
    }),
    environment: { NODE_OPTIONS: '--enable-source-maps', ...options.environment },
  });
}

function checkTimeout(scope: Construct, timeout: Duration | undefined): Duration | undefined {
  if (timeout === undefined || timeout.isUnresolved() || Token.isUnresolved(timeout)) return timeout;
  const seconds = timeout.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= longestTimeout.toSeconds()) return timeout;
  throw new DurableStepsError('InvalidOption', {
    where: `${scope.node.path}.timeout`,
    expected: "whole seconds, from 1 to 900 (Lambda's limit)",
    got: `${seconds} s`,
    fix: 'split longer work into several activities',
  });
}
