/**
 * The Lambda functions of a template, run on this machine.
 *
 * Owns the functions and their pools of threads; who may call is asked of the cloud, waiting is done on its clock. Invariants:
 * 1. an invocation is tracked: virtual time stands while user code runs;
 * 2. a handler's failure is an {@link Invocation} with `functionError`; a thrown `ServiceError` means that nothing ran.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { RealClock } from '../../clock.js';
import {
  type Cloud,
  type Functions,
  type Invocation,
  type InvokeOptions,
  ServiceError,
  type TaskOrigin,
} from '../cloud/service.js';
import { deadLetter } from './dead-letter.js';
import type { FunctionConfig } from './function-config.js';
import { FunctionPool, LOG_STREAM } from './function-pool.js';
import type { WorkerOutcome } from './worker.js';

/** One call of a function, before it runs. */
export interface FunctionCall {
  readonly function: FunctionConfig;
  readonly requestId: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** The decoded client context. */
  readonly clientContext: unknown;
  /** The task that calls. @default - no task: an event, an HTTP request, a developer */
  readonly task?: TaskOrigin;
}

/** Answers a call in place of the function's own code; undefined lets the code run. */
export type Interceptor = (call: FunctionCall) => Promise<WorkerOutcome | undefined> | undefined;

/** One call of a function, after it ran. */
export interface FunctionCallResult extends FunctionCall {
  readonly invocation: Invocation;
}

