import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfig } from './function-config';
import { FunctionWorker, type WorkerInvocation, type WorkerOutcome } from './worker';

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

/**
 * The warm threads of one function.
 *
 * Owns the threads and the line of those who wait for one. A thread that broke is replaced; idle threads are reused, the last used first.
 */
export class FunctionPool {
  private readonly idle: FunctionWorker[] = [];
  private readonly all = new Set<FunctionWorker>();
  private readonly waiting: (() => void)[] = [];
  private inlineDirectory: string | undefined;
  private closed = false;

  constructor(
    readonly config: FunctionConfig,
    private readonly surroundings: PoolSurroundings,
  ) {}

  /** How many invocations run or wait now. */
  get running(): number {
    return this.all.size - this.idle.length + this.waiting.length;
  }

  async invoke(invocation: Omit<WorkerInvocation, 'offset'>, log: (text: string) => void): Promise<WorkerOutcome> {
    const worker = await this.acquire();
    try {
      return await worker.invoke({ ...invocation, offset: this.surroundings.offset() }, log);
    } finally {
      this.release(worker);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.all].map((worker) => worker.terminate()));
    if (this.inlineDirectory !== undefined) rmSync(this.inlineDirectory, { recursive: true, force: true });
  }

  private async acquire(): Promise<FunctionWorker> {
    while (this.idle.length === 0 && this.all.size >= MAX_WORKERS) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    const warm = this.idle.pop();
    if (warm !== undefined && !warm.broken) return warm;
    if (warm !== undefined) this.all.delete(warm);
    const worker = this.startWorker();
    this.all.add(worker);
    return worker;
  }

  private release(worker: FunctionWorker): void {
    if (worker.broken) {
      this.all.delete(worker);
      void worker.terminate();
    } else {
      this.idle.push(worker);
    }
    this.waiting.shift()?.();
  }

  private startWorker(): FunctionWorker {
    if (this.closed) throw new Error('The local cloud is closed.');
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
