import { type ChildProcess, spawn } from 'node:child_process';

/** How a process is run. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** When a program that runs to its end is taken for hung, and killed. @default 300 */
  readonly seconds?: number;
}

/** What a process left behind. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit status. */
export function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { cwd, env = process.env, seconds = 300 } = options;
    const child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    const limit = setTimeout(() => {
      stderr += `\n${program} did not end within ${seconds} s`;
      process.kill(-child.pid!, 'SIGKILL');
    }, seconds * 1000);
    child.on('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(limit);
      resolve({ status: status ?? 1, stdout, stderr });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that has to succeed. @returns its standard output @throws with its whole output, when it fails */
export async function mustRun(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** A server process that prints a line when it is ready. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    /** The line that said it was ready. */
    readonly readyLine: string,
  ) {}

  /** Starts a server and waits for a line that `isReady`. */
  static start(
    program: string,
    args: readonly string[],
    options: RunOptions & { readonly isReady: (line: string) => boolean },
  ): Promise<Server> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own: npm and shells don't pass a signal on to what they have started.
        detached: true,
      });
      let output = '';
      let rest = '';
      const read = (data: Buffer): void => {
        output += data.toString();
        rest += data.toString();
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        const line = lines.find(options.isReady);
        if (line !== undefined) resolve(new Server(child, line));
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('error', reject);
      child.on('close', (status) => reject(new Error(`${program} ${args.join(' ')} ended with ${status}\n${output}`)));
    });
  }

  /** Asks it to end, and waits until it has. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        resolve();
        return;
      }
      this.child.on('close', () => resolve());
      process.kill(-this.child.pid!, 'SIGTERM');
    });
  }
}