/** User code takes the machine's time, whatever the cloud's clock says. */
const MACHINE = new RealClock();
/** Lambda's limit for synchronous requests and responses. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Lambda's limit for asynchronous requests. */
const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;
/** How much longer than 6 MiB a response may be, as Lambda's own message counts it. */
const MAX_RESPONSE_BYTES = MAX_PAYLOAD_BYTES + 100;
/** Lambda waits a minute before the first retry of an asynchronous invocation, two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];

export class LocalFunctions implements Functions {
  private readonly pools = new Map<string, FunctionPool>();
  /** Former versions, and functions that are gone, while something of theirs runs. */
  private readonly retiring = new Set<FunctionPool>();
  private readonly retries = new Map<string, number>();
  private readonly callListeners = new Set<(result: FunctionCallResult) => void>();
  private readonly logListeners = new Set<(call: FunctionCall, text: string) => void>();
  private interceptor: Interceptor | undefined;

  constructor(
    private readonly cloud: Cloud,
    private readonly issueKey: (config: FunctionConfig) => {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
    },
  ) {}

  /** Every function, in the template's order. */
  get configs(): readonly FunctionConfig[] {
    return [...this.pools.values()].map((pool) => pool.config);
  }

  /**
   * Adds a function, or its next version: calls that run or wait end with the version that they began with. Nothing is started before the first call, and
   * one that is as it was stays warm.
   */
  add(config: FunctionConfig): void {
    if (isDeepStrictEqual(this.pools.get(config.name)?.config, config)) return;
    this.remove(config.name);
    const pool = new FunctionPool(config, {
      endpoint: this.cloud.endpoint,
      ...this.issueKey(config),
      offset: () => this.offset(),
    });
    this.pools.set(config.name, pool);
  }

  /** Lets go of a function: who calls it from now on is told that there is none. */
  remove(name: string): void {
    const pool = this.pools.get(name);
    if (pool === undefined) return;
    this.pools.delete(name);
    this.retiring.add(pool);
    void pool.retire().then(() => this.retiring.delete(pool));
  }

  /** Sets how often a failed asynchronous invocation of a function is repeated. @param count 0 to 2; undefined for Lambda's own 2 */
  limitRetries(function_: string, count: number | undefined): void {
    const name = nameOf(function_);
    if (count === undefined) this.retries.delete(name);
    else this.retries.set(name, count);
  }

  /** Answers calls in place of the code, for stubs and injected failures. */
  intercept(interceptor: Interceptor | undefined): void {
    this.interceptor = interceptor;
  }

  /** Hears of every call when it is over. Returns a function that ends the listening. */
  onCall(listener: (result: FunctionCallResult) => void): () => void {
    this.callListeners.add(listener);
    return () => this.callListeners.delete(listener);
  }

  /** Hears what functions print, as they print it. Returns a function that ends the listening. */
  onLog(listener: (call: FunctionCall, text: string) => void): () => void {
    this.logListeners.add(listener);
    return () => this.logListeners.delete(listener);
  }

  /** The function with this name, partial ARN or ARN, qualified or not. */
  tryFind(function_: string): FunctionConfig | undefined {
    return this.pools.get(nameOf(function_))?.config;
  }

  invoke(function_: string, options: InvokeOptions = {}): Promise<Invocation> {
    try {
      const pool = this.get(function_);
      this.authorize(pool, options);
      const payload = checkPayload(options.payload, MAX_PAYLOAD_BYTES);
      const { reservedConcurrency } = pool.config;
      if (reservedConcurrency !== undefined && pool.running >= reservedConcurrency) throw throttled();
      return this.cloud.clock.track(this.run(pool, payload, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  invokeAsync(function_: string, options: InvokeOptions = {}): string {
    const pool = this.get(function_);
    this.authorize(pool, options);
    const payload = checkPayload(options.payload, MAX_ASYNC_PAYLOAD_BYTES);
    const requestId = randomUUID();
    this.attempt(pool, payload, { ...options, requestId }, 0);
    return requestId;
  }

  /** Checks the caller's right to invoke. */
  check(function_: string, options: InvokeOptions): void {
    this.authorize(this.get(function_), options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values(), ...this.retiring].map((pool) => pool.close()));
  }

  private attempt(
    pool: FunctionPool,
    payload: string,
    options: InvokeOptions & { readonly requestId: string },
    tried: number,
  ): void {
    const { clock } = this.cloud;
    const attempts = clock.track(
      this.run(pool, payload, options).then((invocation) => {
        if (invocation.functionError === undefined) return undefined;
        const delays = RETRY_DELAYS_MS.slice(0, this.retries.get(pool.config.name) ?? RETRY_DELAYS_MS.length);
        const delay = delays[tried];
        if (delay === undefined) return deadLetter(this.cloud, pool.config, payload, invocation);
        return void clock.at(clock.now() + delay, () =>
          this.attempt(this.pools.get(pool.config.name) ?? pool, payload, options, tried + 1),
        );
      }),
    );
    attempts.catch((error: unknown) =>
      this.cloud.warn(`${pool.config.path}: ${error instanceof Error ? error.message : error}`),
    );
  }

  private async run(
    pool: FunctionPool,
    payload: string,
    options: InvokeOptions & { readonly requestId?: string },
  ): Promise<Invocation> {
    const requestId = options.requestId ?? randomUUID();
    const call: FunctionCall = {
      function: pool.config,
      requestId,
      payload,
      clientContext: decodeContext(options.clientContext),
      ...(options.task === undefined ? {} : { task: options.task }),
    };
    const started = MACHINE.now();
    let log = '';
    const outcome =
      (await this.interceptor?.(call)) ??
      (await pool.invoke(
        { requestId, payload, timeoutMilliseconds: pool.config.timeoutMilliseconds, context: contextOf(call) },
        (text) => {
          log += text;
          for (const listener of this.logListeners) listener(call, text);
        },
      ));
    const invocation = finish(requestId, outcome, log, MACHINE.now() - started);
    for (const listener of this.callListeners) listener({ ...call, invocation });
    return invocation;
  }

  private authorize(pool: FunctionPool, { caller }: InvokeOptions): void {
    if (caller !== undefined)
      this.cloud.authorize({ caller, action: 'lambda:InvokeFunction', resource: pool.config.arn });
  }

  private get(function_: string): FunctionPool {
    const pool = this.pools.get(nameOf(function_));
    if (pool !== undefined) return pool;
    const { partition, region, accountId } = this.cloud;
    const arn = function_.startsWith('arn:')
      ? function_
      : `arn:${partition}:lambda:${region}:${accountId}:function:${nameOf(function_)}`;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404, { Type: 'User' });
  }

  private offset(): number {
    const offset = this.cloud.clock.now() - MACHINE.now();
    return Math.abs(offset) < 2 ? 0 : offset;
  }
}

function nameOf(function_: string): string {
  const parts = function_.split(':');
  // arn:aws:lambda:region:account:function:name[:qualifier], account:function:name, or name[:qualifier]
  const marker = parts.indexOf('function');
  return (marker >= 0 ? parts[marker + 1] : parts[0]) ?? '';
}

function contextOf({ function: config, requestId, clientContext }: FunctionCall): Record<string, unknown> {
  return {
    functionName: config.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: config.arn,
    memoryLimitInMB: String(config.memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${config.name}`,
    logStreamName: LOG_STREAM,
    ...(clientContext === undefined ? {} : { clientContext }),
  };
}

function decodeContext(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw new ServiceError(
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
    );
  }
}

function checkPayload(text: string | undefined, limit: number): string {
  const payload = text === undefined || text === '' ? '{}' : text;
  const bytes = Buffer.byteLength(payload);
  if (bytes > limit) {
    const message = `${bytes} byte payload is too large for the ${limit === MAX_PAYLOAD_BYTES ? 'RequestResponse' : 'Event'} invocation type (limit ${limit} bytes)`;
    throw new ServiceError('RequestTooLargeException', message, 413, { Type: 'User' });
  }
  try {
    JSON.parse(payload);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ServiceError('InvalidRequestContentException', `Could not parse request body into json: ${detail}`, 400, {
      Type: 'User',
    });
  }
  return payload;
}

function finish(requestId: string, outcome: WorkerOutcome, log: string, billedMilliseconds: number): Invocation {
  const common = { requestId, log, billedMilliseconds };
  if ('error' in outcome) return { ...common, payload: JSON.stringify(outcome.error), functionError: 'Unhandled' };
  if (Buffer.byteLength(outcome.payload) <= MAX_RESPONSE_BYTES) return { ...common, payload: outcome.payload };
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
  return { ...common, payload: JSON.stringify(error), functionError: 'Unhandled' };
}

function throttled(): ServiceError {
  return new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
  });
}
