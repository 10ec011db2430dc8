import { basename, sep } from 'node:path';
import { RealClock } from '../../clock.js';
import { DurableStepsError } from '../../errors.js';
import type { AppUpdate } from '../../local/cloud/app-update.js';
import type { LocalCloud } from '../../local/cloud/local-cloud.js';
import type { AppSource } from '../app-source.js';
import { HotFunctions } from './hot-functions.js';
import { type FileChange, SourceFiles } from './source-files.js';

/** Files that say how others are found and read. */
const PROJECT_FILE = /^(package(-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|tsconfig.*\.json)$/;

/** What a watch tells. */
export interface WatchListener {
  /** Functions have new code, `milliseconds` after it was seen. */
  onFunctions(paths: readonly string[], milliseconds: number): void;
  /** The app runs as it is written now. */
  onUpdate(update: AppUpdate, about: { readonly milliseconds: number; readonly isRepaired: boolean }): void;
  /** The app as it is written can't run: what ran goes on. */
  onFailure(message: string): void;
  /** Changes aren't seen any more. */
  onTrouble(message: string): void;
}

/** Why what is written can't run. */
interface Failure {
  readonly of: 'bundling' | 'app';
  readonly message: string;
}

/**
 * Keeps a local cloud at what is written: a change in a function's source is in use with its next call, and any change is synthesized behind it and swapped in.
 *
 * Invariants:
 * 1. one change of the cloud at a time: functions and app are never swapped at once;
 * 2. a synthesis that was overtaken by another change is not swapped in;
 * 3. what can't be bundled, synthesized or run changes nothing.
 */
export class AppWatch {
  private readonly files: SourceFiles;
  private readonly hot: HotFunctions;
  private readonly clock = new RealClock();
  /** The last change of the cloud that was asked for. */
  private turn: Promise<void> = Promise.resolve();
  private isStale = false;
  private isSynthesizing = false;
  private isClosed = false;
  /** Whether all that changed since the last synthesis is what files hold. */
  private mayReuse = true;
  private failure: Failure | undefined;

  /** @param synthesize writes the app's output anew */
  constructor(
    private readonly cloud: LocalCloud,
    private readonly source: AppSource,
    private readonly synthesize: (options: { readonly reuseBundles: boolean }) => Promise<void>,
    private readonly listener: WatchListener,
  ) {
    this.hot = new HotFunctions(cloud.functions, source.output);
    this.files = new SourceFiles(
      source.directory,
      source.output,
      (changed) => this.change(changed),
      (message) => listener.onTrouble(message),
    );
    this.watchSources();
  }

  /** Resolves when every change from now on is seen. */
  ready(): Promise<void> {
    return this.files.ready();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.files.close();
    await this.turn;
    this.clock.close();
  }

  private change(files: ReadonlyMap<string, FileChange>): void {
    const seen = this.clock.now();
    if ([...files].some(([file, change]) => change === 'add' || PROJECT_FILE.test(basename(file))))
      this.mayReuse = false;
    this.isStale = true;
    void this.exclusively('bundling', async () => {
      const paths = await this.hot.replace(files);
      if (this.failure?.of === 'bundling') this.failure = undefined;
      if (paths.length > 0) this.listener.onFunctions(paths, this.clock.now() - seen);
    });
    if (!this.isSynthesizing) void this.catchUp(seen);
  }

  private async catchUp(seen: number): Promise<void> {
    this.isSynthesizing = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        await this.synthesizeOnce(seen);
      }
    } finally {
      this.isSynthesizing = false;
    }
  }

  private async synthesizeOnce(seen: number): Promise<void> {
    try {
      await this.synthesize({ reuseBundles: this.mayReuse });
      if (!this.isStale) this.mayReuse = true;
    } catch (error) {
      if (!this.isStale) this.fail('app', error);
      return;
    }
    if (this.isStale || this.isClosed) return;
    await this.exclusively('app', async () => {
      const isRepaired = this.failure !== undefined;
      const update = await this.cloud.update(this.source.output);
      this.failure = undefined;
      this.hot.refresh();
      this.watchSources();
      this.listener.onUpdate(update, { milliseconds: this.clock.now() - seen, isRepaired });
    });
  }

  /** One after the other; who failed doesn't stop who comes next. */
  private exclusively(of: Failure['of'], change: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(change).catch((error: unknown) => this.fail(of, error));
    return this.turn;
  }

  /** What can't be bundled fails the synthesis that follows too: it is told once. */
  private fail(of: Failure['of'], error: unknown): void {
    if (this.isClosed || (of === 'app' && this.failure?.of === 'bundling')) return;
    const message = error instanceof DurableStepsError ? error.message : String(error);
    if (message !== this.failure?.message) this.listener.onFailure(message);
    this.failure = { of, message };
  }

  private watchSources(): void {
    const { directory } = this.source;
    const isOutside = (file: string): boolean => !file.startsWith(directory + sep);
    const isOfPackage = (file: string): boolean => file.split(sep).includes('node_modules');
    this.files.add([...this.hot.files()].filter((file) => isOutside(file) && !isOfPackage(file)));
  }
}
