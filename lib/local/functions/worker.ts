import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RealClock } from '../../clock.js';

/** What a handler's thread is started with. */
export interface WorkerStart {
  /** The directory that holds the code. */
  readonly taskRoot: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  /** Directories with packages that Lambda's runtime would bring, such as the AWS SDK. */
  readonly nodePath: readonly string[];
  /** Whether the runtime still takes callbacks (up to Node.js 22). */
  readonly callbacks: boolean;
  /** The cloud's time minus the machine's, in milliseconds. */
  readonly offset: number;
}

/** One invocation as the thread sees it. */
export interface WorkerInvocation {
  readonly requestId: string;
  readonly payload: string;
  readonly timeoutMilliseconds: number;
  readonly offset: number;
  /** The plain members of Lambda's context object. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** The error object of a failed invocation, as Lambda returns it. */
export interface HandlerError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What came of an invocation. */
export type WorkerOutcome = { readonly payload: string } | { readonly error: HandlerError };

type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'init-failed'; readonly error: HandlerError }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'done'; readonly payload: string }
  | { readonly type: 'failed'; readonly error: HandlerError; readonly fatal: boolean };

/** How long loading a handler may take. Lambda allows 10 s; a busy laptop gets more. */
const INIT_LIMIT_MS = 60_000;

/**
 * A thread that runs one handler, one invocation at a time.
 *
 * Owns the thread and the deadline. Once it is `broken` (timed out, exited, out of memory) it never runs anything again. The deadline is real time: user
 * code runs on the machine's clock whatever the cloud's clock says.
 */
export class FunctionWorker {
  private readonly worker: Worker;
  private readonly timers = new RealClock();
  private readonly ready: Promise<HandlerError | undefined>;
  private onMessage: (message: Message) => void = () => {};
  private onExit: (reason: string) => void = () => {};
  private onLog: ((text: string) => void) | undefined;
  private pendingLog = '';
  private dead: string | undefined;

  constructor(start: WorkerStart) {
    this.worker = new Worker(join(__dirname, 'bootstrap.cjs'), {
      workerData: {
        taskRoot: start.taskRoot,
        handler: start.handler,
        nodePath: start.nodePath,
        callbacks: start.callbacks,
        offset: start.offset,
        sourceMaps: (start.environment['NODE_OPTIONS'] ?? '').includes('--enable-source-maps'),
      },
      env: withoutNodeOptions(start.environment),
      execArgv: [],
      argv: [],
      // Anything written past the bootstrap's own capture would garble the terminal.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: start.memoryMegabytes },
    });
    this.worker.on('message', (message: Message) => this.receive(message));
    this.worker.on('error', (error: Error & { readonly code?: string }) => {
      this.die(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'signal: killed' : `exit status 1 (${error.message})`);
    });
    this.worker.on('exit', (code) => this.die(`exit status ${code}`));
    this.ready = this.awaitReady();
    // Whoever invokes takes the reference back: a thread that only waits keeps no process alive.
    void this.ready.then(() => this.worker.unref());
  }

  /** Resolves when the handler is loaded, or can't be. */
  get loaded(): Promise<unknown> {
    return this.ready;
  }

  /** Whether the thread can't take another invocation. */
  get broken(): boolean {
    return this.dead !== undefined;
  }

  /** Runs one invocation. Never rejects: a handler's failure is data. */
  async invoke(invocation: WorkerInvocation, log: (text: string) => void): Promise<WorkerOutcome> {
    this.worker.ref();
    this.onLog = log;
    if (this.pendingLog !== '') log(this.pendingLog);
    this.pendingLog = '';
    try {
      const initError = await this.ready;
      if (initError !== undefined) return { error: initError };
      return await this.runOnce(invocation);
    } finally {
      this.onLog = undefined;
      if (!this.broken) this.worker.unref();
    }
  }

  /** Stops the thread, whatever it does. */
  async terminate(): Promise<void> {
    this.dead ??= 'terminated';
    this.timers.close();
    await this.worker.terminate();
  }

  private runOnce({
    requestId,
    payload,
    timeoutMilliseconds,
    offset,
    context,
  }: WorkerInvocation): Promise<WorkerOutcome> {
    return new Promise((resolve) => {
      const prefix = `RequestId: ${requestId} Error:`;
      const deadline = this.timers.now() + timeoutMilliseconds;
      const settle = (outcome: WorkerOutcome): void => {
        cancel();
        this.onMessage = () => {};
        this.onExit = () => {};
        resolve(outcome);
      };
      const cancel = this.timers.at(deadline, () => {
        const seconds = (timeoutMilliseconds / 1000).toFixed(2);
        settle({
          error: { errorType: 'Sandbox.Timedout', errorMessage: `${prefix} Task timed out after ${seconds} seconds` },
        });
        void this.terminate();
      });
      this.onExit = (reason) => {
        settle({
          error: { errorType: 'Runtime.ExitError', errorMessage: `${prefix} Runtime exited with error: ${reason}` },
        });
      };
      this.onMessage = (message) => {
        if (message.type === 'done') settle({ payload: message.payload });
        if (message.type !== 'failed') return;
        settle({ error: message.error });
        if (message.fatal) void this.terminate();
      };
      if (this.dead !== undefined) this.onExit(this.dead);
      else this.worker.postMessage({ type: 'invoke', payload, context, deadline, offset });
    });
  }

  /** Resolves with undefined when the handler is loaded, else with the error that every invocation gets. */
  private awaitReady(): Promise<HandlerError | undefined> {
    return new Promise((resolve) => {
      const fail = (error: HandlerError): void => {
        resolve(error);
        void this.terminate();
      };
      const cancel = this.timers.at(this.timers.now() + INIT_LIMIT_MS, () => {
        fail({
          errorType: 'Sandbox.Timedout',
          errorMessage: `Error: Init timed out after ${INIT_LIMIT_MS / 1000} seconds`,
        });
      });
      this.onExit = (reason) => {
        cancel();
        resolve({ errorType: 'Runtime.ExitError', errorMessage: `Error: Runtime exited with error: ${reason}` });
      };
      this.onMessage = (message) => {
        cancel();
        if (message.type === 'ready') resolve(undefined);
        if (message.type === 'init-failed') fail(message.error);
      };
    });
  }

  private receive(message: Message): void {
    if (message.type !== 'log') this.onMessage(message);
    else if (this.onLog === undefined) this.pendingLog += message.text;
    else this.onLog(message.text);
  }

  private die(reason: string): void {
    if (this.dead !== undefined) return;
    this.dead = reason;
    this.onExit(reason);
  }
}

/** Node.js refuses some options for a thread; the one that matters is passed on by itself. */
function withoutNodeOptions(environment: Readonly<Record<string, string>>): Record<string, string> {
  const { NODE_OPTIONS: _options, ...rest } = environment;
  return rest;
}
