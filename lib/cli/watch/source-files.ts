import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { RealClock } from '../../clock.js';

/** A save is often several events: they are one change when no more come for so long. Longer than the 50 ms in which chokidar tells of one change only. */
const QUIET_MS = 60;

/** What happened to a file. */
export type FileChange = 'add' | 'change' | 'unlink';

/**
 * The files of an app, watched. Folders of packages and of tools (`node_modules`, `.git`) and the output aren't, and a file that is written with the content
 * that it had is no change.
 */
export class SourceFiles {
  private readonly watcher: FSWatcher;
  private readonly clock = new RealClock();
  private readonly digests = new Map<string, string>();
  private readonly pending = new Map<string, FileChange>();
  private cancel: (() => void) | undefined;

  /**
   * @param onChange hears which files changed, came or went
   * @param onTrouble hears why files can't be watched, for example because the system allows no more watchers
   */
  constructor(
    directory: string,
    output: string,
    private readonly onChange: (files: ReadonlyMap<string, FileChange>) => void,
    onTrouble: (message: string) => void,
  ) {
    const ignored = (path: string): boolean => path !== directory && (path === output || isOfTools(basename(path)));
    this.watcher = watch(directory, { ignored, ignoreInitial: true, followSymlinks: false });
    this.watcher.on('all', (event, path) => {
      if (event === 'add' || event === 'change' || event === 'unlink') this.note(path, event);
    });
    this.watcher.on('error', (error) => onTrouble(error instanceof Error ? error.message : String(error)));
  }

  /** Resolves when every change from now on is seen. */
  ready(): Promise<void> {
    return new Promise((resolve) => this.watcher.once('ready', resolve));
  }

  /** Watches files outside the app's folder too, such as those of a workspace. */
  add(files: readonly string[]): void {
    if (files.length > 0) this.watcher.add([...files]);
  }

  async close(): Promise<void> {
    this.clock.close();
    await this.watcher.close();
  }

  private note(path: string, change: FileChange): void {
    // Editors and tools write beside a file, and then put that in its place.
    if (change === 'unlink' && this.pending.get(path) === 'add') this.pending.delete(path);
    else this.pending.set(path, change);
    this.cancel?.();
    this.cancel = this.clock.at(this.clock.now() + QUIET_MS, () => this.tell());
  }

  private tell(): void {
    const files = new Map([...this.pending].filter(([path]) => this.isNews(path)));
    this.pending.clear();
    if (files.size > 0) this.onChange(files);
  }

  private isNews(path: string): boolean {
    const digest = digestOf(path);
    if (this.digests.get(path) === digest) return false;
    this.digests.set(path, digest);
    return true;
  }
}

function isOfTools(name: string): boolean {
  return name === 'node_modules' || name.startsWith('.');
}

function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('base64');
  } catch {
    return 'gone';
  }
}
