import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfig } from './function-config.js';
import { FunctionWorker, type WorkerInvocation, type WorkerOutcome } from './worker.js';

/** What every function of a cloud shares. */
export interface PoolSurroundings {
  /** `AWS_ENDPOINT_URL` of the functions. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The cloud's time minus the machine's, in milliseconds. */
  offset(): number;
}

/** How many threads one function may have at once; more invocations wait. */
const MAX_WORKERS = 16;

/** How many threads of a function start at once: more would only make each other slower. */
const MAX_STARTING = availableParallelism();

/**
 * The warm threads of one function.
 *
 * Owns the threads and the line of those who wait for one. Whoever waits gets the first thread that is free, a new one or one that has finished. A thread that
 * broke is replaced; idle threads are reused, the last used first.
 */
export class FunctionPool {
  private readonly idle: FunctionWorker[] = [];
  private readonly all = new Set<FunctionWorker>();
  private readonly waiting: ((worker: FunctionWorker) => void)[] = [];
  private starting = 0;
  private invocations = 0;
  private inlineDirectory: string | undefined;
  private closed = false;
  private retired: (() => void) | undefined;

  constructor(
    readonly config: FunctionConfig,
    private readonly surroundings: PoolSurroundings,
  ) {}

  /** How many invocations run or wait now. */
  get running(): number {
    return this.invocations;
  }

  async invoke(invocation: Omit<WorkerInvocation, 'offset'>, log: (text: string) => void): Promise<WorkerOutcome> {
    if (this.closed) throw new Error('The local cloud is closed.');
    this.invocations++;
    const worker = await this.acquire();
    try {
      return await worker.invoke({ ...invocation, offset: this.surroundings.offset() }, log);
    } finally {
      this.invocations--;
      this.release(worker);
    }
  }

  /** Ends the idle threads now and the others when their work is done; resolves when none is left. */
  retire(): Promise<void> {
    for (const worker of this.idle.splice(0)) this.end(worker);
    return new Promise((resolve) => {
      this.retired = resolve;
      this.settleRetirement();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waiting.length = 0;
    await Promise.all([...this.all].map((worker) => worker.terminate()));
    if (this.inlineDirectory !== undefined) rmSync(this.inlineDirectory, { recursive: true, force: true });
  }

  private acquire(): Promise<FunctionWorker> {
    for (let worker = this.idle.pop(); worker !== undefined; worker = this.idle.pop()) {
      if (!worker.broken) return Promise.resolve(worker);
      this.all.delete(worker);
    }
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.startWorkers();
    });
  }

  private release(worker: FunctionWorker): void {
    if (!worker.broken) {
      this.offer(worker);
      return;
    }
    this.end(worker);
    this.startWorkers();
    this.settleRetirement();
  }

  private end(worker: FunctionWorker): void {
    this.all.delete(worker);
    void worker.terminate();
  }

  private settleRetirement(): void {
    if (this.retired === undefined || this.all.size > 0 || this.waiting.length > 0) return;
    if (this.inlineDirectory !== undefined) rmSync(this.inlineDirectory, { recursive: true, force: true });
    this.retired();
  }

  private offer(worker: FunctionWorker): void {
    const next = this.waiting.shift();
    if (next !== undefined) next(worker);
    else if (this.retired === undefined) this.idle.push(worker);
    else {
      this.end(worker);
      this.settleRetirement();
    }
  }

  private startWorkers(): void {
    while (!this.closed && this.starting < Math.min(this.waiting.length, MAX_STARTING) && this.all.size < MAX_WORKERS) {
      const worker = this.startWorker();
      this.all.add(worker);
      this.starting++;
      void worker.loaded.then(() => {
        this.starting--;
        // One that failed to load is handed out too: whoever gets it answers with the reason.
        this.offer(worker);
        this.startWorkers();
      });
    }
  }

  private startWorker(): FunctionWorker {
    return new FunctionWorker({
      taskRoot: this.taskRoot(),
      handler: this.config.handler,
      environment: this.environment(),
      memoryMegabytes: this.config.memoryMegabytes,
      nodePath: runtimePackages(),
      callbacks: Number(/\d+/.exec(this.config.runtime)?.[0]) < 24,
      offset: this.surroundings.offset(),
    });
  }

  private taskRoot(): string {
    const { code } = this.config;
    if ('directory' in code) return code.directory;
    if (this.inlineDirectory === undefined) {
      this.inlineDirectory = mkdtempSync(join(tmpdir(), 'durable-steps-'));
      writeFileSync(join(this.inlineDirectory, 'index.js'), code.inline);
    }
    return this.inlineDirectory;
  }

  /** Lambda's reserved variables, then the function's own; nothing of this process but what a program needs to run. */
  private environment(): Record<string, string> {
    const { name, memoryMegabytes, handler, runtime, region, environment } = this.config;
    const { endpoint, accessKeyId, secretAccessKey } = this.surroundings;
    return {
      ...(process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] }),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      ...environment,
      _HANDLER: handler,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: 'local',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: LOG_STREAM,
      // The SDK's advice about the machine's Node.js version is no concern of the function.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      LAMBDA_TASK_ROOT: this.taskRoot(),
      LAMBDA_RUNTIME_DIR: this.taskRoot(),
    };
  }
}

/** The log stream that functions see; there is only one. */
export const LOG_STREAM = 'local/[$LATEST]';

/** Where packages of Lambda's own runtime (the AWS SDK) are looked for: the app's directory, then this package's. */
function runtimePackages(): readonly string[] {
  const app = createRequire(join(process.cwd(), 'app.js')).resolve.paths('package') ?? [];
  const own = require.resolve.paths('package') ?? [];
  return [...new Set([...app, ...own])];
}
