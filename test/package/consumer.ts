import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { type Finished, mustRun, run } from '../processes.js';

/** A project of a user, outside the repository, with the package installed from its tarball. */
export class Consumer {
  private constructor(readonly directory: string) {}

  /** Copies the project, installs what its package.json says and the tarball. */
  static async create(project: string, tarball: string): Promise<Consumer> {
    const directory = mkdtempSync(path.join(tmpdir(), `durable-steps-${project}-`));
    cpSync(path.join(__dirname, project), directory, { recursive: true });
    const consumer = new Consumer(directory);
    await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: directory });
    return consumer;
  }

  /** Runs a program of the project's `node_modules/.bin` that has to succeed. @returns its standard output */
  bin(name: string, ...args: readonly string[]): Promise<string> {
    return mustRun(this.program(name), args, { cwd: this.directory, env: plainEnvironment() });
  }

  /** Runs a program of the project's `node_modules/.bin`, whatever its exit status. */
  tryBin(name: string, ...args: readonly string[]): Promise<Finished> {
    return run(this.program(name), args, { cwd: this.directory, env: plainEnvironment() });
  }

  /**
   * Type-checks the project.
   *
   * @throws for every error that is not in the declarations of aws-cdk-lib itself, which is strict about less than its users may be
   */
  async typeCheck(...options: readonly string[]): Promise<void> {
    const { stdout } = await this.tryBin('tsc', '-p', '.', '--pretty', 'false', ...options);
    const errors = stdout
      .split(/\n(?! )/)
      .filter((one) => one.trim() !== '' && !/^node_modules\/aws-cdk-lib\//.test(one));
    if (errors.length > 0) throw new Error(errors.join('\n'));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private program(name: string): string {
    return path.join(this.directory, 'node_modules', '.bin', name);
  }
}

/** What npm sets for the repository's scripts would mislead the programs of another project. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE_ENV$|AWS_|CDK_)/.test(name));
  return { ...Object.fromEntries(own), NODE_NO_WARNINGS: '1' };
}
